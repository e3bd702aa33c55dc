import type { Action } from "./workflow.ts";

/** What the engine knows of a type of action, beside how it is carried out. */
export interface ActionType {
  /** Members beside those that every action has. */
  readonly members: readonly string[];
  /**
   * What `secureData` may hide; where inputs alone may be hidden, outputs are hidden with them. Types
   * that hide something also hide inputs that use secured outputs directly.
   * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
   */
  readonly secures: readonly ("inputs" | "outputs")[];
  /** Whether `outputs()` gives the result itself, an object with the result as `body`, or nothing. */
  readonly gives: "result" | "body" | "nothing";
  /** Where it is described. */
  readonly source: string;
  /** How far it goes, and which of several readings it takes: a phrase for the page on the engine. */
  readonly notes?: string;
}

const triggersAndActions =
  "https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers";
const variables =
  "https://learn.microsoft.com/azure/logic-apps/logic-apps-create-variables-store-values";

const inputsAndOutputs = ["inputs", "outputs"] as const;

/** Every type of action that the engine carries out. */
export const actionTypes: Readonly<Record<Action["type"], ActionType>> = {
  Http: {
    members: ["inputs", "limit", "operationOptions", "trackedProperties"],
    secures: inputsAndOutputs,
    gives: "body",
    source: `${triggersAndActions}#http-action`,
    notes:
      "with retries, the asynchronous pattern and `limit.timeout`; not pagination, chunking, certificates, cookies",
  },
  Compose: {
    members: ["inputs", "trackedProperties"],
    secures: ["inputs"],
    gives: "result",
    source: `${triggersAndActions}#compose-action`,
  },
  ParseJson: {
    members: ["inputs", "trackedProperties"],
    secures: ["inputs"],
    gives: "body",
    source: `${triggersAndActions}#parse-json-action`,
    notes: "schemas with the keywords that the designer generates; any other keyword is refused",
  },
  Select: {
    members: ["inputs", "trackedProperties"],
    secures: inputsAndOutputs,
    gives: "body",
    source: `${triggersAndActions}#select-action`,
  },
  Query: {
    members: ["inputs", "trackedProperties"],
    secures: inputsAndOutputs,
    gives: "body",
    source: `${triggersAndActions}#query-action`,
  },
  Join: {
    members: ["inputs", "trackedProperties"],
    secures: inputsAndOutputs,
    gives: "body",
    source: `${triggersAndActions}#join-action`,
  },
  Table: {
    members: ["inputs", "trackedProperties"],
    secures: inputsAndOutputs,
    gives: "body",
    source: `${triggersAndActions}#table-action`,
  },
  Expression: {
    members: ["kind", "inputs", "trackedProperties"],
    secures: [],
    gives: "body",
    source:
      "https://github.com/Azure/Azure-Sentinel/blob/388342538c1e1605295027cfc5c93142dad1a57e/Playbooks/Get-O365Data/azuredeploy.json",
    notes: "the date and time operations of the designer, which no page describes in JSON",
  },
  If: {
    members: ["expression", "actions", "else"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#if-action`,
  },
  Switch: {
    members: ["expression", "cases", "default"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#switch-action`,
  },
  Scope: {
    members: ["actions"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#scope-action`,
  },
  Foreach: {
    members: ["foreach", "actions", "operationOptions"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#foreach-action`,
    notes: "variables that parallel iterations change at the same time lose changes, as they may",
  },
  Until: {
    members: ["expression", "limit", "actions", "operationOptions"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#until-action`,
  },
  Wait: {
    members: ["inputs"],
    secures: ["inputs"],
    gives: "nothing",
    source: `${triggersAndActions}#wait-action`,
  },
  Terminate: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${triggersAndActions}#terminate-action`,
  },
  Response: {
    members: ["kind", "inputs", "operationOptions"],
    secures: ["inputs"],
    gives: "nothing",
    source: `${triggersAndActions}#response-action`,
    notes: "not asynchronous, and its schema is not looked at",
  },
  InitializeVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#initialize-variable`,
    notes: "one variable each, at the top level",
  },
  SetVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#set-variable`,
  },
  AppendToArrayVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#append-to-array`,
    notes: "an array or null cannot be appended",
  },
  AppendToStringVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#append-to-string`,
  },
  IncrementVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#increment-variable`,
  },
  DecrementVariable: {
    members: ["inputs"],
    secures: [],
    gives: "nothing",
    source: `${variables}#decrement-variable`,
  },
};

const connector = "a managed connector, which has no counterpart in the local cloud";
const integrationAccount = "needs an integration account";
const webhook = "nobody outside can call back";

/** Types of action that the service has and the engine has not, with the reason. */
export const foreignActionTypes: Readonly<Record<string, string>> = {
  AgentCompletion: "needs a language model",
  ApiConnection: connector,
  ApiConnectionWebhook: connector,
  ApiManagement: "calls an API of API Management",
  Batch: "needs a second workflow",
  FlatFileDecoding: integrationAccount,
  FlatFileEncoding: integrationAccount,
  Function: "calls an Azure function",
  HttpWebhook: webhook,
  IntegrationAccountArtifactLookup: integrationAccount,
  JavaScriptCode: "runs code that is no expression",
  Liquid: integrationAccount,
  SendToBatch: "needs a second workflow",
  Workflow: "needs a second workflow",
  XmlValidation: integrationAccount,
  Xslt: integrationAccount,
};

/** What the engine knows of a type of trigger. */
export interface TriggerType {
  readonly source: string;
  readonly notes: string;
}

/** Every type of trigger that the engine fires. */
export const triggerTypes: Readonly<Record<"Recurrence" | "Request", TriggerType>> = {
  Recurrence: {
    source: `${triggersAndActions}#recurrence-trigger`,
    notes: "without `schedule` and in UTC",
  },
  Request: {
    source: `${triggersAndActions}#request-trigger`,
    notes: "a test gives the request, and the command an empty one; its schema is not looked at",
  },
};

/** Types of trigger that the service has and the engine has not, with the reason. */
export const foreignTriggerTypes: Readonly<Record<string, string>> = {
  ApiConnection: connector,
  ApiConnectionNotification: connector,
  ApiConnectionWebhook: connector,
  ApiManagement: "calls an API of API Management",
  Batch: "needs a second workflow",
  Http: "polls an address",
  HttpWebhook: webhook,
  SlidingWindow:
    "nothing tells whether it fires at the start or the end of a window, nor how many it makes up for",
};
