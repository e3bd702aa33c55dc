import { type Culture, english } from "./culture.ts";

/** An instant in units of 100 ns since the year 1, and whether it is known to be UTC. */
export interface Timestamp {
  readonly ticks: bigint;
  /** Whether `K` writes `Z`: a text without `Z` or offset stays without one. */
  readonly utc: boolean;
}

/** Ticks of 100 ns in a millisecond. */
export const ticksPerMs = 10_000n;

const unixEpochTicks = 621_355_968_000_000_000n;
const lastTicks = 3_155_378_975_999_999_999n;

/** The timestamp of a date. */
export function timestampOf(date: Date): Timestamp {
  return { ticks: BigInt(date.getTime()) * ticksPerMs + unixEpochTicks, utc: true };
}

/** The date of a timestamp, cut to milliseconds. */
export function dateOf({ ticks }: Timestamp): Date {
  return new Date(Number((ticks - unixEpochTicks) / ticksPerMs));
}

/** A timestamp moved by ticks, or `undefined` outside the years 1 to 9999. */
export function moved(timestamp: Timestamp, ticks: bigint): Timestamp | undefined {
  const result = timestamp.ticks + ticks;
  return result < 0n || result > lastTicks ? undefined : { ...timestamp, ticks: result };
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s?(Z|[+-]\d\d:\d\d)?$/i;
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?$/;
const rfc1123 = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/**
 * Reads ISO 8601, `MM/dd/yyyy HH:mm:ss` and the HTTP date format; `undefined` for anything else.
 * An offset is converted to UTC.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const trimmed = text.trim();
  let found = iso.exec(trimmed);
  if (found) {
    const [, year, month, day, hour, minute, second, fraction, zone] = found;
    return assembleTimestamp(
      [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)),
      BigInt((fraction ?? "").slice(0, 7).padEnd(7, "0")),
      zone,
    );
  }
  found = american.exec(trimmed);
  if (found) {
    const [, month, day, year, hour, minute, second] = found;
    return assembleTimestamp(
      [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)),
    );
  }
  found = rfc1123.exec(trimmed);
  if (found) {
    const [, day, name, year, hour, minute, second] = found;
    const month = english.shortMonths.indexOf(name!) + 1;
    const parts = [year, month, day, hour, minute, second].map((part) => Number(part));
    return assembleTimestamp(parts, 0n, "Z");
  }
  return undefined;
}

/**
 * The timestamp of a year, month, day, hour, minute and second, with a fraction in ticks and a zone
 * such as `Z` or `+01:00`; `undefined` when there is no such time.
 */
export function assembleTimestamp(
  parts: readonly number[],
  fraction = 0n,
  zone?: string,
): Timestamp | undefined {
  const [year, month, day, hour, minute, second] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exists =
    year > 0 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!exists) {
    return undefined;
  }
  const offsetMinutes =
    zone === undefined || zone.toUpperCase() === "Z"
      ? 0
      : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone.startsWith("-") ? -1 : 1);
  const instant = { ticks: timestampOf(date).ticks + fraction, utc: zone !== undefined };
  return moved(instant, -BigInt(offsetMinutes) * 60_000n * ticksPerMs);
}

const standardFormats: Readonly<Record<string, string>> = {
  o: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  O: "yyyy-MM-ddTHH:mm:ss.fffffffK",
  s: "yyyy-MM-ddTHH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ssZ",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  d: "M/d/yyyy",
  D: "dddd, MMMM d, yyyy",
  t: "h:mm tt",
  T: "h:mm:ss tt",
  f: "dddd, MMMM d, yyyy h:mm tt",
  F: "dddd, MMMM d, yyyy h:mm:ss tt",
  g: "M/d/yyyy h:mm tt",
  G: "M/d/yyyy h:mm:ss tt",
  U: "dddd, MMMM d, yyyy h:mm:ss tt",
  m: "MMMM d",
  M: "MMMM d",
  y: "MMMM yyyy",
  Y: "MMMM yyyy",
};

/** Standard formats that are the same in every culture. */
const invariantFormats = ["o", "O", "s", "u", "r", "R"];

/**
 * Writes a timestamp by a .NET format string; `undefined` for a format that is not valid, and for the
 * standard formats of other cultures than en-US.
 * https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
 */
export function formatTimestamp(
  timestamp: Timestamp,
  format: string,
  culture: Culture = english,
): string | undefined {
  if (
    format.length === 1 &&
    (!Object.hasOwn(standardFormats, format) ||
      (culture !== english && !invariantFormats.includes(format)))
  ) {
    return undefined;
  }
  const custom = format.length === 1 ? standardFormats[format]! : format.replace(/^%/, "");
  const date = dateOf(timestamp);
  const fraction = String(timestamp.ticks % 10_000_000n).padStart(7, "0");
  let text = "";
  let position = 0;
  while (position < custom.length) {
    const character = custom[position]!;
    if (character === "'" || character === '"') {
      const close = custom.indexOf(character, position + 1);
      if (close < 0) {
        return undefined;
      }
      text += custom.slice(position + 1, close);
      position = close + 1;
    } else if (character === "\\") {
      if (position + 1 === custom.length) {
        return undefined;
      }
      text += custom[position + 1];
      position += 2;
    } else {
      let length = 1;
      while (custom[position + length] === character) {
        length++;
      }
      const part = formatPart(character, length, date, fraction, timestamp.utc, culture);
      if (part === undefined) {
        return undefined;
      }
      text += part;
      position += length;
    }
  }
  return text;
}

function formatPart(
  character: string,
  length: number,
  date: Date,
  fraction: string,
  utc: boolean,
  { months, shortMonths, days, shortDays }: Culture,
): string | undefined {
  const width = Math.min(length, 2);
  switch (character) {
    case "y":
      return length < 3
        ? padded(date.getUTCFullYear() % 100, length)
        : padded(date.getUTCFullYear(), length);
    case "M":
      return length < 3
        ? padded(date.getUTCMonth() + 1, width)
        : (length === 3 ? shortMonths : months)[date.getUTCMonth()];
    case "d":
      return length < 3
        ? padded(date.getUTCDate(), width)
        : (length === 3 ? shortDays : days)[date.getUTCDay()];
    case "H":
      return padded(date.getUTCHours(), width);
    case "h":
      return padded(date.getUTCHours() % 12 || 12, width);
    case "m":
      return padded(date.getUTCMinutes(), width);
    case "s":
      return padded(date.getUTCSeconds(), width);
    case "f":
      return length > 7 ? undefined : fraction.slice(0, length);
    case "F":
      return length > 7 ? undefined : fraction.slice(0, length).replace(/0+$/, "");
    case "t":
      return (date.getUTCHours() < 12 ? "AM" : "PM").slice(0, length);
    case "K":
      return (utc ? "Z" : "").repeat(length);
    case "z":
      return length === 1 ? "+0" : length === 2 ? "+00" : "+00:00";
    default:
      return character.repeat(length);
  }
}

const padded = (value: number, width: number) => String(value).padStart(width, "0");

/** The current or given instant as the service writes it: `yyyy-MM-ddTHH:mm:ss.fffffffZ`. */
export function roundTrip(date: Date): string {
  return `${date.toISOString().slice(0, -1)}0000Z`;
}
