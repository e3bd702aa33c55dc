import { loadText, type WorkflowDefinition } from "../../content/load.ts";
import {
  type Expression,
  expressionLimit,
  parseTemplateString,
} from "../../local/logic-apps/expression.ts";
import { loadWorkflow } from "../../local/logic-apps/load-workflow.ts";

/** An action as the definition writes it. */
export type RawAction = Record<string, unknown> & { readonly type: string };

interface DefinedAction {
  readonly name: string;
  readonly action: RawAction;
  /** The actions around it, outermost first. */
  readonly containers: readonly DefinedAction[];
}

type Call = Expression & { readonly kind: "call" };
type Rule = (definition: WorkflowDefinition) => string[];

/** Every action of a definition, those in containers included. */
export function actionsOf(definition: WorkflowDefinition): DefinedAction[] {
  const inside = (members: unknown, containers: readonly DefinedAction[]): DefinedAction[] =>
    Object.entries((members ?? {}) as Record<string, RawAction>).flatMap(([name, action]) => {
      const defined = { name, action, containers };
      const branches = [action, action["else"], action["default"]].concat(
        Object.values(action["cases"] ?? {}),
      ) as ({ actions?: unknown } | undefined)[];
      return [
        defined,
        ...branches.flatMap((branch) => inside(branch?.actions, [...containers, defined])),
      ];
    });
  return inside(definition.actions, []);
}

/** What an action itself says, without the actions in it. */
function ownParts({
  actions: _,
  else: _else,
  cases: _cases,
  default: _default,
  ...own
}: RawAction) {
  return own;
}

/** Every string in a value. */
function strings(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

const parsed = new Map<string, Expression>();

/** The rules read a definition again and again, of which a test changes one string. */
function parse(text: string): Expression {
  const known = parsed.get(text) ?? parseTemplateString(text);
  parsed.set(text, known);
  return known;
}

/** Every expression in a value. */
function expressions(value: unknown): Expression[] {
  return strings(value)
    .map(parse)
    .filter(({ kind }) => kind !== "literal");
}

/** Parts of an expression that stand in it directly. */
function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "call":
      return expression.args;
    case "member":
      return [expression.target, expression.key];
    case "interpolation":
      return expression.parts.filter((part) => typeof part !== "string");
  }
}

function callsIn(expression: Expression): Call[] {
  const own = expression.kind === "call" ? [expression] : [];
  return [...own, ...partsOf(expression).flatMap(callsIn)];
}

const isCall = (expression: Expression | undefined, ...names: string[]): expression is Call =>
  expression?.kind === "call" && names.includes(expression.name.toLowerCase());

/** The text of an expression that is nothing but text in quotes. */
const textOf = (expression: Expression | undefined) =>
  expression?.kind === "literal" && typeof expression.value === "string" ? expression.value : "";

/** The name in quotes that a call such as `body('Get_blob')` has. */
const nameIn = ({ args }: Call) => textOf(args[0]);

/** Functions that tell something about their arguments and hand on nothing of them. */
const tellingFunctions = [
  ...["length", "empty", "equals", "not", "and", "or", "contains", "startswith", "endswith"],
  ...["greater", "greaterorequals", "less", "lessorequals", "indexof", "lastindexof"],
];

/** What of a value is audit records. */
interface Holding {
  /** Of the value itself: the list of all the records of a blob, or one record or a part of one. */
  readonly records?: "all" | "one";
  /** Of an element, in a list. */
  readonly element?: Holding;
  /** Of each member, by its name in lower case, in an object. */
  readonly members?: Readonly<Record<string, Holding>>;
}

const nothing: Holding = {};
const oneRecord: Holding = { records: "one" };
const listOf = (element: Holding): Holding => (element === nothing ? nothing : { element });

/** What a value holds that is one of several. */
function oneOf(...holdings: readonly Holding[]): Holding {
  const [first = nothing, ...others] = new Set(holdings.filter((holding) => holding !== nothing));
  return others.reduce((one, other) => {
    const records = one.records === "all" ? "all" : (other.records ?? one.records);
    const members = { ...one.members };
    for (const [name, member] of Object.entries(other.members ?? {})) {
      members[name] = oneOf(members[name] ?? nothing, member);
    }
    return {
      ...(records && { records }),
      ...((one.element ?? other.element) && {
        element: oneOf(one.element ?? nothing, other.element ?? nothing),
      }),
      ...((one.members ?? other.members) && { members }),
    };
  }, first);
}

/** Whether there are records anywhere in a value. */
function holdsRecords({ records, element, members }: Holding): boolean {
  return (
    records !== undefined ||
    (element !== undefined && holdsRecords(element)) ||
    Object.values(members ?? {}).some(holdsRecords)
  );
}

/** Whether a value is, or has in it, a list of records, so that nothing limits its size. */
function holdsPayload({ records, element, members }: Holding): boolean {
  return (
    records === "all" ||
    (element !== undefined && holdsRecords(element)) ||
    Object.values(members ?? {}).some(holdsPayload)
  );
}

const partOf = ({ records }: Holding) => (records === undefined ? nothing : oneRecord);

const elementOf = (list: Holding) => oneOf(partOf(list), list.element ?? nothing);

/** What a member holds; of a name that is not known, all that it may be. */
function memberOf(value: Holding, key: Expression): Holding {
  if (key.kind !== "literal") {
    return oneOf(elementOf(value), ...Object.values(value.members ?? {}));
  }
  return typeof key.value === "string"
    ? oneOf(partOf(value), value.members?.[key.value.toLowerCase()] ?? nothing)
    : elementOf(value);
}

const isSame = (one: Expression | undefined, other: Expression | undefined) =>
  JSON.stringify(one) === JSON.stringify(other);

/** Characters of a code such as AF20022, which are too few for anything of a record. */
const codeCharacters = 7;

/** Whether a condition holds only for a text that is no longer than a code. */
function isCode(condition: Expression | undefined, text: Expression | undefined): boolean {
  const [length, most] = isCall(condition, "lessorequals") ? condition.args : [];
  return (
    isCall(length, "length") &&
    isSame(length.args[0], text) &&
    most?.kind === "literal" &&
    Number(most.value) <= codeCharacters
  );
}

/** Whether a value is made a list because it has a member of some name: it is one record then. */
const isBareRecord = (condition: Expression | undefined, list: Expression | undefined) =>
  isCall(condition, "contains") &&
  isCall(list, "createarray") &&
  isSame(condition.args[0], list.args[0]);

/** The name of the only actions that a condition on an item of `result()` lets through. */
function nameAskedFor(where: Expression): string {
  const [item, name] = isCall(where, "equals") ? where.args : [];
  return item?.kind === "member" && isCall(item.target, "item") && textOf(item.key) === "name"
    ? textOf(name)
    : "";
}

/** Where audit records get to, from action to action. */
class RecordFlow {
  private readonly actions: ReadonlyMap<string, DefinedAction>;
  private readonly known = new Map<string, Holding>();

  constructor(definition: WorkflowDefinition) {
    this.actions = new Map(actionsOf(definition).map((defined) => [defined.name, defined]));
  }

  /** What an action itself says, as the run history shows it. */
  inputs(name: string): Holding {
    return this.once(`inputs of ${name}`, () => {
      const defined = this.actions.get(name);
      return defined ? this.valueOf(ownParts(defined.action), this.itemIn(defined)) : nothing;
    });
  }

  outputs(name: string): Holding {
    return this.once(`outputs of ${name}`, () => {
      const defined = this.actions.get(name);
      return defined ? this.outputsOf(defined) : nothing;
    });
  }

  /** What an expression in an action holds. */
  holding(expression: Expression, { name }: DefinedAction): Holding {
    const defined = this.actions.get(name)!;
    return this.of(expression, this.itemIn(defined));
  }

  /** An action that refers to itself, by way of others or not, adds nothing by that. */
  private once(what: string, work: () => Holding): Holding {
    const known = this.known.get(what);
    if (known) {
      return known;
    }
    this.known.set(what, nothing);
    const found = work();
    this.known.set(what, found);
    return found;
  }

  /** What `item()` holds in an action. */
  private itemIn({ name, action, containers }: DefinedAction): Holding {
    if (["Query", "Select", "Join"].includes(action.type)) {
      return this.once(`from of ${name}`, () => {
        const from = (action["inputs"] as { from?: unknown } | undefined)?.from;
        return elementOf(this.valueOf(from, nothing));
      });
    }
    const loop = containers.findLast((container) => container.action.type === "Foreach");
    return loop ? this.itemsOf(loop.name) : nothing;
  }

  private itemsOf(loop: string): Holding {
    const defined = this.actions.get(loop);
    return this.once(`items of ${loop}`, () =>
      defined ? elementOf(this.valueOf(defined.action["foreach"], this.itemIn(defined))) : nothing,
    );
  }

  private outputsOf(defined: DefinedAction): Holding {
    const { action } = defined;
    const inputs = inputsOf(defined);
    const item = this.itemIn(defined);
    const body = (holding: Holding) => ({ members: { body: holding } });
    switch (action.type) {
      case "Http": {
        if (String(inputs["uri"]).includes("'contentUri'")) {
          return { members: { body: { records: "all" }, headers: oneRecord } };
        }
        // A service may answer with what it was sent.
        return holdsRecords(this.inputs(defined.name))
          ? { members: { body: oneRecord, headers: oneRecord } }
          : nothing;
      }
      case "Compose":
        return this.valueOf(action["inputs"], item);
      case "ParseJson":
        return body(this.valueOf(inputs["content"], item));
      case "Query": {
        const from = parse(String(inputs["from"]));
        const named = nameAskedFor(parse(String(inputs["where"])));
        return isCall(from, "result") && named !== ""
          ? body(listOf(this.resultOf(nameIn(from), named)))
          : body(listOf(item));
      }
      case "Join":
        return body(holdsRecords(item) ? { records: "all" } : nothing);
      case "Select":
        return body(listOf(this.valueOf(inputs["select"], item)));
      default:
        return nothing;
    }
  }

  /** What an entry of `result()` holds, of one action in the container or of any. */
  private resultOf(container: string, named?: string): Holding {
    const entries = [...this.actions.values()]
      .filter(({ containers }) => containers.at(-1)?.name === container)
      .filter(({ name }) => named === undefined || name === named)
      .map(({ name }) => this.entryOf(name));
    const entry = oneOf(...entries);
    // Of a loop, the entries of all iterations may be the outputs of one.
    return oneOf(entry, entry === nothing ? nothing : { members: { outputs: listOf(entry) } });
  }

  /** What `actions()` and `result()` tell of an action; its status, its code and its times are no records. */
  private entryOf(name: string): Holding {
    const [inputs, outputs] = [this.inputs(name), this.outputs(name)];
    return holdsRecords(inputs) || holdsRecords(outputs)
      ? { members: { inputs: inputs.members?.["inputs"] ?? nothing, outputs, error: oneRecord } }
      : nothing;
  }

  /** What a value of a definition holds; `item` is what `item()` stands for in it. */
  private valueOf(value: unknown, item: Holding): Holding {
    if (typeof value === "string") {
      return this.of(parse(value), item);
    }
    if (Array.isArray(value)) {
      return listOf(oneOf(...value.map((element) => this.valueOf(element, item))));
    }
    if (typeof value !== "object" || value === null) {
      return nothing;
    }
    const members = Object.entries(value)
      .map(([name, member]) => [name.toLowerCase(), this.valueOf(member, item)] as const)
      .filter(([, member]) => member !== nothing);
    return members.length === 0 ? nothing : { members: Object.fromEntries(members) };
  }

  private of(expression: Expression, item: Holding): Holding {
    const of = (part: Expression | undefined) => (part ? this.of(part, item) : nothing);
    const merged = (parts: readonly Expression[]): Holding => {
      const holdings = parts.map(of);
      const records = holdings.some(holdsPayload) ? "all" : "one";
      return holdings.some(holdsRecords) ? { records } : nothing;
    };
    if (expression.kind === "member") {
      return memberOf(of(expression.target), expression.key);
    }
    if (expression.kind !== "call") {
      return merged(partsOf(expression));
    }
    const called = expression.name.toLowerCase();
    const { args } = expression;
    if (tellingFunctions.includes(called)) {
      return nothing;
    }
    switch (called) {
      case "if": {
        const [condition, then, otherwise] = args;
        if (isCode(condition, then)) {
          return of(otherwise);
        }
        return oneOf(
          isBareRecord(condition, then) ? listOf(elementOf(elementOf(of(then)))) : of(then),
          of(otherwise),
        );
      }
      case "coalesce":
      case "union":
        return oneOf(...args.map(of));
      case "first":
      case "last":
        return elementOf(of(args[0]));
      case "skip":
      case "take":
        return of(args[0]);
      case "chunk":
        return listOf(of(args[0]));
      case "createarray":
        return listOf(oneOf(...args.map(of)));
      case "addproperty":
      case "setproperty": {
        const [object, name, value] = [of(args[0]), textOf(args[1]), of(args[2])];
        if (value === nothing) {
          return object;
        }
        return name === ""
          ? merged(args)
          : oneOf(object, { members: { [name.toLowerCase()]: value } });
      }
      case "actions":
        return this.entryOf(nameIn(expression));
      case "body":
        return this.bodyOf(nameIn(expression));
      case "outputs":
        return this.outputs(nameIn(expression));
      case "result":
        return listOf(this.resultOf(nameIn(expression)));
      case "item":
        return item;
      case "items":
        return this.itemsOf(nameIn(expression));
      default:
        return merged(args);
    }
  }

  /** Of a Compose, the body is what it composes. */
  private bodyOf(name: string): Holding {
    const outputs = this.outputs(name);
    return this.actions.get(name)?.action.type === "Compose"
      ? outputs
      : (outputs.members?.["body"] ?? nothing);
  }
}

const securedParts = ({ action }: DefinedAction) => {
  const { secureData } = (action["runtimeConfiguration"] ?? {}) as {
    secureData?: { properties?: string[] };
  };
  return secureData?.properties ?? [];
};

/** What the service lets secure; https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate */
const securable: Readonly<Record<string, readonly string[]>> = {
  Http: ["inputs", "outputs"],
  Query: ["inputs", "outputs"],
  Select: ["inputs", "outputs"],
  Join: ["inputs", "outputs"],
  // Their outputs are hidden together with their inputs.
  Compose: ["inputs"],
  ParseJson: ["inputs"],
};

/** What has to be secured by name, whatever else the rules find. */
const securedByName: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^Get_client_secret$/, ["outputs"]],
  [/^(List_content|Start_subscription)$/, ["inputs", "outputs"]],
  [/^(Get_(lone_)?blob(_\d+)?|Make_rows(_of_group)?)$/, ["inputs", "outputs"]],
  [/^(Store_original|Send_\w+|Set_aside_\w+)$/, ["inputs", "outputs"]],
  [/^(Letters_of_group|Keep_records(_of_group)?)$/, ["inputs"]],
];

/** Descriptors of blobs, as the feed lists them. */
const descriptors = ["New_blobs", "Lone_blobs"];

/** Whether a Foreach goes over descriptors, some of them or groups of them, or over indices. */
function isDescriptorsOrIndices(source: Expression, loops: readonly DefinedAction[]): boolean {
  if (source.kind !== "call") {
    return false;
  }
  const goesOn = (part: Expression) => isDescriptorsOrIndices(part, loops);
  const loop = loops.find(({ name }) => name === nameIn(source));
  switch (source.name.toLowerCase()) {
    case "body":
      return descriptors.includes(nameIn(source));
    case "range":
      return true;
    case "items":
      return goesOn(parse(String(loop?.action["foreach"])));
    case "take":
    case "skip":
    case "chunk":
      return source.args.slice(0, 1).every(goesOn);
    case "if":
      return source.args.slice(1).every(goesOn);
    default:
      return isCall(source, "json") && nameIn(source) === "[]";
  }
}

/** Built-in actions, which need no connection; https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers */
const builtInTypes = [
  ...["Compose", "Foreach", "Http", "If", "InitializeVariable", "Join", "ParseJson", "Query"],
  ...["Scope", "Select", "SetVariable", "Switch", "Terminate", "Until", "Wait"],
];

/** What `result()` gives for the call of a blob in a small group, in either of its shapes. */
const resultOfBlob =
  "if(empty(coalesce(first(body('Fetched_blobs'))?['status'], '')), coalesce(first(body('Fetched_blobs'))?['outputs'], json('[]')), body('Fetched_blobs'))?[item()]";

/** The queries that actions ask, below `content/`. */
const shippedQueries: Readonly<Record<string, string>> = {
  Find_shortfalls: "queries/shortfall.kql",
  Ask_for_slice: "queries/told.kql",
};

const changesVariable = [
  ...["SetVariable", "AppendToArrayVariable", "AppendToStringVariable"],
  ...["IncrementVariable", "DecrementVariable"],
];

/** Functions that make one text of their arguments; such a text may end at 131,072 characters. */
const textFunctions = [
  ...["string", "concat", "base64", "base64tobinary", "binary", "datauri", "uricomponent"],
  ...["encodeuricomponent", "join", "replace", "split", "substring", "trim", "tolower", "toupper"],
  "xml",
];

/** What an action makes a text of. */
const textsIn = (action: RawAction) =>
  expressions(ownParts(action)).flatMap((expression) => [
    ...(expression.kind === "interpolation"
      ? [{ called: "@{…}", parts: partsOf(expression) }]
      : []),
    ...callsIn(expression)
      .filter((call) => isCall(call, ...textFunctions))
      .map((call) => ({ called: `${call.name}()`, parts: call.args })),
  ]);

const foreign: readonly (readonly [what: string, RegExp])[] = [
  ["a GUID", /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i],
  ["an address", /[a-z]+:\/\//i],
  ["a host name", /\b[\w-]+\.(?:com|net|org|us|mil|io|ms)\b/i],
  ["a mail address", /\w@[\w-]+\.\w/],
  ["a resource id", /\/(?:subscriptions\/[^/]+\/resourceGroups|resourceGroups|providers)\//i],
  ["a token or key", /Bearer |\beyJ[\w-]{10}|\bsig=|AccountKey=|[A-Za-z0-9+/_~-]{40}/],
];

/** The limits of a Consumption workflow; https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config */
const limits = {
  actions: 500,
  depth: 8,
  nameCharacters: 80,
  descriptionCharacters: 256,
  parameters: 50,
  definitionBytes: 1_000_000,
} as const;

const within = (what: string, got: number, most: number) =>
  got > most ? [`${what} must be at most ${most}, got ${got}`] : [];

const unless = (holds: boolean, problem: string) => (holds ? [] : [problem]);

/** A rule about each action of one type. */
const each =
  (type: string | undefined, check: (defined: DefinedAction) => string[]): Rule =>
  (definition) =>
    actionsOf(definition)
      .filter(({ action }) => type === undefined || action.type === type)
      .flatMap(check);

const inputsOf = ({ action }: DefinedAction) => (action["inputs"] ?? {}) as Record<string, unknown>;

/**
 * What holds for every workflow definition that ships, beyond what its run shows. Each rule gives one
 * sentence for each problem.
 */
export const playbookRules = {
  "loads as it is": (definition) => {
    try {
      loadWorkflow(definition);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  },

  "has built-in actions alone": each(undefined, ({ name, action: { type } }) =>
    builtInTypes.includes(type) ? [] : [`${name} must be a built-in action, got ${type}`],
  ),

  "holds no id, host name or secret": ({ $schema: _, ...definition }) => [
    ...strings(definition).flatMap((text) =>
      foreign
        .filter(([, pattern]) => pattern.test(text))
        .map(([what]) => `definition must not hold ${what}, got ${text}`),
    ),
    ...Object.entries(
      definition.parameters as Record<string, { type?: unknown; defaultValue?: unknown }>,
    )
      .filter(([, { type, defaultValue }]) => type === "String" && defaultValue !== undefined)
      .map(([name]) => `${name} must have no default`),
  ],

  "takes each secret from the vault, straight into a sign-in": (definition) =>
    actionsOf(definition).flatMap((defined) => {
      const { name, action } = defined;
      const { authentication = {}, ...inputs } = inputsOf(defined);
      const { secret, ...signIn } = authentication as Record<string, unknown>;
      const problems: string[] = [];
      if (secret !== undefined && secret !== "@body('Get_client_secret')?['value']") {
        problems.push(`${name} must take its secret from Get_client_secret`);
      }
      const elsewhere = { ...ownParts(action), inputs, signIn };
      const reads = strings(elsewhere).flatMap((text) =>
        Array.from(
          text.matchAll(/(?:body|outputs)\('Get_client_secret'\)((?:\??\['\w+'\])*)/g),
          ([, members = ""]) => members.replaceAll("?", ""),
        ),
      );
      for (const members of reads) {
        if (members !== "['statusCode']" && members !== "['body']['attributes']['exp']") {
          problems.push(`${name} must not read the secret, got Get_client_secret${members}`);
        }
      }
      return problems;
    }),

  "uses the parameters that it declares": ({ parameters, ...definition }) => {
    const used = new Set(
      expressions(definition)
        .flatMap(callsIn)
        .filter((call) => isCall(call, "parameters"))
        .map(nameIn),
    );
    return Object.keys(parameters)
      .filter((name) => !used.has(name))
      .map((name) => `${name} must be used`);
  },

  "loops over descriptors and indices, never over records": (definition) => {
    const flow = new RecordFlow(definition);
    return each("Foreach", (defined) => {
      const source = String(defined.action["foreach"]);
      const expression = parse(source);
      return isDescriptorsOrIndices(expression, actionsOf(definition)) &&
        !holdsRecords(flow.holding(expression, defined))
        ? []
        : [`${defined.name} must go over descriptors or indices, got ${source}`];
    })(definition);
  },

  "has no variable but Progress": each("InitializeVariable", (defined) =>
    (inputsOf(defined)["variables"] as { name: string }[])
      .filter(({ name }) => name !== "Progress")
      .map(({ name }) => `${defined.name} must make no variable but Progress, got ${name}`),
  ),

  "keeps records out of variables": (definition) => {
    const flow = new RecordFlow(definition);
    return each(undefined, (defined) => {
      const { name, action } = defined;
      if (action.type !== "InitializeVariable" && !changesVariable.includes(action.type)) {
        return [];
      }
      const mentioned = expressions(action["inputs"])
        .flatMap(callsIn)
        .filter((call) => isCall(call, "actions", "body", "outputs"))
        .map(nameIn)
        .filter((mention) => holdsRecords(flow.outputs(mention)));
      return [
        ...Array.from(new Set(mentioned), (mention) => `${name} must not mention ${mention}`),
        ...(holdsRecords(flow.inputs(name)) ? [`${name} must not hold records`] : []),
      ];
    })(definition);
  },

  "changes no variable inside a Foreach": each(undefined, ({ name, action, containers }) => {
    const loop = containers.find((container) => container.action.type === "Foreach");
    return loop && changesVariable.includes(action.type)
      ? [`${name} must not change a variable inside ${loop.name}`]
      : [];
  }),

  "says how each call is tried again, and takes no 202 for an invitation to ask": each(
    "Http",
    (defined) => [
      ...("retryPolicy" in inputsOf(defined) ? [] : [`${defined.name} must have a retryPolicy`]),
      ...(String(defined.action["operationOptions"]).split(/, */).includes("DisableAsyncPattern")
        ? []
        : [`${defined.name} must have DisableAsyncPattern`]),
    ],
  ),

  "calls hosts from parameters alone": each("Http", (defined) => {
    const uri = inputsOf(defined)["uri"] as string;
    const expression = parse(uri);
    const [root, next] = isCall(expression, "concat") ? expression.args : [expression];
    // What follows must not go on in the host.
    const ends = next === undefined || /^[/?]/.test(textOf(next));
    return isCall(root, "parameters") && ends
      ? []
      : [`${defined.name} must take its host from a parameter, got ${uri}`];
  }),

  "sends PublisherIdentifier with every call to the feed": each("Http", (defined) => {
    const uri = inputsOf(defined)["uri"] as string;
    const identifies = /'[^']*\bPublisherIdentifier=', parameters\('publisherId'\)/.test(uri);
    return uri.includes("parameters('feedUri')") && !identifies
      ? [`${defined.name} must send PublisherIdentifier`]
      : [];
  }),

  "secures what carries tokens, secrets or records": (definition) => {
    const flow = new RecordFlow(definition);
    return each(undefined, (defined) => {
      const { name, action } = defined;
      const can = securable[action.type] ?? [];
      const needed = new Set(
        can.length > 0
          ? securedByName.filter(([pattern]) => pattern.test(name)).flatMap(([, parts]) => parts)
          : [],
      );
      const { authentication } = inputsOf(defined) as { authentication?: { secret?: unknown } };
      if (
        authentication?.secret !== undefined ||
        holdsRecords(flow.inputs(name)) ||
        textsIn(action).some(({ parts }) =>
          parts.some((part) => holdsRecords(flow.holding(part, defined))),
        )
      ) {
        needed.add("inputs");
      }
      if (holdsRecords(flow.outputs(name)) && can.includes("outputs")) {
        needed.add("outputs");
      }
      const secured = securedParts(defined);
      return [...needed]
        .filter((part) => !secured.includes(part))
        .map((part) =>
          can.includes(part)
            ? `${name} must secure its ${part}`
            : `${name} must not touch records: its ${part} cannot be secured`,
        );
    })(definition);
  },

  "makes no text of a whole payload": (definition) => {
    const flow = new RecordFlow(definition);
    return each(undefined, (defined) =>
      textsIn(defined.action)
        .filter(({ parts }) => parts.some((part) => holdsPayload(flow.holding(part, defined))))
        .map(({ called }) => `${defined.name} must not pass a whole payload through ${called}`),
    )(definition);
  },

  "fetches each blob in the same way": (definition) => {
    const actions = actionsOf(definition);
    const find = (name: string) => actions.find((defined) => defined.name === name);
    /** A text without what differs from one blob to the next. */
    const alike = (value: unknown, blob: string, call: string) =>
      JSON.stringify(value)?.replaceAll(blob, "the blob").replaceAll(`'${call}'`, "the call");
    const callOf = (name: string, blob: string) =>
      alike({ ...find(name)?.action, description: undefined }, blob, name);

    const one = callOf("Get_blob", "items('For_each_blob')");
    const small = find("Blobs_of_small_group")?.action["inputs"] as
      { select?: unknown } | undefined;
    const outcome = alike(small?.select, "items('For_each_group')[item()]", "Get_blob")
      ?.replaceAll(`${resultOfBlob}?['outputs']?['body']`, "body(the call)")
      .replaceAll(`${resultOfBlob}?['outputs']`, "outputs(the call)")
      .replaceAll(`${resultOfBlob}?['status']`, "actions(the call)?['status']");
    const group = String(find("For_each_group")?.action["foreach"]);
    const size = Number(/^@chunk\(.*, (\d+)\)$/.exec(group)?.[1] ?? 0);
    const asked = String(find("If_group_is_full")?.action["expression"]);
    const entries = (find("Blobs_of_full_group")?.action["inputs"] ?? []) as unknown[];
    const calls = actions.map(({ name }) => name).filter((name) => /^Get_blob_\d+$/.test(name));
    return [
      ...unless(
        size === 0 || asked === `@equals(length(items('For_each_group')), ${size})`,
        `If_group_is_full must ask for ${size} blobs, got ${asked}`,
      ),
      ...unless(
        calls.length === size && entries.length === size,
        `a full group must have ${size} calls and entries, got ${calls.length} and ${entries.length}`,
      ),
      ...unless(
        callOf("Get_lone_blob", "items('For_each_lone_blob')") === one,
        "Get_lone_blob must be Get_blob but for its blob",
      ),
      ...Array.from({ length: size }, (_, index) => {
        const name = `Get_blob_${String(index + 1).padStart(2, "0")}`;
        const blob = `items('For_each_group')[${index}]`;
        return [
          ...unless(callOf(name, blob) === one, `${name} must be Get_blob but for its blob`),
          ...unless(
            alike(entries[index], blob, name) === outcome,
            `entry ${index} of Blobs_of_full_group must be that of a small group but for its blob`,
          ),
        ];
      }).flat(),
    ];
  },

  "asks with the queries that ship": each("Http", (defined) => {
    const file = shippedQueries[defined.name];
    if (file === undefined) {
      return [];
    }
    const { query } = inputsOf(defined)["body"] as { query?: unknown };
    const shipped = loadText(file).replaceAll("'", "''");
    const head = "@concat('let Collector_ = ''', parameters('collector'), ''';\n";
    return unless(
      String(query).startsWith(head) && String(query).endsWith(`, '${shipped}')`),
      `${defined.name} must ask with content/${file}`,
    );
  }),

  "stays within the service's limits": (definition) => {
    const actions = actionsOf(definition);
    const { triggers } = definition as unknown as { triggers: Record<string, RawAction> };
    return [
      ...within("number of actions", actions.length, limits.actions),
      ...within(
        "number of parameters",
        Object.keys(definition.parameters).length,
        limits.parameters,
      ),
      ...within("bytes", Buffer.byteLength(JSON.stringify(definition)), limits.definitionBytes),
      ...Object.keys(triggers).flatMap((name) =>
        within(`characters of the name ${name}`, name.length, limits.nameCharacters),
      ),
      ...actions.flatMap(({ name, action, containers }) => [
        ...within(`depth of ${name}`, containers.length + 1, limits.depth),
        ...within(`characters of the name ${name}`, name.length, limits.nameCharacters),
        ...within(
          `characters of the description of ${name}`,
          ((action["description"] ?? "") as string).length,
          limits.descriptionCharacters,
        ),
        ...strings(ownParts(action)).flatMap((text) =>
          text.startsWith("@") ? within(`characters in ${name}`, text.length, expressionLimit) : [],
        ),
      ]),
    ];
  },
} as const satisfies Readonly<Record<string, Rule>>;
