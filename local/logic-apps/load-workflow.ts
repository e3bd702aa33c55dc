import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { foreignTriggerTypes } from "./action-types.ts";
import { checkReferences } from "./check-references.ts";
import { compileTemplate } from "./compile-expression.ts";
import {
  invalid,
  readChoice,
  readCount,
  readLiteral,
  readMembers,
  readObject,
  readOptions,
  readText,
  shown,
  unsupported,
} from "./definition-reader.ts";
import { ForeignFunctionError } from "./expression.ts";
import { limits } from "./limits.ts";
import { loadActions } from "./load-actions.ts";
import {
  checkDescription,
  checkName,
  type ExpressionUse,
  type Loading,
  loadSecureData,
} from "./loading.ts";
import { parseTimestamp, dateOf } from "./timestamp.ts";
import type { ParameterDeclaration, Recurrence, Trigger, Workflow } from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/** What stands beside the definition in the workflow resource, as far as the definition depends on it. */
export interface WorkflowResource {
  /** `SystemAssigned`, or the resource id of the user-assigned identity; `undefined` without any. */
  readonly identity?: string;
}

/**
 * Checks a Consumption workflow definition as the service does when it is saved, and compiles it.
 * Throws `WorkflowDefinitionError` for the first thing that is wrong, unknown, or not supported here;
 * whether identities fit is looked at when the resource is given.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language
 */
export function loadWorkflow(definition: unknown, resource?: WorkflowResource): Workflow {
  const root = readMembers(definition as Json, "definition", [
    "$schema",
    "contentVersion",
    "parameters",
    "triggers",
    "actions",
    "outputs",
    "staticResults",
    "description",
    "metadata",
  ]);
  if (root.contentVersion !== undefined) {
    const version = readText(root.contentVersion, "contentVersion");
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(version)) {
      invalid("contentVersion", `must be four numbers with dots, got '${version}'`);
    }
  }
  for (const member of ["outputs", "staticResults"]) {
    if (Object.keys(readObject(root[member] ?? {}, member)).length > 0) {
      unsupported(member, "must be empty: it is not supported by the local engine");
    }
  }
  checkDescription(root.description, "definition");
  const uses: ExpressionUse[] = [];
  const loading: Loading = {
    uses,
    actions: new Map(),
    compile: (value, path, action, place) =>
      compileTemplate(
        value,
        path,
        (expression, at) => uses.push({ expression, path: at, action, place }),
        (error, at) =>
          error instanceof ForeignFunctionError
            ? unsupported(at, `cannot be evaluated: ${error.message}`)
            : invalid(at, `is not a valid expression: ${error.message}`),
      ),
  };
  const parameters = loadParameters(readObject(root.parameters ?? {}, "parameters"));
  const trigger = loadTrigger(readObject(root.triggers ?? {}, "triggers"), loading);
  const actions = loadActions(
    readObject(root.actions ?? {}, "actions"),
    "actions",
    loading,
    trigger,
  );
  if (loading.actions.size > limits.actions.most) {
    invalid(
      "actions",
      `must be at most ${limits.actions.most} in all, got ${loading.actions.size}`,
    );
  }
  const variables = [...loading.actions.values()].filter(
    ({ type }) => type === "InitializeVariable",
  );
  if (variables.length > limits.variables.most) {
    invalid(
      "actions",
      `must declare at most ${limits.variables.most} variables, got ${variables.length}`,
    );
  }
  checkReferences(loading, parameters, trigger);
  if (resource) {
    checkIdentities(loading, resource);
  }
  return { parameters, trigger, actions };
}

/** https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity */
function checkIdentities({ actions }: Loading, { identity }: WorkflowResource): void {
  for (const action of actions.values()) {
    const wanted = action.type === "Http" ? action.identity : undefined;
    if (wanted !== undefined && wanted.toLowerCase() !== identity?.toLowerCase()) {
      throw new WorkflowDefinitionError(
        "WorkflowManagedServiceIdentityNotSpecified",
        `${action.path}.inputs.authentication.identity`,
        `must be the identity of the workflow, which is ${identity ?? "none"}, got '${wanted}'`,
      );
    }
  }
}

/**
 * Checks what the service refuses when a saved workflow is replaced by another: concurrency of the
 * trigger cannot be switched off. Throws `WorkflowDefinitionError`.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-trigger-concurrency
 */
export function checkReplacement(saved: Workflow, next: Workflow): void {
  if (
    saved.trigger?.concurrentRuns !== undefined &&
    next.trigger?.name === saved.trigger.name &&
    next.trigger.concurrentRuns === undefined
  ) {
    throw new WorkflowDefinitionError(
      "CannotDisableTriggerConcurrency",
      `triggers.${saved.trigger.name}.runtimeConfiguration.concurrency`,
      "must be given: it cannot be switched off again",
    );
  }
}

const parameterTypes = [
  "String",
  "SecureString",
  "Int",
  "Float",
  "Bool",
  "Array",
  "Object",
  "SecureObject",
] as const;

function loadParameters(declarations: JsonObject): Map<string, ParameterDeclaration> {
  const names = Object.keys(declarations);
  if (names.length > limits.parameters.most) {
    invalid("parameters", `must be at most ${limits.parameters.most}, got ${names.length}`);
  }
  return new Map(
    names.map((name) => {
      const path = `parameters.${name}`;
      const declaration = readMembers(declarations[name], path, [
        "type",
        "defaultValue",
        "allowedValues",
        "metadata",
      ]);
      const type = readChoice(declaration.type, `${path}.type`, parameterTypes);
      const { defaultValue, allowedValues } = declaration;
      if (defaultValue !== undefined) {
        checkParameterValue(`${path}.defaultValue`, type, defaultValue);
      }
      if (allowedValues !== undefined && !isJsonArray(allowedValues)) {
        invalid(`${path}.allowedValues`, `must be an array, got ${shown(allowedValues)}`);
      }
      return [name, { type, defaultValue, allowedValues }];
    }),
  );
}

/** Throws unless a value has the declared type of its parameter. */
export function checkParameterValue(path: string, type: string, value: Json): void {
  const fits = {
    String: typeof value === "string",
    SecureString: typeof value === "string",
    Int: Number.isInteger(value),
    Float: typeof value === "number",
    Bool: typeof value === "boolean",
    Array: isJsonArray(value),
    Object: isJsonObject(value),
    SecureObject: isJsonObject(value),
  }[type];
  if (!fits) {
    const secret = type.startsWith("Secure");
    invalid(path, `must be of type ${type}, got ${secret ? "another" : shown(value)}`);
  }
}

function loadTrigger(triggers: JsonObject, loading: Loading): Trigger | undefined {
  const names = Object.keys(triggers);
  const [name] = names;
  if (name === undefined) {
    return undefined;
  }
  if (names.length > limits.triggers.most) {
    invalid("triggers", `must be at most ${limits.triggers.most}, got ${names.length}`);
  }
  if (names.length > 1) {
    unsupported("triggers", `must be one for the local engine, got ${names.length}`);
  }
  const path = `triggers.${name}`;
  checkName(name, path);
  const members = readObject(triggers[name], path);
  const type = readText(members.type, `${path}.type`);
  if (Object.hasOwn(foreignTriggerTypes, type)) {
    unsupported(
      `${path}.type`,
      `is not supported by the local engine: '${type}' (${foreignTriggerTypes[type]!})`,
    );
  }
  if (type !== "Recurrence" && type !== "Request") {
    invalid(`${path}.type`, `is not a known trigger type: '${type}'`);
  }
  readMembers(
    members,
    path,
    [
      "type",
      "kind",
      "inputs",
      "recurrence",
      "conditions",
      "correlation",
      "runtimeConfiguration",
      "operationOptions",
      "description",
      "metadata",
      // What GET adds to a saved trigger.
      "evaluatedRecurrence",
    ],
    ["splitOn", "splitOnConfiguration"],
  );
  checkDescription(members.description, path);
  const recurrence = type === "Recurrence" ? loadRecurrence(members.recurrence, path) : undefined;
  if (type === "Recurrence" && members.inputs !== undefined) {
    invalid(`${path}.inputs`, "is not a member of a Recurrence trigger");
  }
  if (type === "Request") {
    if (members.recurrence !== undefined) {
      invalid(`${path}.recurrence`, "is not a member of a Request trigger");
    }
    loadRequest(members, path);
  }
  const { concurrentRuns, secureInputs, secureOutputs } = loadTriggerRuntime(members, path, type);
  const conditions = members.conditions ?? [];
  if (!isJsonArray(conditions)) {
    return invalid(`${path}.conditions`, `must be an array, got ${shown(conditions)}`);
  }
  const correlation = readMembers(members.correlation ?? {}, `${path}.correlation`, [
    "clientTrackingId",
  ]);
  return {
    name,
    type,
    recurrence,
    conditions: conditions.map((condition, index) => {
      const at = `${path}.conditions[${index}]`;
      const { expression } = readMembers(condition, at, ["expression"]);
      readText(expression, `${at}.expression`);
      return loading.compile(expression!, `${at}.expression`, undefined, "trigger");
    }),
    concurrentRuns,
    clientTrackingId:
      correlation.clientTrackingId === undefined
        ? undefined
        : loading.compile(
            correlation.clientTrackingId,
            `${path}.correlation.clientTrackingId`,
            undefined,
            "trigger",
          ),
    secureInputs,
    secureOutputs,
  };
}

function loadRequest(members: JsonObject, path: string): void {
  if (members.kind !== undefined) {
    readChoice(members.kind, `${path}.kind`, ["Http"]);
  }
  const inputs = readMembers(members.inputs ?? {}, `${path}.inputs`, [
    "method",
    "relativePath",
    "schema",
  ]);
  if (inputs.relativePath !== undefined && inputs.method === undefined) {
    invalid(`${path}.inputs.method`, "must be given with relativePath, got nothing");
  }
}

function loadTriggerRuntime(members: JsonObject, path: string, type: Trigger["type"]) {
  const options = readOptions(
    members.operationOptions,
    `${path}.operationOptions`,
    ["SingleInstance"],
    type === "Request" ? ["EnableSchemaValidation"] : [],
  );
  const at = `${path}.runtimeConfiguration`;
  const runtime = readMembers(members.runtimeConfiguration ?? {}, at, [
    "concurrency",
    "secureData",
  ]);
  const concurrency = readMembers(runtime.concurrency ?? {}, `${at}.concurrency`, [
    "runs",
    "maximumWaitingRuns",
  ]);
  if (concurrency.maximumWaitingRuns !== undefined) {
    const most = 100;
    readCount(concurrency.maximumWaitingRuns, `${at}.concurrency.maximumWaitingRuns`, 1, most);
  }
  let concurrentRuns: number | undefined;
  if (concurrency.runs !== undefined) {
    concurrentRuns = readCount(
      concurrency.runs,
      `${at}.concurrency.runs`,
      1,
      limits.runsAtOnce.most,
    );
  } else if (runtime.concurrency !== undefined) {
    concurrentRuns = 25;
  }
  if (options.has("SingleInstance")) {
    if (concurrentRuns !== undefined) {
      throw new WorkflowDefinitionError(
        "InvalidConcurrencyConfiguration",
        `${path}.operationOptions`,
        "must not be SingleInstance together with runtimeConfiguration.concurrency",
      );
    }
    concurrentRuns = 1;
  }
  const secured = loadSecureData(
    runtime.secureData,
    `${at}.secureData`,
    type === "Request" ? ["inputs", "outputs"] : [],
    `a ${type} trigger`,
  );
  return {
    concurrentRuns,
    secureInputs: secured.has("inputs"),
    secureOutputs: secured.has("outputs"),
  };
}

/** The longest interval for each frequency: 500 days. */
const longestInterval = {
  Second: 9_999_999,
  Minute: 72_000,
  Hour: 12_000,
  Day: 500,
  Week: 71,
  Month: 16,
} as const;

function loadRecurrence(value: Json | undefined, path: string): Recurrence {
  const at = `${path}.recurrence`;
  const members = readMembers(
    value,
    at,
    ["frequency", "interval", "startTime", "timeZone"],
    ["schedule", "endTime", "count"],
  );
  const frequency = readChoice(
    members.frequency,
    `${at}.frequency`,
    Object.keys(longestInterval) as (keyof typeof longestInterval)[],
  );
  const interval = readCount(members.interval, `${at}.interval`, 1, longestInterval[frequency]);
  if (members.timeZone !== undefined && members.timeZone !== "UTC") {
    unsupported(
      `${at}.timeZone`,
      `must be UTC for the local engine, got ${shown(members.timeZone)}`,
    );
  }
  if (members.startTime === undefined) {
    return { frequency, interval, startTime: undefined };
  }
  const text = readLiteral(members.startTime, `${at}.startTime`);
  const start = /[+-]\d\d:\d\d$/.test(text) ? undefined : parseTimestamp(text);
  if (!start || (!start.utc && members.timeZone === undefined)) {
    return invalid(
      `${at}.startTime`,
      `must be an ISO 8601 time that ends in Z, or one without offset beside a timeZone, got '${text}'`,
    );
  }
  return { frequency, interval, startTime: dateOf(start) };
}
