import { isJsonObject, type Json } from "../json.ts";
import { ActionFailure } from "./action-failure.ts";
import { textOf, typeName } from "./evaluation.ts";

/** A column of a Table action, with the values that it has for an item. */
export interface TableColumn {
  readonly header: string;
  readonly valueOf: (item: Json) => Json;
}

/** Columns as the properties of the items make them. Fails for items without properties. */
export function columnsOf(items: readonly Json[]): TableColumn[] {
  const headers = new Set<string>();
  for (const item of items) {
    if (!isJsonObject(item)) {
      throw new ActionFailure(
        "BadRequest",
        `The 'from' property value in the 'table' action inputs must hold objects when there are no columns. It holds a value of type '${typeName(item)}'.`,
      );
    }
    Object.keys(item).forEach((header) => headers.add(header));
  }
  return [...headers].map((header) => ({
    header,
    valueOf: (item) => (isJsonObject(item) ? (item[header] ?? null) : null),
  }));
}

/**
 * Items as a table.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#table-action
 */
export function writeTable(
  format: "CSV" | "HTML",
  items: readonly Json[],
  columns: readonly TableColumn[],
): string {
  const headers = columns.map(({ header }) => header);
  const rows = items.map((item) => columns.map(({ valueOf }) => textOf(valueOf(item))));
  if (format === "CSV") {
    return [headers, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
  }
  const line = (cell: "th" | "td", row: readonly string[]) =>
    `<tr>${row.map((text) => `<${cell}>${htmlText(text)}</${cell}>`).join("")}</tr>`;
  const body = rows.map((row) => line("td", row)).join("");
  return `<table><thead>${line("th", headers)}</thead><tbody>${body}</tbody></table>`;
}

const csvField = (text: string) =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const htmlText = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
