import type { Json } from "../json.ts";
import { cultureArg, english } from "./culture.ts";
import { integer, isFloat, toDouble } from "./numbers.ts";
import { timeZone, toInstant, toLocal } from "./time-zone.ts";
import { parseByCulture, parseByPattern } from "./timestamp-pattern.ts";
import { dateOf, formatTimestamp, moved, parseTimestamp, ticksPerMs } from "./timestamp.ts";
import { type Timestamp, timestampOf } from "./timestamp.ts";
import {
  type FunctionGroup,
  integerArg,
  numberArg,
  textArg,
  type WorkflowFunction,
  wrongValue,
} from "./workflow-function.ts";

const second = 1000n * ticksPerMs;
const minute = 60n * second;
const hour = 60n * minute;
const day = 24n * hour;

const zoneNotes = "by the tz database of the running Node.js";

/**
 * Date and time functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#date-and-time-functions
 */
export const dateFunctions: FunctionGroup = {
  utcNow: {
    arity: [0, 1],
    call: (args, evaluation) => format("utcNow", timestampOf(evaluation.now()), args, 0),
  },
  addSeconds: addition("addSeconds", second),
  addMinutes: addition("addMinutes", minute),
  addHours: addition("addHours", hour),
  addDays: addition("addDays", day),
  addToTime: {
    arity: [3, 4],
    call: (args) => {
      const start = timestampArg("addToTime", args, 0);
      return format("addToTime", byUnit("addToTime", start, args, 1, 1), args, 3);
    },
  },
  subtractFromTime: {
    arity: [3, 4],
    call: (args) => {
      const start = timestampArg("subtractFromTime", args, 0);
      return format("subtractFromTime", byUnit("subtractFromTime", start, args, 1, -1), args, 3);
    },
  },
  getFutureTime: {
    arity: [2, 3],
    call: (args, evaluation) => {
      const now = timestampOf(evaluation.now());
      return format("getFutureTime", byUnit("getFutureTime", now, args, 0, 1), args, 2);
    },
  },
  getPastTime: {
    arity: [2, 3],
    call: (args, evaluation) => {
      const now = timestampOf(evaluation.now());
      return format("getPastTime", byUnit("getPastTime", now, args, 0, -1), args, 2);
    },
  },
  formatDateTime: {
    arity: [1, 3],
    notes: "the standard formats of other locales than en-US fail, names are those of CLDR",
    call: (args) =>
      format(
        "formatDateTime",
        timestampArg("formatDateTime", args, 0),
        args,
        1,
        cultureArg("formatDateTime", args, 2),
      ),
  },
  parseDateTime: {
    arity: [1, 3],
    notes: "without a format it takes ISO 8601 and the usual short and long dates of the locale",
    call: (args) => format("parseDateTime", parse(args), [], 0),
  },
  startOfHour: {
    arity: [1, 2],
    call: (args) => startOf("startOfHour", args, hour),
  },
  startOfDay: {
    arity: [1, 2],
    call: (args) => startOf("startOfDay", args, day),
  },
  startOfMonth: {
    arity: [1, 2],
    call: (args) => {
      const timestamp = timestampArg("startOfMonth", args, 0);
      const date = dateOf(timestamp);
      const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
      const { ticks } = timestampOf(new Date(first));
      return format("startOfMonth", { ...timestamp, ticks }, args, 1);
    },
  },
  dayOfWeek: {
    arity: [1, 1],
    call: (args) => dateOf(timestampArg("dayOfWeek", args, 0)).getUTCDay(),
  },
  dayOfMonth: {
    arity: [1, 1],
    call: (args) => dateOf(timestampArg("dayOfMonth", args, 0)).getUTCDate(),
  },
  dayOfYear: {
    arity: [1, 1],
    call: (args) => {
      const date = dateOf(timestampArg("dayOfYear", args, 0));
      return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000);
    },
  },
  ticks: { arity: [1, 1], call: (args) => integer(timestampArg("ticks", args, 0).ticks) },
  dateDifference: {
    arity: [2, 2],
    call: (args) =>
      timeSpan(
        timestampArg("dateDifference", args, 1).ticks -
          timestampArg("dateDifference", args, 0).ticks,
      ),
  },
  convertTimeZone: {
    arity: [3, 4],
    notes: zoneNotes,
    call: (args) => {
      const local = timestampArg("convertTimeZone", args, 0);
      const instant = local.utc ? local : instantOf("convertTimeZone", local, args, 1);
      const converted = toLocal(instant, zoneArg("convertTimeZone", args, 2));
      return format("convertTimeZone", converted, args, 3);
    },
  },
  convertFromUtc: {
    arity: [2, 3],
    notes: zoneNotes,
    call: (args) => {
      const instant = timestampArg("convertFromUtc", args, 0);
      const converted = toLocal(instant, zoneArg("convertFromUtc", args, 1));
      return format("convertFromUtc", converted, args, 2);
    },
  },
  convertToUtc: {
    arity: [2, 3],
    notes: zoneNotes,
    call: (args) => {
      const local = timestampArg("convertToUtc", args, 0);
      const instant = local.utc ? local : instantOf("convertToUtc", local, args, 1);
      return format("convertToUtc", instant, args, 2);
    },
  },
};

function timestampArg(name: string, args: readonly Json[], index: number): Timestamp {
  const text = textArg(name, args, index);
  const timestamp = parseTimestamp(text);
  if (!timestamp) {
    throw wrongValue(
      name,
      `In function '${name}', the value provided for date time string '${text}' was not valid. The datetime string must match ISO 8601 format.`,
    );
  }
  return timestamp;
}

function format(
  name: string,
  timestamp: Timestamp,
  args: readonly Json[],
  index: number,
  culture = english,
): string {
  const pattern = args[index] === undefined ? "o" : textArg(name, args, index);
  const text = formatTimestamp(timestamp, pattern, culture);
  if (text === undefined) {
    throw wrongValue(name, `The value provided for date time format '${pattern}' was not valid.`);
  }
  return text;
}

function move(name: string, timestamp: Timestamp, ticks: bigint): Timestamp {
  const result = moved(timestamp, ticks);
  if (!result) {
    throw wrongValue(name, "The resulting time is outside the years 1 to 9999.");
  }
  return result;
}

function addition(name: string, unit: bigint): WorkflowFunction {
  return {
    arity: [2, 3],
    call: (args) => {
      const amount = numberArg(name, args, 1);
      if (isFloat(amount)) {
        throw wrongValue(name, "The second parameter must be an integer.");
      }
      const start = timestampArg(name, args, 0);
      return format(name, move(name, start, BigInt(toDouble(amount)) * unit), args, 2);
    },
  };
}

/** Moves by an amount at `index` and a unit after it. */
function byUnit(
  name: string,
  start: Timestamp,
  args: readonly Json[],
  index: number,
  sign: 1 | -1,
): Timestamp {
  const amount = integerArg(name, args, index) * sign;
  const unit = textArg(name, args, index + 1);
  switch (unit.toLowerCase()) {
    case "second":
      return move(name, start, BigInt(amount) * second);
    case "minute":
      return move(name, start, BigInt(amount) * minute);
    case "hour":
      return move(name, start, BigInt(amount) * hour);
    case "day":
      return move(name, start, BigInt(amount) * day);
    case "week":
      return move(name, start, BigInt(amount) * 7n * day);
    case "month":
      return byMonths(name, start, amount);
    case "year":
      return byMonths(name, start, amount * 12);
    default:
      throw wrongValue(
        name,
        `The time unit must be Second, Minute, Hour, Day, Week, Month or Year, got '${unit}'.`,
      );
  }
}

/** The same day of another month, or its last day. */
function byMonths(name: string, start: Timestamp, amount: number): Timestamp {
  const from = dateOf(start);
  const target = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + amount, 1));
  const lastDay = new Date(
    Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0),
  ).getUTCDate();
  target.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  const midnight = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
  return move(name, start, BigInt(target.getTime() - midnight) * ticksPerMs);
}

function startOf(name: string, args: readonly Json[], unit: bigint): string {
  const timestamp = timestampArg(name, args, 0);
  return format(name, { ...timestamp, ticks: timestamp.ticks - (timestamp.ticks % unit) }, args, 1);
}

/** A time span as .NET writes it: `d.hh:mm:ss.fffffff`, days and fraction only when there. */
function timeSpan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const two = (value: bigint) => String(value).padStart(2, "0");
  const days = size / day > 0n ? `${size / day}.` : "";
  const clock = [(size / hour) % 24n, (size / minute) % 60n, (size / second) % 60n].map(two);
  const fraction = size % second > 0n ? `.${String(size % second).padStart(7, "0")}` : "";
  return `${ticks < 0n ? "-" : ""}${days}${clock.join(":")}${fraction}`;
}

function zoneArg(name: string, args: readonly Json[], index: number): string {
  const given = textArg(name, args, index);
  const zone = timeZone(given);
  if (zone === undefined) {
    throw wrongValue(name, `The time zone id '${given}' is not valid.`);
  }
  return zone;
}

function instantOf(name: string, local: Timestamp, args: readonly Json[], index: number) {
  const instant = toInstant(local, zoneArg(name, args, index));
  if (!instant) {
    throw wrongValue(
      name,
      `The time '${textArg(name, args, 0)}' does not exist in '${textArg(name, args, index)}'.`,
    );
  }
  return instant;
}

function parse(args: readonly Json[]): Timestamp {
  const text = textArg("parseDateTime", args, 0);
  const culture = cultureArg("parseDateTime", args, 1);
  const isIso = /^\d{4}-/.test(text);
  const found =
    args[2] !== undefined
      ? parseByPattern(text, textArg("parseDateTime", args, 2), culture)
      : culture === english || isIso
        ? (parseTimestamp(text) ?? parseByCulture(text, culture))
        : parseByCulture(text, culture);
  if (!found) {
    throw wrongValue("parseDateTime", `The date '${text}' cannot be read in this format.`);
  }
  return found;
}
