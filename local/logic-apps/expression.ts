import { LosslessNumber } from "lossless-json";
import type { Json } from "../json.ts";
import { limits } from "./limits.ts";

/** A node of a parsed expression. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "member";
      readonly target: Expression;
      readonly key: Expression;
      readonly optional: boolean;
      /** The source up to and including this member, for error messages. */
      readonly source: string;
    }
  | { readonly kind: "interpolation"; readonly parts: readonly (string | Expression)[] };

/** Characters that one expression may have. */
export const expressionLimit = limits.expressionCharacters.most;

/** Thrown for a text that is no expression of the Workflow Definition Language. */
export class ExpressionSyntaxError extends Error {}

/** Thrown for a function that the service has and this engine has not. */
export class ForeignFunctionError extends ExpressionSyntaxError {
  constructor(name: string, reason: string) {
    super(`the local engine does not have the function '${name}': ${reason}`);
  }
}

/**
 * Parses a string of a workflow definition: `@…` is an expression, `@{…}` inside text interpolates,
 * `@@` and `@@{` escape. Throws `ExpressionSyntaxError`.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language
 */
export function parseTemplateString(text: string): Expression {
  if (!text.includes("@")) {
    return { kind: "literal", value: text };
  }
  const isExpression = text.startsWith("@") && text[1] !== "@" && text[1] !== "{";
  const parsed = isExpression ? parseWhole(text.slice(1)) : parseInterpolation(text);
  if (text.length > expressionLimit && (isExpression || parsed.kind === "interpolation")) {
    throw new ExpressionSyntaxError(
      `an expression must have at most ${expressionLimit} characters, got ${text.length}`,
    );
  }
  return parsed;
}

function parseWhole(source: string): Expression {
  const parser = new Parser(source, 0);
  const expression = parser.expression();
  parser.expectEnd();
  return expression;
}

function parseInterpolation(text: string): Expression {
  const parts: (string | Expression)[] = [];
  let literal = "";
  let position = 0;
  if (text.startsWith("@@") && text[2] !== "{") {
    literal = "@";
    position = 2;
  }
  while (position < text.length) {
    if (text.startsWith("@@{", position)) {
      literal += "@{";
      position += 3;
    } else if (text.startsWith("@{", position)) {
      const parser = new Parser(text, position + 2);
      const expression = parser.expression();
      position = parser.expectBrace();
      if (literal) {
        parts.push(literal);
        literal = "";
      }
      parts.push(expression);
    } else {
      literal += text[position];
      position++;
    }
  }
  if (parts.length === 0) {
    return { kind: "literal", value: literal };
  }
  if (literal) {
    parts.push(literal);
  }
  return { kind: "interpolation", parts };
}

const tokenNames: Readonly<Record<string, string>> = {
  "(": "LeftParenthesis",
  ")": "RightParenthesis",
  "[": "LeftSquareBracket",
  "]": "RightSquareBracket",
  "{": "LeftCurlyBracket",
  "}": "RightCurlyBracket",
  ",": "Comma",
  ".": "Dot",
  "?": "QuestionMark",
};

/** Recursive descent over the text itself; the language has no operators, so no token list is needed. */
class Parser {
  constructor(
    private readonly source: string,
    private position: number,
  ) {}

  expression(): Expression {
    this.skipSpace();
    const start = this.position;
    let expression = this.primary();
    for (;;) {
      this.skipSpace();
      let optional = false;
      if (this.peek() === "?") {
        optional = true;
        this.position++;
        this.skipSpace();
        if (this.peek() !== "." && this.peek() !== "[") {
          this.fail("Dot");
        }
      }
      if (this.peek() === ".") {
        this.position++;
        this.skipSpace();
        const name = this.match(/[A-Za-z_$][\w$]*/y) ?? this.fail("Identifier");
        const key: Expression = { kind: "literal", value: name };
        expression = {
          kind: "member",
          target: expression,
          key,
          optional,
          source: this.from(start),
        };
      } else if (this.peek() === "[") {
        this.position++;
        const key = this.expression();
        this.expect("]");
        expression = {
          kind: "member",
          target: expression,
          key,
          optional,
          source: this.from(start),
        };
      } else {
        return expression;
      }
    }
  }

  expectEnd(): void {
    this.skipSpace();
    if (this.position < this.source.length) {
      this.fail("EndOfData");
    }
  }

  /** Where the text goes on after the brace that closes an interpolation. */
  expectBrace(): number {
    this.expect("}");
    return this.position;
  }

  private primary(): Expression {
    if (this.peek() === "'") {
      return { kind: "literal", value: this.quoted() };
    }
    const digits = this.match(/[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (digits !== undefined) {
      return { kind: "literal", value: numberLiteral(digits) };
    }
    const name = this.match(/[A-Za-z_]\w*/y) ?? this.fail("Identifier");
    this.skipSpace();
    if (this.peek() === "(") {
      this.position++;
      return { kind: "call", name, args: this.args() };
    }
    switch (name.toLowerCase()) {
      case "true":
        return { kind: "literal", value: true };
      case "false":
        return { kind: "literal", value: false };
      case "null":
        return { kind: "literal", value: null };
      default:
        return this.fail("LeftParenthesis");
    }
  }

  private args(): Expression[] {
    const args: Expression[] = [];
    this.skipSpace();
    if (this.peek() === ")") {
      this.position++;
      return args;
    }
    for (;;) {
      args.push(this.expression());
      this.skipSpace();
      if (this.peek() !== ",") {
        this.expect(")");
        return args;
      }
      this.position++;
    }
  }

  private quoted(): string {
    const text = this.match(/'(?:[^']|'')*'/y);
    if (text === undefined) {
      throw new ExpressionSyntaxError(
        `Unable to parse template language expression '${this.source}': the string that starts at position ${this.position} is not closed.`,
      );
    }
    return text.slice(1, -1).replaceAll("''", "'");
  }

  private expect(character: string): void {
    this.skipSpace();
    if (this.peek() !== character) {
      this.fail(tokenNames[character]!);
    }
    this.position++;
  }

  private fail(expected: string): never {
    const next = this.peek();
    const actual =
      next === undefined
        ? "EndOfData"
        : (tokenNames[next] ??
          (next === "'" ? "StringLiteral" : /[A-Za-z_]/.test(next) ? "Identifier" : next));
    throw new ExpressionSyntaxError(
      `Unable to parse template language expression '${this.source}': expected token '${expected}' and actual '${actual}'.`,
    );
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source)?.[0];
    if (found !== undefined) {
      this.position += found.length;
    }
    return found;
  }

  private from(start: number): string {
    return this.source.slice(start, this.position);
  }

  private skipSpace(): void {
    while (/\s/.test(this.source[this.position] ?? "x")) {
      this.position++;
    }
  }

  private peek(): string | undefined {
    return this.source[this.position];
  }
}

/** A literal with a fraction stays a float even when it is whole: `div(11.0, 5)` is 2.2. */
function numberLiteral(digits: string): Json {
  const value = Number(digits);
  if (/^[+-]?\d+$/.test(digits)) {
    return Number.isSafeInteger(value) ? value : new LosslessNumber(String(BigInt(digits)));
  }
  return Number.isSafeInteger(value) ? new LosslessNumber(`${value}.0`) : value;
}
