import { collectionFunctions } from "./functions-collection.ts";
import { conversionFunctions } from "./functions-conversion.ts";
import { dateFunctions } from "./functions-date.ts";
import { logicFunctions } from "./functions-logic.ts";
import { manipulationFunctions } from "./functions-manipulation.ts";
import { mathFunctions } from "./functions-math.ts";
import { stringFunctions } from "./functions-string.ts";
import { uriFunctions } from "./functions-uri.ts";
import { workflowFunctions } from "./functions-workflow.ts";
import { xmlFunctions } from "./functions-xml.ts";
import type { FunctionGroup, WorkflowFunction } from "./workflow-function.ts";

/** The function reference, whose anchors are the names of the functions in lower case. */
export const functionReference =
  "https://learn.microsoft.com/azure/logic-apps/expression-functions-reference";

/** Every function that the engine knows, by the heading of the function reference that it is under. */
export const functionGroups: Readonly<Record<string, FunctionGroup>> = {
  String: stringFunctions,
  Collection: collectionFunctions,
  "Logical comparison": logicFunctions,
  Conversion: conversionFunctions,
  Math: mathFunctions,
  "Date and time": dateFunctions,
  Workflow: workflowFunctions,
  "URI parsing": uriFunctions,
  "Manipulation: JSON and XML": { ...manipulationFunctions, ...xmlFunctions },
};

/** Functions of the service that the engine does not have, with the reason. */
export const foreignFunctions: Readonly<Record<string, string>> = {
  formatTimeSpan: "known to the designer only, not in the function reference",
  listCallbackUrl: "works in webhook triggers and actions only, which do not run locally",
  multipartBody: "content of several parts is not taken apart locally",
  triggerMultipartBody: "content of several parts is not taken apart locally",
  utf16Length: "known to the designer only, not in the function reference",
  utf8Length: "known to the designer only, not in the function reference",
};

const byLowerCaseName = new Map(
  Object.values(functionGroups).flatMap((group) =>
    Object.entries(group).map(([name, known]) => [name.toLowerCase(), known] as const),
  ),
);

/** The function of that name in any case, or `undefined`. */
export function findFunction(name: string): WorkflowFunction | undefined {
  return byLowerCaseName.get(name.toLowerCase());
}

/** Why the engine does not have a function of the service, or `undefined` for any other name. */
export function whyForeign(name: string): string | undefined {
  const known = Object.keys(foreignFunctions).find(
    (candidate) => candidate.toLowerCase() === name.toLowerCase(),
  );
  return known === undefined ? undefined : foreignFunctions[known];
}
