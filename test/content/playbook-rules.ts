import type { WorkflowDefinition } from "../../content/load.ts";
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

/** Every expression in a value. */
function expressions(value: unknown): Expression[] {
  return strings(value)
    .map(parseTemplateString)
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

/** Members of an action's result that hold nothing of its content. */
const tellingMembers = ["status", "statusCode", "code", "startTime", "endTime"];

/** The calls that answer audit records; every other action has them from these. */
const recordSources = ["Get_blob"];

/** Where audit records get to, from action to action. */
class RecordFlow {
  private readonly actions: ReadonlyMap<string, DefinedAction>;

  constructor(definition: WorkflowDefinition) {
    this.actions = new Map(actionsOf(definition).map((defined) => [defined.name, defined]));
  }

  /** Whether the value of some expression holds audit records or parts of them. */
  holds(value: unknown, { containers }: DefinedAction): boolean {
    const loop = containers.findLast(({ action }) => action.type === "Foreach");
    const items = () => loop !== undefined && this.holds(loop.action["foreach"], loop);
    return expressions(value).some((expression) => this.carries(expression, items));
  }

  /** Whether the outputs of an action hold audit records. */
  inOutputs(name: string): boolean {
    const { action } = this.actions.get(name) ?? {};
    const { inputs } = (action ?? {}) as { inputs?: Record<string, unknown> };
    const holds = (value: unknown) => this.holds(value, this.actions.get(name)!);
    switch (action?.type) {
      case "Http":
        return recordSources.includes(name);
      case "Compose":
      case "ParseJson":
        return holds(inputs);
      case "Query":
      case "Join":
        return holds(inputs?.["from"]);
      case "Select":
        return expressions(inputs?.["select"]).some((expression) =>
          this.carries(expression, () => holds(inputs?.["from"])),
        );
      default:
        return false;
    }
  }

  /** `items` tells whether what `item()` stands for holds records. */
  private carries(expression: Expression, items: () => boolean): boolean {
    const carries = (part: Expression) => this.carries(part, items);
    if (expression.kind === "member") {
      const { target, key } = expression;
      const tells = isCall(target, "outputs", "actions") && tellingMembers.includes(textOf(key));
      return !tells && carries(target);
    }
    if (expression.kind !== "call") {
      return partsOf(expression).some(carries);
    }
    const called = expression.name.toLowerCase();
    const referred = nameIn(expression);
    if (tellingFunctions.includes(called)) {
      return false;
    }
    switch (called) {
      case "if":
        return expression.args.slice(1).some(carries);
      case "body":
      case "outputs":
      case "actions":
        return this.inOutputs(referred);
      case "result":
        return [...this.actions.values()].some(
          (member) =>
            member.containers.at(-1)?.name === referred &&
            (this.inOutputs(member.name) || this.holds(ownParts(member.action), member)),
        );
      case "items": {
        const loop = this.actions.get(referred)!;
        return this.holds(loop.action["foreach"], loop);
      }
      case "item":
        return items();
      default:
        return expression.args.some(carries);
    }
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
  [/^(List_content|Start_subscription)$/, ["inputs"]],
  [/^(Get_blob|Keep_records|Make_rows|Store_original|Send_\w+)$/, ["inputs", "outputs"]],
  [/^(Measure_rows|Weigh_\w+)$/, ["inputs"]],
];

/** What a Foreach may go over, none of which is a record. */
const loopsOver: readonly (readonly [RegExp, reason: string])[] = [
  [/^@body\('New_blobs'\)$/, "descriptors of blobs, as the feed lists them"],
  [/^@body\('Cut_calls'\)$/, "how many rows a call skips and takes"],
  [/^@range\(/, "indices"],
];

/** Built-in actions, which need no connection; https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers */
const builtInTypes = [
  ...["Compose", "Foreach", "Http", "If", "InitializeVariable", "Join", "ParseJson", "Query"],
  ...["Scope", "Select", "SetVariable", "Switch", "Terminate", "Until", "Wait"],
];

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

const payloads = ["Get_blob", "Keep_records", "Make_rows"];

/** Whether a value is, or has in it, a payload as a whole, not one record of it. */
function isWholePayload(expression: Expression): boolean {
  if (isCall(expression, "body", "outputs")) {
    return payloads.includes(nameIn(expression));
  }
  if (expression.kind === "member") {
    return textOf(expression.key) === "body" && isWholePayload(expression.target);
  }
  return (
    !(isCall(expression, "first", "last") || isCall(expression, ...tellingFunctions)) &&
    partsOf(expression).some(isWholePayload)
  );
}

/** Parameters that no action uses yet, each with its reason. */
const reservedParameters: Readonly<Record<string, string>> = {
  setAsideUri: "where content that cannot be collected is set aside",
  queryEndpoint: "where a run asks what is missing in the table",
  queryAudience: "for that question",
  recurrenceMinutes: "how long after the last run a run was missed",
};

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
      .filter((name) => !used.has(name) && !(name in reservedParameters))
      .map((name) => `${name} must be used`);
  },

  "loops over descriptors and indices, never over records": (definition) => {
    const flow = new RecordFlow(definition);
    return each("Foreach", (defined) => {
      const source = String(defined.action["foreach"]);
      return loopsOver.some(([pattern]) => pattern.test(source)) && !flow.holds(source, defined)
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
      const mentioned = payloads.filter((payload) =>
        expressions(action["inputs"])
          .flatMap(callsIn)
          .some((call) => nameIn(call) === payload),
      );
      return [
        ...mentioned.map((payload) => `${name} must not mention ${payload}`),
        ...(flow.holds(action["inputs"], defined) ? [`${name} must not hold records`] : []),
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
    const expression = parseTemplateString(uri);
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
      if (authentication?.secret !== undefined || flow.holds(ownParts(action), defined)) {
        needed.add("inputs");
      }
      if (flow.inOutputs(name) && can.includes("outputs")) {
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

  "makes no text of a whole payload": each(undefined, ({ name, action }) =>
    expressions(ownParts(action))
      .flatMap((expression) => [
        ...(expression.kind === "interpolation"
          ? [{ called: "@{…}", parts: partsOf(expression) }]
          : []),
        ...callsIn(expression)
          .filter((call) => isCall(call, ...textFunctions))
          .map((call) => ({ called: `${call.name}()`, parts: call.args })),
      ])
      .filter(({ parts }) => parts.some(isWholePayload))
      .map(({ called }) => `${name} must not pass a whole payload through ${called}`),
  ),

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
