import type { DeployedTenant } from "./deployed-tenant.ts";
import type { PublishedDay } from "./records/publish-day.ts";
import type { DayOutcome } from "./simulate-day.ts";

/** What happened in a simulated day, as a few lines for a person; `replayed` is the file of the records. */
export function dayReport(
  {
    environment,
    tenantName,
    tenant,
  }: Pick<DeployedTenant, "environment" | "tenantName" | "tenant">,
  day: PublishedDay,
  outcome: DayOutcome & { readonly recordsInvalid: number; readonly replayed?: string },
): string {
  const late = day.blobs.filter(({ created, listedFrom }) => listedFrom > created).length;
  const repeated = day.recordsPublished - day.recordsDistinct;
  const lines: [string, string][] = [
    [
      "Source",
      `${count(outcome.recordsRead, "record")}, ${count(outcome.recordsDistinct, "different id")}${outcome.recordsInvalid > 0 ? `; ${count(outcome.recordsInvalid, "row")} left out` : ""}`,
    ],
    [
      "Feed",
      `${count(outcome.blobs, "blob")} with ${count(day.recordsPublished, "record")}: ${count(repeated, "repeat")}, ${count(late, "blob")} listed late`,
    ],
    [
      "Playbook",
      `${count(outcome.runs, "run")} every ${tenant.recurrenceMinutes} minutes, ${outcome.runsFailed} failed; ${count(outcome.pages, "listing")}`,
    ],
    [
      "Table",
      `${count(outcome.rows, "row")} in M365Audit_CL${outcome.recordsFiltered > 0 ? `; ${count(outcome.recordsFiltered, "record")} filtered out as configured` : ""}`,
    ],
    [
      "Views",
      `${count(outcome.rowsInView, "row")} in M365Audit, ${count(outcome.rowsOfTeams, "row")} in TeamsAudit`,
    ],
    ["Missing", count(outcome.missing, "record")],
    [
      "Cost",
      `${count(outcome.billableExecutions, "billable execution")}, ${outcome.costUsd.toFixed(2)} USD at list price`,
    ],
  ];
  const hours = Math.round((outcome.until.getTime() - outcome.from.getTime()) / 3_600_000);
  const source = outcome.replayed === undefined ? "The" : `${outcome.replayed} as the`;
  return [
    `${source} audit log of ${tenantName} (environment ${environment.name}) on the local cloud, ${hours} simulated hours`,
    "",
    ...lines.map(([name, text]) => `  ${name.padEnd(9)} ${text}`),
  ].join("\n");
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString("en-US")} ${value === 1 ? one : many}`;
}
