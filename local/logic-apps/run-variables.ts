import { isJsonArray, type Json, jsonBytes } from "../json.ts";
import { ActionFailure } from "./action-failure.ts";
import { ExpressionError, typeName } from "./evaluation.ts";
import { limits } from "./limits.ts";
import { fitsVariable, type VariableType } from "./variable-type.ts";

interface Variable {
  readonly type: VariableType;
  value: Json;
  /** Characters of a text, of any other value those of its JSON. */
  characters: number;
  /** Set when the value is an array of this class alone, which may grow in place. */
  own: Json[] | undefined;
}

/** The variables of one run; names ignore case. */
export class RunVariables {
  private readonly variables = new Map<string, Variable>();

  /** Declares a variable; throws `ActionFailure` for a value of another type. */
  initialize(name: string, type: VariableType, value: Json | undefined): void {
    const variable: Variable = { type, value: null, characters: 0, own: undefined };
    this.variables.set(name.toLowerCase(), variable);
    // Without a value even an Integer starts as null, and whatever then counts on it fails.
    if (value !== undefined) {
      this.assign(name, variable, value);
    }
  }

  read(name: string): Json {
    const variable = this.find(name);
    // The array is handed out: from now on it must not change under its reader.
    variable.own = undefined;
    return variable.value;
  }

  /** Changes the value; throws `ActionFailure` for one of another type. */
  set(name: string, value: Json): void {
    this.assign(name, this.find(name), value);
  }

  /** Appends to an array variable; throws `ActionFailure` for an array, null, and too many items. */
  append(name: string, item: Json): void {
    const variable = this.find(name);
    if (item === null || isJsonArray(item)) {
      throw new ActionFailure(
        "BadRequest",
        `The variable '${name}' of type 'Array' cannot be appended with a value of type '${typeName(item)}'.`,
      );
    }
    if (!isJsonArray(variable.value)) {
      throw new ActionFailure("BadRequest", `The variable '${name}' has no array to append to.`);
    }
    const characters = variable.characters + jsonBytes(item) + 1;
    checkSize(name, variable.value.length + 1, characters);
    variable.own ??= [...variable.value];
    variable.own.push(item);
    variable.value = variable.own;
    variable.characters = characters;
  }

  private assign(name: string, variable: Variable, value: Json): void {
    if (!fitsVariable(variable.type, value)) {
      throw new ActionFailure(
        "BadRequest",
        `The variable '${name}' of type '${variable.type}' cannot be initialized or updated with value of type '${typeName(value)}'. The variable '${name}' only supports values of types '${variable.type}'.`,
      );
    }
    const characters = typeof value === "string" ? value.length : jsonBytes(value);
    checkSize(name, isJsonArray(value) ? value.length : 0, characters);
    Object.assign(variable, { value, characters, own: undefined });
  }

  private find(name: string): Variable {
    const variable = this.variables.get(name.toLowerCase());
    if (!variable) {
      throw new ExpressionError(`The variable '${name}' has not been initialized.`);
    }
    return variable;
  }
}

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config */
function checkSize(name: string, items: number, characters: number): void {
  for (const [size, { most }, unit] of [
    [items, limits.variableItems, "items"],
    [characters, limits.variableCharacters, "characters"],
  ] as const) {
    if (size > most) {
      throw new ActionFailure(
        "VariableSizeLimitExceeded",
        `The variable '${name}' has ${size} ${unit}, more than the limit of ${most}.`,
      );
    }
  }
}
