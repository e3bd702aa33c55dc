import { actionTypes } from "./action-types.ts";
import { invalid, unsupported } from "./definition-reader.ts";
import type { Expression } from "./expression.ts";
import { literalName } from "./functions-workflow.ts";
import type { ExpressionUse, Loading } from "./loading.ts";
import {
  type Action,
  containersOf,
  isLoop,
  type ParameterDeclaration,
  type Trigger,
} from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/**
 * Checks whatever expressions refer to: parameters are declared, variables initialized before,
 * actions in the `runAfter` path, loops around. Notes which actions use secured outputs, and whose
 * `result()` is wanted.
 */
export function checkReferences(
  loading: Loading,
  parameters: ReadonlyMap<string, ParameterDeclaration>,
  trigger: Trigger | undefined,
): void {
  const initializers = checkInitializers(loading);
  for (const action of loading.actions.values()) {
    checkVariableAction(action, initializers);
    if (action.type === "Response") {
      checkNoParallel(action);
    }
  }
  for (const use of loading.uses) {
    for (const call of callsIn(use.expression)) {
      checkCall(call, use, loading, parameters, trigger, initializers);
    }
  }
}

type Call = Expression & { kind: "call" };
type Initializer = Action & { type: "InitializeVariable" };

function* callsIn(expression: Expression): Generator<Call> {
  switch (expression.kind) {
    case "literal":
      return;
    case "call":
      yield expression;
      for (const arg of expression.args) {
        yield* callsIn(arg);
      }
      return;
    case "member":
      yield* callsIn(expression.target);
      yield* callsIn(expression.key);
      return;
    case "interpolation":
      for (const part of expression.parts) {
        if (typeof part !== "string") {
          yield* callsIn(part);
        }
      }
  }
}

function checkInitializers(loading: Loading): ReadonlyMap<string, Initializer> {
  const initializers = new Map<string, Initializer>();
  for (const action of loading.actions.values()) {
    if (action.type === "InitializeVariable") {
      const key = action.variable.toLowerCase();
      if (initializers.has(key)) {
        throw new WorkflowDefinitionError(
          "InvalidVariableInitialization",
          action.path,
          `must not initialize the variable '${action.variable}' a second time`,
        );
      }
      initializers.set(key, action);
    }
  }
  return initializers;
}

/** Whether `other` has ended, in whatever way, before `action` can start. */
function endsBefore(other: Action, action: Action): boolean {
  const around = containersOf(other);
  return containersOf(action).some((container) => {
    const earlier = predecessorsOf(container);
    return around.some((candidate) => earlier.has(candidate));
  });
}

function predecessorsOf(action: Action): ReadonlySet<Action> {
  const found = new Set<Action>();
  const visit = (one: Action): void => {
    for (const sibling of one.siblings) {
      if (one.runAfter.has(sibling.name) && !found.has(sibling)) {
        found.add(sibling);
        visit(sibling);
      }
    }
  };
  visit(action);
  return found;
}

function checkVariableAction(action: Action, initializers: ReadonlyMap<string, Initializer>): void {
  switch (action.type) {
    case "SetVariable":
    case "AppendToArrayVariable":
    case "AppendToStringVariable":
    case "IncrementVariable":
    case "DecrementVariable":
      break;
    default:
      return;
  }
  const initializer = requireVariable(action.variable, action, action.path, initializers);
  const wanted = {
    SetVariable: [initializer.variableType],
    AppendToArrayVariable: ["Array"],
    AppendToStringVariable: ["String"],
    IncrementVariable: ["Integer", "Float"],
    DecrementVariable: ["Integer", "Float"],
  }[action.type];
  if (!wanted.includes(initializer.variableType)) {
    throw new WorkflowDefinitionError(
      "InvalidVariableOperation",
      `${action.path}.inputs.name`,
      `must name a variable of type ${wanted.join(" or ")}, got '${action.variable}' of type ${initializer.variableType}`,
    );
  }
}

function requireVariable(
  name: string,
  action: Action,
  path: string,
  initializers: ReadonlyMap<string, Initializer>,
): Initializer {
  const initializer = initializers.get(name.toLowerCase());
  if (!initializer || !endsBefore(initializer, action)) {
    throw new WorkflowDefinitionError(
      "InvalidVariableOperation",
      path,
      `is not valid: the variable '${name}' must be initialized before it can be used inside action '${action.name}'`,
    );
  }
  return initializer;
}

/** A Response must not stand in parallel branches. */
function checkNoParallel(response: Action): void {
  for (const container of containersOf(response)) {
    const parallel = container.siblings.find(
      (other) =>
        other !== container &&
        !predecessorsOf(container).has(other) &&
        !predecessorsOf(other).has(container),
    );
    if (parallel) {
      invalid(response.path, `must not run in parallel to '${parallel.name}'`);
    }
  }
}

function checkCall(
  { name, args }: Call,
  use: ExpressionUse,
  loading: Loading,
  parameters: ReadonlyMap<string, ParameterDeclaration>,
  trigger: Trigger | undefined,
  initializers: ReadonlyMap<string, Initializer>,
): void {
  const { action, path, place } = use;
  const literal = () =>
    literalName(args) ?? invalid(path, `must call ${name}() with a name in quotes`);
  const inAction = () =>
    action ?? invalid(path, `must not call ${name}(): it stands outside of the actions`);
  switch (name.toLowerCase()) {
    case "parameters":
      if (!parameters.has(literal())) {
        invalid(path, `refers to the parameter '${literal()}', which is not declared`);
      }
      return;
    case "variables":
      requireVariable(literal(), inAction(), path, initializers);
      refuseSelfReference(literal(), inAction(), path);
      return;
    case "trigger":
    case "triggeroutputs":
    case "triggerbody":
    case "triggerformdatavalue":
    case "triggerformdatamultivalues":
      if (!trigger) {
        invalid(path, `must not call ${name}(): the workflow has no trigger`);
      }
      if (trigger.secureOutputs && action) {
        noteSecuredUse(action);
      }
      return;
    case "outputs":
    case "body":
    case "actions":
    case "formdatavalue":
    case "formdatamultivalues":
      checkActionReference(name, literal(), use, inAction(), loading);
      return;
    case "result": {
      const scope = findAction(literal(), path, loading);
      if (scope.type !== "Scope" && scope.type !== "Foreach" && scope.type !== "Until") {
        invalid(path, `must call result() for a Scope, Foreach or Until, got '${scope.name}'`);
      }
      checkOrder(scope, use, inAction());
      Object.assign(scope, { resultWanted: true });
      return;
    }
    case "items":
      requireLoopAround("Foreach", literal(), name, inAction(), path);
      return;
    case "iterationindexes":
      if (place === "until" && inAction().name === literal()) {
        return;
      }
      requireLoopAround("Until", literal(), name, inAction(), path);
      return;
    case "item":
      if (
        place !== "item" &&
        !containersOf(inAction().parent).some(({ type }) => type === "Foreach")
      ) {
        invalid(path, "must not call item(): no Foreach, Select or Query is around it");
      }
      return;
    case "action":
      if (place === "until") {
        unsupported(path, "must not call action() in the condition of an Until locally");
      }
      if (place !== "tracked") {
        invalid(path, "must not call action() outside of trackedProperties");
      }
  }
}

function refuseSelfReference(variable: string, action: Action, path: string): void {
  const updates =
    "variable" in action &&
    action.type !== "InitializeVariable" &&
    action.variable.toLowerCase() === variable.toLowerCase();
  if (updates) {
    throw new WorkflowDefinitionError(
      "InvalidVariableOperation",
      path,
      `is not valid: self reference is not supported when updating the value of variable '${variable}'`,
    );
  }
}

function findAction(name: string, path: string, loading: Loading): Action {
  return (
    loading.actions.get(name) ??
    invalid(path, `refers to the action '${name}', which is not defined in the template`)
  );
}

function checkActionReference(
  reader: string,
  name: string,
  use: ExpressionUse,
  action: Action,
  loading: Loading,
): void {
  const target = findAction(name, use.path, loading);
  const { gives } = actionTypes[target.type];
  if (/^(body|formdata)/i.test(reader) && gives !== "body") {
    invalid(use.path, `must not call body('${name}'): a ${target.type} action has no body`);
  }
  if (reader.toLowerCase() === "outputs" && gives === "nothing") {
    invalid(use.path, `must not call outputs('${name}'): a ${target.type} action has no outputs`);
  }
  checkOrder(target, use, action);
  if (target.secureOutputs) {
    noteSecuredUse(action);
  }
}

/**
 * An expression sees an action that must have ended, and not the inside of a loop from outside,
 * where one name would stand for many results.
 */
function checkOrder(target: Action, use: ExpressionUse, action: Action): void {
  if (use.place === "tracked" && target === action) {
    return;
  }
  const inOwnBody =
    use.place === "until" && target !== action && containersOf(target).includes(action);
  if (!inOwnBody && !endsBefore(target, action)) {
    invalid(
      use.path,
      `refers to the action '${target.name}', which is not in the runAfter path of '${action.name}'`,
    );
  }
  const around = containersOf(action);
  const loop = containersOf(target.parent).find(
    (container) => isLoop(container) && !around.includes(container),
  );
  if (loop) {
    invalid(
      use.path,
      `must not read '${target.name}' from outside of the ${loop.type} '${loop.name}': what it gives is not documented; use result('${loop.name}') or a variable`,
    );
  }
}

function requireLoopAround(
  type: "Foreach" | "Until",
  name: string,
  reader: string,
  action: Action,
  path: string,
): void {
  if (!containersOf(action.parent).some((loop) => loop.type === type && loop.name === name)) {
    invalid(path, `must not call ${reader}('${name}'): no ${type} of that name is around it`);
  }
}

function noteSecuredUse(action: Action): void {
  if (actionTypes[action.type].secures.length > 0) {
    Object.assign(action, { usesSecuredOutputs: true });
  }
}
