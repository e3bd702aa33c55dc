import { describe, expect, test } from "vitest";
import { compileExpression } from "../../../local/logic-apps/compile-expression.ts";
import {
  defaultEngineOptions,
  type EngineOptions,
} from "../../../local/logic-apps/engine-options.ts";
import { type Evaluation, ExpressionError } from "../../../local/logic-apps/evaluation.ts";
import {
  ExpressionSyntaxError,
  ForeignFunctionError,
  parseTemplateString,
} from "../../../local/logic-apps/expression.ts";
import { type Json, stringifyJson } from "../../../local/json.ts";
import { evaluate, testEvaluation } from "./evaluate.ts";

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language
describe("strings of a definition", () => {
  const parameters = { n: 42, text: "it", yes: true, nothing: null, object: { a: [1] } };
  const value = (text: string) => evaluate(text, { parameters });

  test("that begin with @ are one expression and keep its type", () => {
    expect(value("@parameters('n')")).toBe(42);
    expect(value("@parameters('object')")).toEqual({ a: [1] });
  });

  test("with @{…} are always text", () => {
    expect(value("@{parameters('n')}")).toBe("42");
    expect(value("a @{parameters('text')}, @{parameters('n')}!")).toBe("a it, 42!");
    expect(value("@{parameters('yes')}|@{parameters('nothing')}|@{parameters('object')}")).toBe(
      'True||{"a":[1]}',
    );
  });

  test("escape @ at the start and @{ anywhere", () => {
    expect(value("@@parameters('n')")).toBe("@parameters('n')");
    expect(value("@@{parameters('n')}")).toBe("@{parameters('n')}");
    expect(value("a @@{b} @{parameters('n')}")).toBe("a @{b} 42");
  });

  test("with @ elsewhere are plain text", () => {
    expect(value("someone@example.org")).toBe("someone@example.org");
  });

  test("quote texts with single quotes, doubled inside", () => {
    expect(value("@concat('it''s ', '@{x}', ' }')")).toBe("it's @{x} }");
    expect(value("@{concat('}', '''')}")).toBe("}'");
  });

  test("know numbers, Booleans and null", () => {
    expect(value("@-5")).toBe(-5);
    expect(value("@1.5e3")).toEqual(expect.objectContaining({ value: "1500.0" }));
    expect(value("@true")).toBe(true);
    expect(value("@NULL")).toBe(null);
    expect(stringifyJson(value("@9223372036854775807"))).toBe("9223372036854775807");
  });

  test.each([
    [
      "@",
      "Unable to parse template language expression '': expected token 'Identifier' and actual 'EndOfData'.",
    ],
    [
      "@concat('a'",
      "Unable to parse template language expression 'concat('a'': expected token 'RightParenthesis' and actual 'EndOfData'.",
    ],
    [
      "@concat('a') b",
      "Unable to parse template language expression 'concat('a') b': expected token 'EndOfData' and actual 'Identifier'.",
    ],
    [
      "@foo",
      "Unable to parse template language expression 'foo': expected token 'LeftParenthesis' and actual 'EndOfData'.",
    ],
    [
      "a @{concat('x')",
      "Unable to parse template language expression 'a @{concat('x')': expected token 'RightCurlyBracket' and actual 'EndOfData'.",
    ],
    [
      "@item()?",
      "Unable to parse template language expression 'item()?': expected token 'Dot' and actual 'EndOfData'.",
    ],
    [
      '@concat("a")',
      "Unable to parse template language expression 'concat(\"a\")': expected token 'Identifier' and actual '\"'.",
    ],
    [
      "@concat('a)",
      "Unable to parse template language expression 'concat('a)': the string that starts at position 7 is not closed.",
    ],
  ])("fail to parse as in %s", (text, message) => {
    expect(() => parseTemplateString(text)).toThrow(new ExpressionSyntaxError(message));
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#definition-limits
  test("have at most 8,192 characters when they are expressions", () => {
    const call = (length: number) => `@concat('${"x".repeat(length - "@concat('')".length)}')`;
    expect(value(call(8192))).toHaveLength(8192 - "@concat('')".length);
    expect(() => parseTemplateString(call(8193))).toThrow(
      new ExpressionSyntaxError("an expression must have at most 8192 characters, got 8193"),
    );
    expect(() => parseTemplateString(`${"x".repeat(8192)}@{1}`)).toThrow(
      new ExpressionSyntaxError("an expression must have at most 8192 characters, got 8196"),
    );
    expect(value("x".repeat(9000))).toHaveLength(9000);
  });

  test("call functions that exist, with as many arguments as they take", () => {
    const compile = (text: string) => () => compileExpression(parseTemplateString(text));
    expect(compile("@nope('a')")).toThrow(
      new ExpressionSyntaxError("The template function 'nope' is not defined or not valid."),
    );
    expect(compile("@UTF8length('a')")).toThrow(
      new ForeignFunctionError(
        "UTF8length",
        "known to the designer only, not in the function reference",
      ),
    );
    expect(compile("@toString('a')")).toThrow(
      new ExpressionSyntaxError("The template function 'toString' is not defined or not valid."),
    );
    expect(compile("@length()")).toThrow(
      new ExpressionSyntaxError("The template function 'length' expects 1 parameter(s), got 0."),
    );
    expect(compile("@concat()")).toThrow(
      new ExpressionSyntaxError(
        "The template function 'concat' expects at least 1 parameter(s), got 0.",
      ),
    );
    expect(compile("@slice('a', 1, 2, 3)")).toThrow(
      new ExpressionSyntaxError(
        "The template function 'slice' expects 2 to 3 parameter(s), got 4.",
      ),
    );
    expect(value("@CONCAT('a', toupper('b'))")).toBe("aB");
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#operators
describe("member access", () => {
  const parameters = {
    o: { Name: "x", name: "y", list: [10, 20], nothing: null, text: "abc" },
  };
  const value = (text: string) => evaluate(text, { parameters });
  const failure = (text: string, reason: string) =>
    expect(() => value(text)).toThrow(
      new ExpressionError(
        `The template language expression ${reason}. Please see https://aka.ms/logicexpressions for usage details.`,
      ),
    );

  test("prefers the exact name and falls back to another case", () => {
    expect(value("@parameters('o').name")).toBe("y");
    expect(value("@parameters('o')['Name']")).toBe("x");
    expect(value("@parameters('o').LIST[1]")).toBe(20);
  });

  test("takes the exact name only when told so", () => {
    const exact = (text: string) => evaluate(text, { parameters }, { memberNames: "exact" });
    expect(exact("@parameters('o')['Name']")).toBe("x");
    expect(exact("@parameters('o')?['LIST']")).toBe(null);
    expect(() => exact("@parameters('o').LIST")).toThrow(
      new ExpressionError(
        "The template language expression 'parameters('o').LIST' cannot be evaluated because property 'LIST' doesn't exist, available properties are 'Name, name, list, nothing, text'. Please see https://aka.ms/logicexpressions for usage details.",
      ),
    );
  });

  test("takes computed keys", () => {
    expect(value("@parameters('o')[concat('li', 'st')][sub(2, 1)]")).toBe(20);
  });

  test("gives null behind a question mark for what is missing", () => {
    expect(value("@parameters('o')?.gone")).toBe(null);
    expect(value("@parameters('o').list?[7]")).toBe(null);
    expect(value("@parameters('o').nothing?['a']?['b']")).toBe(null);
  });

  test("fails without a question mark", () => {
    failure(
      "@parameters('o').gone",
      "'parameters('o').gone' cannot be evaluated because property 'gone' doesn't exist, available properties are 'Name, name, list, nothing, text'",
    );
    failure(
      "@parameters('o').list[2]",
      "'parameters('o').list[2]' cannot be evaluated because array index '2' is outside bounds (0, 1) of array",
    );
    failure(
      "@parameters('o').nothing.a",
      "'parameters('o').nothing.a' cannot be evaluated because property 'a' cannot be selected. Please check the parent of it, which is null",
    );
  });

  test("a question mark covers its own member only", () => {
    failure(
      "@parameters('o')?.gone.more",
      "'parameters('o')?.gone.more' cannot be evaluated because property 'more' cannot be selected. Please check the parent of it, which is null",
    );
  });

  test("into a text or number, or into an array by name, always fails", () => {
    failure(
      "@parameters('o').text?.a",
      "'parameters('o').text?.a' cannot be evaluated because property 'a' cannot be selected. Property selection is not supported on values of type 'String'",
    );
    failure(
      "@parameters('o').list[0]?['a']",
      "'parameters('o').list[0]?['a']' cannot be evaluated because property 'a' cannot be selected. Property selection is not supported on values of type 'Integer'",
    );
    failure(
      "@parameters('o').list?['a']",
      "'parameters('o').list?['a']' cannot be evaluated because property 'a' cannot be selected. Array elements can only be selected using an integer index",
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-limits
describe("limits of built texts", () => {
  const long = "x".repeat(20);
  const limited = (text: string) => () =>
    evaluate(text, { parameters: { long, list: [long] } }, { stringLimit: 19 });
  const tooLong = (builder: string, length: number) =>
    new ExpressionError(
      `The result of ${builder} has ${length} characters, more than the limit of 19.`,
    );

  test("hold for string(), concat(), base64() and interpolation", () => {
    expect(limited("@concat(parameters('long'))")).toThrow(tooLong("concat()", 20));
    expect(limited("@string(parameters('list'))")).toThrow(tooLong("string()", 24));
    expect(limited("@base64(take(parameters('long'), 15))")).toThrow(tooLong("base64()", 20));
    expect(limited("@{parameters('long')}")).toThrow(tooLong("an interpolation", 20));
  });

  test("do not hold for values that are handed on", () => {
    expect(limited("@parameters('long')")()).toBe(long);
    expect(limited("@join(parameters('list'), '')")()).toBe(long);
  });

  test("are 131,072 characters unless told otherwise", () => {
    expect(defaultEngineOptions.stringLimit).toBe(131_072);
  });
});

describe("compiled expressions", () => {
  test("can be evaluated again and again with other values", () => {
    const evaluated = compileExpression(parseTemplateString("@add(parameters('n'), 1)"));
    const withValue = (n: Json): Evaluation => testEvaluation({ parameters: { n } });
    expect([1, 2, 3].map((n) => evaluated(withValue(n)))).toEqual([2, 3, 4]);
  });

  test("see the options of the run they are in", () => {
    const run = (options: Partial<EngineOptions>) =>
      evaluate("@startsWith('ABC', 'ab')", {}, options);
    expect(run({})).toBe(true);
    expect(run({ searchIgnoresCase: false })).toBe(false);
  });

  describe("look for a value once in an action", () => {
    /** The values of expressions in one action, and how often they asked for the variable. */
    const inOneAction = (texts: readonly string[], more: Partial<Evaluation> = {}) => {
      let asked = 0;
      const evaluation: Evaluation = {
        ...testEvaluation({}),
        found: new Map(),
        variable: () => {
          asked++;
          return [1, 2, 3];
        },
        ...more,
      };
      const values = texts.map((text) => compileExpression(parseTemplateString(text))(evaluation));
      return { values, asked };
    };

    test("however the parts that ask for it are written, and wherever", () => {
      const { values, asked } = inOneAction([
        "@add(length(skip(variables('List'), 1)), length(skip(variables('List'), 1)))",
        "@concat('x', string(LENGTH(skip( variables('List') ,1))))",
        "@length(skip(variables('List'), 2))",
      ]);
      expect(values).toEqual([4, "x2", 1]);
      expect(asked).toBe(2);
    });

    test("but again in another action", () => {
      const text = "@length(skip(variables('List'), 1))";
      expect([inOneAction([text]).asked, inOneAction([text]).asked]).toEqual([1, 1]);
    });

    test("but not of an item, of the time or of chance", () => {
      let item = 0;
      const { values } = inOneAction(
        ["@add(mul(item(), 1), add(0, 1))", "@add(mul(item(), 1), add(0, 1))"],
        { item: () => ++item },
      );
      expect(values).toEqual([2, 3]);
      let time = 0;
      const { values: times } = inOneAction(
        ["@ticks(concat(utcNow(), ''))", "@ticks(concat(utcNow(), ''))"],
        { now: () => new Date(++time) },
      );
      expect(new Set(times.map(String)).size).toBe(2);
      let chance = 0;
      const { values: numbers } = inOneAction(
        ["@add(mul(rand(0, 10), 1), 0)", "@add(mul(rand(0, 10), 1), 0)"],
        { random: () => (chance += 0.25) },
      );
      expect(numbers).toEqual([2, 5]);
    });
  });
});
