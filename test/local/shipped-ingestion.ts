import { basename } from "node:path";

import { kqlFiles } from "../../content/kql.ts";
import { loadText } from "../../content/load.ts";
import { loadTable, loadTables, streamColumnType } from "../../content/tables.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { Ingestion, type DataCollectionRule } from "../../local/ingestion.ts";
import type { Row } from "../../local/workspace/workspace.ts";
import { Workspace } from "../../local/workspace/workspace.ts";
import { collect } from "./workspace/collect.ts";

/** Where the fixture's rule is reached. */
export const host = "dce-example-0a1b.westeurope-1.ingest.monitor.azure.com";

/** The rule with the shipped streams and transformations. */
export const shippedRule: DataCollectionRule = {
  immutableId: `dcr-${"0".repeat(32)}`,
  host,
  streams: Object.fromEntries(
    loadTables().map(({ stream }) => [
      stream.name,
      stream.columns.map(({ name, type }) => ({ name, type: streamColumnType(type) })),
    ]),
  ),
  dataFlows: kqlFiles()
    .filter((file) => file.startsWith("transformations/"))
    .map((file) => {
      const table = loadTable(basename(file, ".kql"));
      return {
        stream: table.stream.name,
        transformKql: loadText(file),
        outputTable: table.name,
      };
    }),
};

/** When the fixture's calls arrive. */
export const arrival = "2026-01-02T12:00:00.000Z";

/** An ingestion endpoint with a workspace behind it and an identity that may post. */
export async function shippedIngestion(
  rules: readonly DataCollectionRule[] = [shippedRule],
  sqlOf?: (kql: string) => string,
) {
  const clock = new VirtualClock(new Date(arrival));
  const directory = new Directory({ clock });
  const tenantId = "00000000-0000-4000-8000-00000000000a";
  directory.addTenant(tenantId);
  const publisher = directory.addApplication({
    clientId: "00000000-0000-4000-8000-00000000000b",
    tenantId,
  });
  directory.assignRole({
    principalId: publisher.principalId,
    role: "Monitoring Metrics Publisher",
    scope: shippedRule.immutableId,
  });
  const workspace = await Workspace.open(loadTables());
  const ingestion = new Ingestion({ clock, directory, workspace, rules, sqlOf });
  const token = (audience = "https://monitor.azure.com") =>
    directory.issueToken(publisher, audience);

  /** Posts a body to a stream as the playbook does, `changes` aside. */
  const post = (
    body: RequestInit["body"],
    changes: { path?: string; headers?: Record<string, string>; host?: string } = {},
  ) =>
    ingestion.handle(
      new Request(
        `https://${changes.host ?? host}${
          changes.path ??
          `/dataCollectionRules/${shippedRule.immutableId}/streams/Custom-M365Audit?api-version=2023-01-01`
        }`,
        {
          method: "POST",
          body,
          headers: {
            authorization: `Bearer ${token()}`,
            "content-type": "application/json",
            ...changes.headers,
          },
        },
      ),
    );

  /** Posts rows of the audit stream and returns what the table holds afterwards. */
  const store = async (...rows: object[]): Promise<Row[]> => {
    const response = await post(JSON.stringify(rows));
    if (response.status !== 204) {
      throw new Error(await response.text());
    }
    return collect(workspace.rows("M365Audit_CL"));
  };

  return { clock, directory, publisher, workspace, ingestion, token, post, store };
}
