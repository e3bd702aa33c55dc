import { isJsonArray, type Json, type JsonObject } from "../json.ts";
import { actionTypes, foreignActionTypes } from "./action-types.ts";
import { loadCondition } from "./condition.ts";
import type { Template } from "./compile-expression.ts";
import {
  invalid,
  readChoice,
  readCount,
  readDuration,
  readLiteral,
  readMembers,
  readObject,
  readOptions,
  readText,
  shown,
  unsupported,
} from "./definition-reader.ts";
import { type DateOperation, dateOperations } from "./date-operation.ts";
import { checkJsonSchema } from "./json-schema.ts";
import { limits } from "./limits.ts";
import { loadHttp } from "./load-http.ts";
import {
  checkDescription,
  checkName,
  type ExpressionUse,
  type Loading,
  loadSecureData,
} from "./loading.ts";
import { variableTypes } from "./variable-type.ts";
import {
  type Action,
  type ActionBase,
  type ActionStatus,
  containersOf,
  isLoop,
  type Trigger,
} from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/** Loads the actions of one container, and what they contain. */
export function loadActions(
  definitions: JsonObject,
  path: string,
  loading: Loading,
  trigger: Trigger | undefined,
  parent?: Action,
): readonly Action[] {
  const siblings: Action[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    siblings.push(
      new ActionLoader(name, `${path}.${name}`, loading, trigger).load(
        definition,
        parent,
        siblings,
      ),
    );
  }
  checkRunAfter(siblings);
  return siblings;
}

class ActionLoader {
  private base!: Action;
  private members!: JsonObject;

  constructor(
    private readonly name: string,
    private readonly path: string,
    private readonly loading: Loading,
    private readonly trigger: Trigger | undefined,
  ) {}

  load(definition: Json | undefined, parent: Action | undefined, siblings: Action[]): Action {
    checkName(this.name, this.path);
    const twin = [...this.loading.actions.keys()].find(
      (other) => other.toLowerCase() === this.name.toLowerCase(),
    );
    if (twin !== undefined) {
      invalid(this.path, `must have a name of its own, got that of another action: '${twin}'`);
    }
    const depth = containersOf(parent).length + 1;
    if (depth > limits.nesting.most) {
      invalid(this.path, `must be nested at most ${limits.nesting.most} deep, got ${depth}`);
    }
    this.members = readObject(definition, this.path);
    const type = this.type();
    readMembers(
      this.members,
      this.path,
      [
        "type",
        "runAfter",
        "description",
        "metadata",
        "runtimeConfiguration",
        ...actionTypes[type].members,
      ],
      ["limit", "trackedProperties"],
    );
    checkDescription(this.members.description, this.path);
    const secured = this.secureData(type);
    const base: ActionBase = {
      name: this.name,
      path: this.path,
      runAfter: this.runAfter(),
      parent,
      siblings,
      secureInputs: secured.has("inputs"),
      secureOutputs: secured.has("outputs"),
      usesSecuredOutputs: false,
      resultWanted: false,
      trackedProperties: undefined,
    };
    // The object is filled in place: its expressions and members refer to it.
    this.base = { ...base, type } as Action;
    this.loading.actions.set(this.name, this.base);
    Object.assign(this.base, this.own(type));
    if (this.members.trackedProperties !== undefined) {
      Object.assign(this.base, { trackedProperties: this.trackedProperties(secured) });
    }
    return this.base;
  }

  private type(): Action["type"] {
    const type = readText(this.members.type, `${this.path}.type`);
    if (Object.hasOwn(foreignActionTypes, type)) {
      unsupported(
        `${this.path}.type`,
        `is not supported by the local engine: '${type}' (${foreignActionTypes[type]!})`,
      );
    }
    return Object.hasOwn(actionTypes, type)
      ? (type as Action["type"])
      : invalid(`${this.path}.type`, `is not a known action type: '${type}'`);
  }

  private secureData(type: Action["type"]): ReadonlySet<string> {
    const path = `${this.path}.runtimeConfiguration`;
    const members = readMembers(
      this.members.runtimeConfiguration ?? {},
      path,
      type === "Foreach" ? ["secureData", "concurrency"] : ["secureData"],
      ["contentTransfer", "paginationPolicy", "staticResult"],
    );
    return loadSecureData(
      members.secureData,
      `${path}.secureData`,
      actionTypes[type].secures,
      `an action of type ${type}`,
    );
  }

  private runAfter(): ReadonlyMap<string, readonly ActionStatus[]> {
    const path = `${this.path}.runAfter`;
    const members = readObject(this.members.runAfter ?? {}, path);
    return new Map(
      Object.entries(members).map(([name, statuses]) => {
        const at = `${path}.${name}`;
        if (!isJsonArray(statuses) || statuses.length === 0) {
          return invalid(at, `must be an array of statuses, got ${shown(statuses)}`);
        }
        return [
          name,
          statuses.map((status, index) =>
            readChoice<ActionStatus>(status, `${at}[${index}]`, [
              "Succeeded",
              "Failed",
              "Skipped",
              "TimedOut",
            ]),
          ),
        ];
      }),
    );
  }

  private trackedProperties(secured: ReadonlySet<string>): Template {
    const path = `${this.path}.trackedProperties`;
    const value = readObject(this.members.trackedProperties, path);
    if (secured.size > 0) {
      invalid(path, "must not be used on an action with secured data");
    }
    return this.compile(value, "trackedProperties", "tracked");
  }

  private own(type: Action["type"]): object {
    switch (type) {
      case "Http":
        return loadHttp(this.members, this.path, (value, member) => this.compile(value, member));
      case "Compose":
        return { inputs: this.compile(this.required("inputs"), "inputs") };
      case "ParseJson": {
        const { content, schema } = this.inputs(["content", "schema"]);
        const at = `${this.path}.inputs.schema`;
        checkJsonSchema(readObject(schema, at), at);
        return { content: this.compileInput(content, "content"), schema };
      }
      case "Select": {
        const { from, select } = this.inputs(["from", "select"]);
        return {
          from: this.compileInput(from, "from"),
          select: this.compileInput(select, "select", "item"),
        };
      }
      case "Query": {
        const { from, where } = this.inputs(["from", "where"]);
        readText(where, `${this.path}.inputs.where`);
        return {
          from: this.compileInput(from, "from"),
          where: this.compileInput(where, "where", "item"),
        };
      }
      case "Join": {
        const { from, joinWith } = this.inputs(["from", "joinWith"]);
        return {
          from: this.compileInput(from, "from"),
          joinWith: this.compileInput(joinWith, "joinWith"),
        };
      }
      case "Table":
        return this.table();
      case "Expression":
        return this.dateOperation();
      case "If":
        return this.branch();
      case "Switch":
        return this.switch();
      case "Scope":
        return { actions: this.contained(this.required("actions"), "actions") };
      case "Foreach":
        return this.foreach();
      case "Until":
        return this.until();
      case "Wait":
        return this.wait();
      case "Terminate":
        return this.terminate();
      case "Response":
        return this.response();
      case "InitializeVariable":
        return this.initializeVariable();
      default:
        return this.updateVariable();
    }
  }

  private table() {
    const { format, from, columns } = this.inputs(["format", "from", "columns"]);
    const at = `${this.path}.inputs.columns`;
    if (columns !== undefined && !isJsonArray(columns)) {
      invalid(at, `must be an array, got ${shown(columns)}`);
    }
    const headers = new Set<Json>();
    return {
      format: readChoice(format, `${this.path}.inputs.format`, ["CSV", "HTML"]),
      from: this.compileInput(from, "from"),
      columns: columns?.map((column, index) => {
        const { header, value } = readMembers(column, `${at}[${index}]`, ["header", "value"]);
        if (headers.has(header ?? null)) {
          unsupported(
            `${at}[${index}].header`,
            `must differ from the others, got ${shown(header)}`,
          );
        }
        headers.add(header ?? null);
        return {
          header: this.compileInput(header, `columns[${index}].header`),
          value: this.compileInput(value, `columns[${index}].value`, "item"),
        };
      }),
    };
  }

  private dateOperation() {
    const kinds = Object.keys(dateOperations) as DateOperation[];
    const kind = readChoice(this.members.kind, `${this.path}.kind`, kinds);
    const names = dateOperations[kind].inputs;
    const inputs = this.inputs(names);
    for (const name of names) {
      if (inputs[name] === undefined && name !== "formatString") {
        invalid(`${this.path}.inputs.${name}`, "must be given, got nothing");
      }
    }
    return { kind, inputs: this.compile(inputs, "inputs") };
  }

  private branch() {
    const condition = loadCondition(
      this.required("expression"),
      `${this.path}.expression`,
      (value, path) => this.loading.compile(value, path, this.base, "inputs"),
    );
    const otherwise = readMembers(this.members.else ?? {}, `${this.path}.else`, ["actions"]);
    return {
      condition,
      then: this.contained(this.members.actions ?? {}, "actions"),
      otherwise: this.contained(otherwise.actions ?? {}, "else.actions"),
    };
  }

  private switch() {
    const cases = readObject(this.required("cases"), `${this.path}.cases`);
    const names = Object.keys(cases);
    if (names.length > limits.switchCases.most) {
      throw new WorkflowDefinitionError(
        "AllowedSwitchCaseLimitExceeded",
        `${this.path}.cases`,
        `must be at most ${limits.switchCases.most}, got ${names.length}`,
      );
    }
    const seen = new Set<Json>();
    const fallback = readMembers(this.members.default ?? {}, `${this.path}.default`, ["actions"]);
    return {
      value: this.compile(this.required("expression"), "expression"),
      cases: names.map((name) => {
        const at = `${this.path}.cases.${name}`;
        const one = readMembers(cases[name], at, ["case", "actions"]);
        const value = typeof one.case === "number" ? one.case : readLiteral(one.case, `${at}.case`);
        if (seen.has(value)) {
          invalid(`${at}.case`, `must differ from the other cases, got ${shown(value)} again`);
        }
        seen.add(value);
        return { value, actions: this.contained(one.actions ?? {}, `cases.${name}.actions`) };
      }),
      otherwise: this.contained(fallback.actions ?? {}, "default.actions"),
    };
  }

  private foreach() {
    const items = this.required("foreach");
    if (typeof items !== "string" && !isJsonArray(items)) {
      invalid(`${this.path}.foreach`, `must be an expression or an array, got ${shown(items)}`);
    }
    const options = readOptions(this.members.operationOptions, `${this.path}.operationOptions`, [
      "Sequential",
    ]);
    const at = `${this.path}.runtimeConfiguration.concurrency`;
    const runtime = readObject(this.members.runtimeConfiguration ?? {}, at);
    const concurrency = readMembers(runtime.concurrency ?? {}, at, ["repetitions"]);
    const code = "InvalidConcurrencyConfiguration";
    const repetitions =
      concurrency.repetitions === undefined
        ? 20
        : readCount(
            concurrency.repetitions,
            `${at}.repetitions`,
            1,
            limits.foreachAtOnce.most,
            code,
          );
    if (options.has("Sequential") && runtime.concurrency !== undefined) {
      throw new WorkflowDefinitionError(
        code,
        `${this.path}.operationOptions`,
        "must not be Sequential together with runtimeConfiguration.concurrency",
      );
    }
    const nested = containersOf(this.base.parent).some(({ type }) => type === "Foreach");
    Object.assign(this.base, {
      concurrency: options.has("Sequential") || nested ? 1 : repetitions,
    });
    return {
      items: this.compile(items, "foreach"),
      source: typeof items === "string" ? items : "[…]",
      actions: this.contained(this.required("actions"), "actions"),
    };
  }

  private until() {
    const at = `${this.path}.limit`;
    const code = "WorkflowRunActionUntilLimitInvalid";
    const limit = readMembers(this.members.limit ?? {}, at, ["count", "timeout"]);
    const expression = readText(this.members.expression, `${this.path}.expression`);
    if (!expression.startsWith("@") || expression.startsWith("@{")) {
      invalid(`${this.path}.expression`, `must be a Boolean expression, got ${shown(expression)}`);
    }
    const options = readOptions(this.members.operationOptions, `${this.path}.operationOptions`, [
      "FailWhenLimitsReached",
    ]);
    return {
      condition: this.compile(expression, "expression", "until"),
      count:
        limit.count === undefined
          ? 60
          : readCount(limit.count, `${at}.count`, 1, limits.untilIterations.most, code),
      timeoutMs:
        limit.timeout === undefined
          ? 3_600_000
          : readDuration(
              limit.timeout,
              `${at}.timeout`,
              1000,
              limits.runDays.most * 86_400_000,
              code,
            ),
      failWhenLimitsReached: options.has("FailWhenLimitsReached"),
      actions: this.contained(this.required("actions"), "actions"),
    };
  }

  private wait() {
    const inputs = this.inputs(["interval", "until"]);
    if ((inputs.interval === undefined) === (inputs.until === undefined)) {
      invalid(`${this.path}.inputs`, "must have either interval or until");
    }
    if (inputs.interval !== undefined) {
      const at = `${this.path}.inputs.interval`;
      const interval = readMembers(inputs.interval, at, ["count", "unit"]);
      readChoice(interval.unit, `${at}.unit`, ["Second", "Minute", "Hour", "Day", "Week", "Month"]);
      if (typeof interval.count !== "string") {
        readCount(interval.count, `${at}.count`, 1, Number.MAX_SAFE_INTEGER);
      }
    } else {
      const until = readMembers(inputs.until, `${this.path}.inputs.until`, ["timestamp"]);
      readText(until.timestamp, `${this.path}.inputs.until.timestamp`);
    }
    return { inputs: this.compile(inputs, "inputs") };
  }

  private terminate() {
    this.notInLoop();
    const { runStatus, runError } = this.inputs(["runStatus", "runError"]);
    const at = `${this.path}.inputs`;
    const status = readChoice(runStatus, `${at}.runStatus`, ["Succeeded", "Failed", "Cancelled"]);
    if (runError !== undefined) {
      readMembers(runError, `${at}.runError`, ["code", "message"]);
      if (status !== "Failed") {
        invalid(`${at}.runError`, `must not be given with the status ${status}`);
      }
    }
    return {
      runStatus: status,
      runError: runError === undefined ? undefined : this.compileInput(runError, "runError"),
    };
  }

  private response() {
    this.notInLoop();
    if (this.trigger?.type !== "Request") {
      invalid(this.path, "must not be of type Response: the workflow has no Request trigger");
    }
    if (this.members.operationOptions !== undefined) {
      unsupported(`${this.path}.operationOptions`, "is not supported by the local engine");
    }
    const inputs = this.inputs(["statusCode", "headers", "body", "schema"]);
    const { statusCode } = inputs;
    if (typeof statusCode !== "string") {
      const status = readCount(statusCode, `${this.path}.inputs.statusCode`, 200, 599);
      if (status >= 300 && status < 400) {
        invalid(
          `${this.path}.inputs.statusCode`,
          `must begin with 2, 4 or 5, got ${shown(statusCode)}`,
        );
      }
    }
    if (this.members.kind !== undefined) {
      readChoice(this.members.kind, `${this.path}.kind`, ["Http"]);
    }
    return { inputs: this.compile(inputs, "inputs") };
  }

  private notInLoop(): void {
    const loop = containersOf(this.base.parent).find(isLoop);
    if (loop) {
      invalid(
        this.path,
        `must not be of type ${this.base.type} inside the ${loop.type} '${loop.name}'`,
      );
    }
  }

  private initializeVariable() {
    const code = "InvalidVariableInitialization";
    if (this.base.parent) {
      throw new WorkflowDefinitionError(
        code,
        this.path,
        `must stand at the top level, got it inside '${this.base.parent.name}'`,
      );
    }
    const at = `${this.path}.inputs.variables`;
    const { variables } = this.inputs(["variables"]);
    if (!isJsonArray(variables) || variables.length !== 1) {
      throw new WorkflowDefinitionError(
        code,
        at,
        `must be an array of one variable, got ${isJsonArray(variables) ? variables.length : shown(variables)}`,
      );
    }
    const declaration = readMembers(variables[0], `${at}[0]`, ["name", "type", "value"]);
    const variable = readLiteral(declaration.name, `${at}[0].name`);
    if (variable.length === 0 || variable.length > limits.nameCharacters.most) {
      invalid(`${at}[0].name`, `must have 1 to 80 characters, got ${variable.length}`);
    }
    return {
      variable,
      variableType: readChoice(declaration.type, `${at}[0].type`, variableTypes, code),
      value:
        declaration.value === undefined
          ? undefined
          : this.compileInput(declaration.value, "variables[0].value"),
    };
  }

  private updateVariable() {
    const { name, value } = this.inputs(["name", "value"]);
    const counts = this.base.type === "IncrementVariable" || this.base.type === "DecrementVariable";
    if (value === undefined && !counts) {
      invalid(`${this.path}.inputs.value`, "must be given, got nothing");
    }
    return {
      variable: readLiteral(name, `${this.path}.inputs.name`),
      value: this.compileInput(value === undefined ? 1 : value, "value"),
      parallel: containersOf(this.base.parent).some(
        (container) => container.type === "Foreach" && container.concurrency > 1,
      ),
    };
  }

  private required(member: string): Json {
    const value = this.members[member];
    return value === undefined
      ? invalid(`${this.path}.${member}`, "must be given, got nothing")
      : value;
  }

  private inputs(known: readonly string[]): JsonObject {
    return readMembers(this.members.inputs, `${this.path}.inputs`, known);
  }

  private contained(definitions: Json, member: string): readonly Action[] {
    const path = `${this.path}.${member}`;
    return loadActions(readObject(definitions, path), path, this.loading, this.trigger, this.base);
  }

  private compileInput(
    value: Json | undefined,
    input: string,
    place: ExpressionUse["place"] = "inputs",
  ): Template {
    if (value === undefined) {
      invalid(`${this.path}.inputs.${input}`, "must be given, got nothing");
    }
    return this.compile(value, `inputs.${input}`, place);
  }

  private compile(value: Json, member: string, place: ExpressionUse["place"] = "inputs"): Template {
    return this.loading.compile(value, `${this.path}.${member}`, this.base, place);
  }
}

/** Throws for a predecessor that is not in the same container, and for a cycle. */
function checkRunAfter(siblings: readonly Action[]): void {
  const byName = new Map(siblings.map((action) => [action.name, action]));
  const done = new Set<Action>();
  const visit = (action: Action, trail: readonly Action[]): void => {
    if (trail.includes(action)) {
      const names = [...trail.slice(trail.indexOf(action)), action].map(({ name }) => name);
      invalid(`${action.path}.runAfter`, `must not be a cycle, got ${names.join(" → ")}`);
    }
    if (done.has(action)) {
      return;
    }
    for (const name of action.runAfter.keys()) {
      const before =
        byName.get(name) ??
        invalid(`${action.path}.runAfter`, `contains the non-existent action '${name}'`);
      visit(before, [...trail, action]);
    }
    done.add(action);
  };
  for (const action of siblings) {
    visit(action, []);
  }
}
