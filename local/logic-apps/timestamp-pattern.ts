import type { Culture } from "./culture.ts";
import { assembleTimestamp, type Timestamp } from "./timestamp.ts";

/**
 * Reads a date by a custom .NET format string; `undefined` for a text that does not fit it, and for
 * a format with something that is not known here.
 * https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
 */
export function parseByPattern(
  text: string,
  format: string,
  culture: Culture,
): Timestamp | undefined {
  const compiled = compile(format, culture);
  const found = compiled?.expression.exec(text.trim());
  if (!compiled || !found) {
    return undefined;
  }
  const parts: Record<string, string> = {};
  compiled.parts.forEach((part, index) => {
    parts[part] = found[index + 1]!;
  });
  const year = Number(parts["year"] ?? parts["shortYear"] ?? Number.NaN);
  const named = (name: string, names: readonly string[]) =>
    names.findIndex((one) => one.toLowerCase() === parts[name]!.toLowerCase()) + 1;
  const month =
    parts["monthName"] !== undefined
      ? named("monthName", culture.months)
      : parts["shortMonthName"] !== undefined
        ? named("shortMonthName", culture.shortMonths)
        : Number(parts["month"] ?? 1);
  const afternoon = parts["half"]?.toLowerCase().startsWith("p") ? 12 : 0;
  const hour =
    parts["hour12"] === undefined
      ? Number(parts["hour"] ?? 0)
      : (Number(parts["hour12"]) % 12) + afternoon;
  return assembleTimestamp(
    [
      // Two digits mean the hundred years that end in 2049, as in .NET.
      parts["shortYear"] === undefined ? year : year + (year < 50 ? 2000 : 1900),
      month,
      Number(parts["day"] ?? 1),
      hour,
      Number(parts["minute"] ?? 0),
      Number(parts["second"] ?? 0),
    ],
    BigInt((parts["fraction"] ?? "").padEnd(7, "0")),
    parts["zone"] || undefined,
  );
}

/**
 * Reads a date as a culture writes it: short with numbers, or long with names, with or without a
 * time; `undefined` for any other text.
 */
export function parseByCulture(text: string, culture: Culture): Timestamp | undefined {
  const [first, second, third] = culture.shortDateOrder;
  const numbers = ["/", "-", ".", ". "].map((sign) =>
    [first, second, third].map((part) => (part === "y" ? "yyyy" : part)).join(`'${sign}'`),
  );
  const names = [
    "d MMMM yyyy",
    "MMMM d, yyyy",
    "MMMM d yyyy",
    "d. MMMM yyyy",
    "d 'de' MMMM 'de' yyyy",
  ];
  const dates = [...numbers, ...names, ...names.flatMap((one) => [`dddd ${one}`, `dddd, ${one}`])];
  for (const date of dates) {
    for (const time of ["", " H:mm", " H:mm:ss"]) {
      const found = parseByPattern(text, date + time, culture);
      if (found) {
        return found;
      }
    }
  }
  return undefined;
}

function compile(format: string, culture: Culture) {
  const parts: string[] = [];
  let source = "";
  const add = (part: string, expression: string) => {
    parts.push(part);
    source += `(${expression})`;
  };
  const tokens = /'([^']*)'|"([^"]*)"|\\(.)|%|([yMdHhmsfFtKz])\4*|./gs;
  for (const token of format.matchAll(tokens)) {
    const [text, single, double, escaped, letter] = token;
    const literal = single ?? double ?? escaped;
    if (literal !== undefined) {
      source += escapeExpression(literal);
    } else if (letter === undefined) {
      source += text === "%" ? "" : escapeExpression(text);
    } else if (!addPart(letter, text.length, culture, add)) {
      return undefined;
    }
  }
  return new Set(parts).size < parts.length
    ? undefined
    : { parts, expression: new RegExp(`^${source}$`, "iu") };
}

function addPart(
  letter: string,
  length: number,
  culture: Culture,
  add: (part: string, expression: string) => void,
): boolean {
  const number = length === 1 ? "\\d{1,2}" : "\\d{2}";
  switch (letter) {
    case "y":
      add(length < 3 ? "shortYear" : "year", length < 3 ? number : `\\d{${length}}`);
      return true;
    case "M":
      if (length < 3) {
        add("month", number);
      } else {
        add(
          length === 3 ? "shortMonthName" : "monthName",
          oneOf(length === 3 ? culture.shortMonths : culture.months),
        );
      }
      return true;
    case "d":
      if (length < 3) {
        add("day", number);
      } else {
        add("dayName", oneOf(length === 3 ? culture.shortDays : culture.days));
      }
      return true;
    case "H":
      add("hour", number);
      return true;
    case "h":
      add("hour12", number);
      return true;
    case "m":
      add("minute", number);
      return true;
    case "s":
      add("second", number);
      return true;
    case "f":
      add("fraction", `\\d{${length}}`);
      return length <= 7;
    case "F":
      add("fraction", `\\d{0,${length}}`);
      return length <= 7;
    case "t":
      add("half", length === 1 ? "[ap]" : "[ap]m");
      return true;
    case "K":
      add("zone", "Z|[+-]\\d\\d:\\d\\d|");
      return true;
    default:
      add("zone", "[+-]\\d\\d:\\d\\d");
      return length === 3;
  }
}

const escapeExpression = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

const oneOf = (names: readonly string[]) => names.map(escapeExpression).join("|");
