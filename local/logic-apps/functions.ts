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
import type { FunctionGroup } from "./workflow-function.ts";

/** Every function that the engine knows, by lower-case name. */
export const functions: FunctionGroup = {
  ...stringFunctions,
  ...collectionFunctions,
  ...logicFunctions,
  ...conversionFunctions,
  ...mathFunctions,
  ...dateFunctions,
  ...workflowFunctions,
  ...manipulationFunctions,
  ...uriFunctions,
  ...xmlFunctions,
};
