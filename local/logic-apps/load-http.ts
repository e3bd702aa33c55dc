import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Template } from "./compile-expression.ts";
import {
  invalid,
  readChoice,
  readCount,
  readDuration,
  readLiteral,
  readMembers,
  readOptions,
  shown,
} from "./definition-reader.ts";
import { limits } from "./limits.ts";
import { defaultRetryPolicy, type RetryPolicy } from "./retry-policy.ts";
import type { HttpAction } from "./workflow.ts";

/** Members that each type of authentication has; `type` and `identity` take no expression. */
const authenticationMembers = {
  None: [],
  Raw: ["value"],
  Basic: ["username", "password"],
  ManagedServiceIdentity: ["identity", "audience"],
  ActiveDirectoryOAuth: ["authority", "tenant", "audience", "clientId", "secret", "credentialType"],
} as const;

const required: Readonly<Record<string, readonly string[]>> = {
  Raw: ["value"],
  Basic: ["username", "password"],
  ActiveDirectoryOAuth: ["tenant", "audience", "clientId", "secret"],
};

/**
 * Loads what only an Http action has.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action
 */
export function loadHttp(
  members: JsonObject,
  path: string,
  compile: (value: Json, member: string) => Template,
): HttpAction {
  const at = `${path}.inputs`;
  const { retryPolicy, ...inputs } = readMembers(
    members.inputs,
    at,
    ["method", "uri", "headers", "queries", "body", "authentication", "retryPolicy"],
    ["cookie"],
  );
  readChoice(inputs.method, `${at}.method`, [
    "GET",
    "PUT",
    "POST",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
  ]);
  if (typeof inputs.uri !== "string" || inputs.uri === "") {
    invalid(`${at}.uri`, `must be a string, got ${shown(inputs.uri)}`);
  }
  for (const member of ["headers", "queries"]) {
    const value = inputs[member];
    if (value !== undefined && typeof value !== "string" && !isJsonObject(value)) {
      invalid(`${at}.${member}`, `must be an object, got ${shown(value)}`);
    }
  }
  if (inputs.body !== undefined && /^(get|head)$/i.test(inputs.method as string)) {
    invalid(`${at}.body`, `must not be given with the method ${inputs.method as string}`);
  }
  if (inputs.authentication !== undefined) {
    checkAuthentication(inputs.authentication, `${at}.authentication`);
  }
  const options = readOptions(
    members.operationOptions,
    `${path}.operationOptions`,
    ["DisableAsyncPattern", "SuppressWorkflowHeaders"],
    ["DisableAutomaticDecompression"],
  );
  const limit = readMembers(members.limit ?? {}, `${path}.limit`, ["timeout"]);
  return {
    type: "Http",
    inputs: compile(inputs, "inputs"),
    identity: identityOf(inputs.authentication),
    retryPolicy: loadRetryPolicy(retryPolicy, `${at}.retryPolicy`),
    asyncPattern: !options.has("DisableAsyncPattern"),
    workflowHeaders: !options.has("SuppressWorkflowHeaders"),
    timeoutMs:
      limit.timeout === undefined
        ? undefined
        : readDuration(limit.timeout, `${path}.limit.timeout`, 1000, limits.runDays.most * day),
  };
}

/** A managed identity is that of the system when none is named. */
function identityOf(authentication: Json | undefined): string | undefined {
  return isJsonObject(authentication) &&
    /^managedserviceidentity$/i.test(authentication.type as string)
    ? ((authentication.identity as string | undefined) ?? "SystemAssigned")
    : undefined;
}

function checkAuthentication(value: Json, path: string): void {
  if (!isJsonObject(value)) {
    invalid(path, `must be an object, got ${shown(value)}`);
  }
  const types = Object.keys(authenticationMembers) as (keyof typeof authenticationMembers)[];
  const type = readChoice(readLiteral(value.type, `${path}.type`), `${path}.type`, types);
  const members = readMembers(
    value,
    path,
    ["type", ...authenticationMembers[type]],
    ["pfx", "certificate"],
  );
  if (members.identity !== undefined) {
    readLiteral(members.identity, `${path}.identity`);
  }
  for (const member of required[type] ?? []) {
    if (members[member] === undefined) {
      invalid(`${path}.${member}`, `must be given for the type ${type}, got nothing`);
    }
  }
}

const second = 1000;
const day = 86_400 * second;

/**
 * Loads a retry policy; the bounds are those of
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
 */
function loadRetryPolicy(value: Json | undefined, path: string): RetryPolicy {
  if (value === undefined) {
    return defaultRetryPolicy;
  }
  const code = "InvalidRetryPolicy";
  const members = readMembers(value, path, [
    "type",
    "count",
    "interval",
    "minimumInterval",
    "maximumInterval",
  ]);
  const type = readChoice(
    members.type,
    `${path}.type`,
    ["default", "none", "fixed", "exponential"],
    code,
  );
  const own = {
    default: ["type"],
    none: ["type"],
    fixed: ["type", "count", "interval"],
    exponential: ["type", "count", "interval", "minimumInterval", "maximumInterval"],
  }[type];
  readMembers(members, path, own);
  if (type === "default") {
    return defaultRetryPolicy;
  }
  if (type === "none") {
    return { ...defaultRetryPolicy, type, count: 0 };
  }
  const interval = (member: string, ifAbsent: number) =>
    members[member] === undefined
      ? ifAbsent
      : readDuration(members[member], `${path}.${member}`, 5 * second, day, code);
  return {
    type,
    count: readCount(members.count, `${path}.count`, 1, limits.retries.most, code),
    intervalMs: readDuration(members.interval, `${path}.interval`, 5 * second, day, code),
    minimumIntervalMs: interval("minimumInterval", 5 * second),
    maximumIntervalMs: interval("maximumInterval", day),
  };
}
