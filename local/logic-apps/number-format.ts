import type { Culture } from "./culture.ts";
import { isFloat, toBigInt, toDouble, type WorkflowNumber } from "./numbers.ts";

/** Currencies of the regions that locales name; `Intl` does not know them. */
const currencies: Readonly<Record<string, string>> = {
  AU: "AUD",
  BR: "BRL",
  CA: "CAD",
  CH: "CHF",
  CN: "CNY",
  DK: "DKK",
  GB: "GBP",
  IN: "INR",
  IS: "ISK",
  JP: "JPY",
  KR: "KRW",
  NO: "NOK",
  NZ: "NZD",
  PL: "PLN",
  SE: "SEK",
  US: "USD",
  ...Object.fromEntries(
    ["AT", "BE", "DE", "ES", "FI", "FR", "GR", "IE", "IT", "LU", "NL", "PT"].map((region) => [
      region,
      "EUR",
    ]),
  ),
};

/**
 * Writes a number by a .NET format string: `C`, `D`, `E`, `F`, `G`, `N`, `P`, `X` with or without
 * precision, or a pattern of `0`, `#`, `.`, `,`, `%` and text around it; `undefined` for any other.
 * https://learn.microsoft.com/dotnet/standard/base-types/standard-numeric-format-strings
 */
export function formatNumber(
  value: WorkflowNumber,
  format: string,
  culture: Culture,
): string | undefined {
  const standard = /^([A-Za-z])(\d{0,2})$/.exec(format);
  return standard
    ? formatStandard(value, standard[1]!, standard[2]!, culture)
    : formatCustom(value, format, culture);
}

function formatStandard(
  value: WorkflowNumber,
  specifier: string,
  precision: string,
  culture: Culture,
): string | undefined {
  const digits = precision === "" ? undefined : Number(precision);
  const fixed = (count: number, grouped: boolean, style: Intl.NumberFormatOptions = {}) =>
    write(value, culture, {
      useGrouping: grouped,
      minimumFractionDigits: count,
      maximumFractionDigits: count,
      ...style,
    });
  switch (specifier.toUpperCase()) {
    case "C": {
      const currency = currencies[culture.locale.split("-").at(-1)!];
      return currency === undefined
        ? undefined
        : // .NET writes the symbol of kr. without its dot.
          fixed(digits ?? 2, true, { style: "currency", currency }).replace(/\.$/, "");
    }
    case "D": {
      if (isFloat(value)) {
        return undefined;
      }
      const text = String(value);
      const sign = text.startsWith("-") ? "-" : "";
      return sign + text.slice(sign.length).padStart(digits ?? 0, "0");
    }
    case "E": {
      const [mantissa, exponent] = toDouble(value)
        .toExponential(digits ?? 6)
        .split("e") as [string, string];
      const power = exponent[0]! + exponent.slice(1).padStart(3, "0");
      return mantissa.replace(".", culture.decimalSeparator) + specifier + power;
    }
    case "F":
      return fixed(digits ?? 2, false);
    case "G":
      return write(value, culture, { useGrouping: false, maximumSignificantDigits: digits || 17 });
    case "N":
      return fixed(digits ?? 2, true);
    case "P":
      return fixed(digits ?? 2, true, { style: "percent" });
    case "X": {
      if (isFloat(value)) {
        return undefined;
      }
      const text = BigInt.asUintN(64, toBigInt(value))
        .toString(16)
        .padStart(digits ?? 1, "0");
      return specifier === "X" ? text.toUpperCase() : text;
    }
    default:
      return undefined;
  }
}

/** Text, then digits, then text: a pattern of https://learn.microsoft.com/dotnet/standard/base-types/custom-numeric-format-strings */
const pattern =
  /^((?:'[^']*'|"[^"]*"|\\.|[^0#.,%'"\\;])*)([0#.,]+)(%?)((?:'[^']*'|"[^"]*"|\\.|[^0#.,%'"\\;])*)$/;

function formatCustom(value: WorkflowNumber, format: string, culture: Culture): string | undefined {
  const [positive, negative, zero, ...more] = format.split(";");
  const amount = toDouble(value);
  if (more.length > 0) {
    return undefined;
  }
  if (amount < 0 && negative) {
    return formatSection(isFloat(value) ? -amount : -toBigInt(value), negative, culture);
  }
  const section = amount === 0 && zero ? zero : positive!;
  return formatSection(isFloat(value) ? amount : toBigInt(value), section, culture);
}

function formatSection(
  value: number | bigint,
  format: string,
  culture: Culture,
): string | undefined {
  const found = pattern.exec(format);
  if (!found) {
    return undefined;
  }
  const [, before, digits, percent, after] = found as unknown as string[];
  const [whole, fraction = "", ...more] = digits!.split(".");
  const thousands = /,*$/.exec(whole!)![0].length;
  const places = whole!.replaceAll(",", "");
  if (more.length > 0 || fraction.includes(",") || /0#/.test(places) || /#0/.test(fraction)) {
    return undefined;
  }
  const least = places.replaceAll("#", "").length;
  const scaled = percent || thousands > 0 ? Number(value) / 1000 ** thousands : value;
  const text = new Intl.NumberFormat(culture.locale, {
    numberingSystem: "latn",
    style: percent ? "percent" : "decimal",
    useGrouping: whole!.slice(0, whole!.length - thousands).includes(","),
    minimumIntegerDigits: Math.max(1, least),
    minimumFractionDigits: fraction.replaceAll("#", "").length,
    maximumFractionDigits: fraction.length,
  }).format(scaled);
  const shown = least === 0 ? text.replace(/^(-?)0(?=\D|$)/, "$1") : text;
  const sign = shown.startsWith("-") ? "-" : "";
  return sign + plain(before!) + shown.slice(sign.length) + plain(after!);
}

/** Text of a pattern without its quotation marks and backslashes. */
const plain = (text: string) =>
  text.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, ...parts: (string | undefined)[]) =>
    parts.slice(0, 3).join(""),
  );

function write(value: WorkflowNumber, culture: Culture, options: Intl.NumberFormatOptions): string {
  const exact = isFloat(value) ? toDouble(value) : toBigInt(value);
  return new Intl.NumberFormat(culture.locale, { numberingSystem: "latn", ...options })
    .format(exact)
    .replaceAll("\u00a0", " ")
    .replaceAll("\u202f", " ");
}
