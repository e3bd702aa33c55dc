import type { Json } from "../json.ts";
import { textArg, wrongValue } from "./workflow-function.ts";

/** How a culture writes numbers and dates. */
export interface Culture {
  /** As `Intl` takes it. */
  readonly locale: string;
  readonly decimalSeparator: string;
  readonly groupSeparator: string;
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  readonly days: readonly string[];
  readonly shortDays: readonly string[];
  /** Day, month and year in the order of its short dates. */
  readonly shortDateOrder: readonly ("d" | "M" | "y")[];
}

/** The culture that holds where a function names none. */
export const english = createCulture("en-US");

const known = new Map([[english.locale, english]]);

/**
 * The culture of the RFC 4646 code that is an argument of a function, or {@link english} without one,
 * by the data of Unicode's CLDR, which differ from those of .NET in details such as short names of
 * months. Throws for a code without a culture.
 */
export function cultureArg(name: string, args: readonly Json[], index: number): Culture {
  if (args[index] === undefined) {
    return english;
  }
  const code = textArg(name, args, index);
  const locale = localeOf(code);
  if (locale === undefined) {
    throw wrongValue(
      name,
      `The provided locale '${code}' is not valid or does not have an associated culture.`,
    );
  }
  const culture = known.get(locale) ?? createCulture(locale);
  known.set(locale, culture);
  return culture;
}

function localeOf(code: string): string | undefined {
  try {
    return Intl.NumberFormat.supportedLocalesOf(code)[0];
  } catch {
    return undefined;
  }
}

function createCulture(locale: string): Culture {
  const number = new Intl.NumberFormat(locale, { numberingSystem: "latn" }).formatToParts(
    1_234_567.8,
  );
  const separator = (type: "decimal" | "group") =>
    number.find((part) => part.type === type)?.value ?? "";
  const names = (count: number, options: Intl.DateTimeFormatOptions, dayOfJanuary?: number) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
    return Array.from({ length: count }, (_, index) =>
      format.format(
        dayOfJanuary === undefined
          ? Date.UTC(2023, index, 1)
          : Date.UTC(2023, 0, dayOfJanuary + index),
      ),
    );
  };
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeZone: "UTC" });
  const order = { day: "d", month: "M", year: "y" } as const;
  return {
    locale,
    decimalSeparator: separator("decimal"),
    groupSeparator: separator("group"),
    months: names(12, { month: "long" }),
    shortMonths: names(12, { month: "short" }),
    // The first of January 2023 was a Sunday.
    days: names(7, { weekday: "long" }, 1),
    shortDays: names(7, { weekday: "short" }, 1),
    shortDateOrder: date
      .formatToParts(0)
      .flatMap(({ type }) => (type in order ? [order[type as keyof typeof order]] : [])),
  };
}
