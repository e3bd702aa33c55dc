import { expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { loadText } from "../../../content/load.ts";
import { FaultyNetwork } from "../../../local/faults/faulty-network.ts";
import type { Fault } from "../../../local/faults/fault-kinds.ts";
import { Observations } from "../../../local/faults/observations.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { deployTenant } from "../../../local/deployed-tenant.ts";
import { at } from "./small-case.ts";

test("FaultyNetwork asks the tables for shortfalls when there can be some", async () => {
  const clock = new VirtualClock(at(200));
  const environment = loadEnvironment(configFolder, "dev");
  const tenantName = Object.keys(environment.tenants)[0]!;
  const deployed = await deployTenant({ environment, tenantName, clock, seed: 1 });
  const observations = new Observations(0);
  let asked = 0;
  const send = (request: Request) => {
    asked++;
    return deployed.host.send(request);
  };
  const network = new FaultyNetwork({
    clock,
    deployed: { ...deployed, host: { ...deployed.host, send } },
    faults: [],
    blobs: [],
    observations,
  });
  const { identity, parameters } = deployed;
  const run = observations.beginRun(at(200));
  const host = network.hostFor(run);
  const since = `let Since_ = datetime(${at(180).toISOString()});`;
  const toldSince = `let Told_ = datetime(${at(184).toISOString()});`;
  const ran = `let Ran_ = datetime(${at(183).toISOString()});`;
  const next = `let Next_ = datetime(${at(198).toISOString()});`;
  const before = `let Before_ = datetime(${at(187).toISOString()});`;
  const lets = ['let Collector_ = "dev-contoso";', since, toldSince, ran, next, before].join("\n");
  const query = `${lets}\n${loadText("queries/shortfall.kql")}`;
  const audience = parameters["queryAudience"]!.value as string;
  const answer = async (text: string, asks = host.send) => {
    const token = await host.managedIdentityToken(identity.resourceId, audience);
    const response = await clock.run(async () =>
      asks(
        new Request(`${parameters["queryEndpoint"]!.value as string}/query`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ query: text }),
        }),
      ),
    );
    return { status: response.status, text: await response.text() };
  };

  const told = (RunId: string, minutes: number) => ({
    Kind: "run",
    RunId,
    Collector: "dev-contoso",
    TimeGenerated: at(minutes).toISOString(),
    Details: { blobs: 0 },
  });
  const tell = async (row: object, isStored = true) => {
    observations.takeHealth([row], isStored);
    if (isStored) {
      await deployed.workspace.append("M365AuditHealth_CL", JSON.stringify([row]));
    }
  };
  await tell(told("older", 170));
  await tell(told("younger", 185));
  await tell(told("later", 188));
  for (const [minutes, Status] of [
    [170, "Succeeded"],
    [180, "Succeeded"],
    [186, "Failed"],
    [188, "Succeeded"],
  ] as const) {
    await tell({
      ...told("younger", minutes),
      Kind: "window",
      Status,
      ContentType: "Audit.General",
    });
  }

  // What is known is what the tables say.
  const first = await answer(query);
  expect(rowsOf(first)).toEqual([
    ["told", "1", at(185).toISOString()],
    ["run", "younger", at(185).toISOString()],
    ["run", "later", at(188).toISOString()],
    ["listed", "Audit.General", at(180).toISOString()],
    ["allListed", "", at(180).toISOString()],
  ]);
  expect(asked).toBe(1);
  expect(rowsOf(await answer(query))).toEqual(rowsOf(first));
  expect(asked).toBe(1);

  await tell({ Kind: "blob", Status: "Collected", ContentId: "a$b", RowsOut: 2 });
  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 0 }], {
    isTold: true,
    isStored: true,
  });
  await answer(query);
  expect(asked).toBe(2);

  const dropped = { isTold: true, isStored: false };
  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 1 }], dropped);
  await answer(query);
  expect(asked).toBe(3);

  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 1 }], {
    isTold: true,
    isStored: true,
  });
  expect(rowsOf(await answer(query))).toEqual(rowsOf(first));
  expect(asked).toBe(3);

  // Of what was dropped the ledger has nothing: runs whose blobs are not all in it are not seen.
  await tell(told("dropped", 190), false);
  await tell({ ...told("partly", 191), Details: { blobs: 2 } });
  await tell({ ...told("wholly", 192), Details: { blobs: 2 } });
  await tell({ ...told("wholly", 193), Details: { blobs: 2 } });
  const blob = { Kind: "blob", ContentId: "a$b", ContentType: "Audit.General", RowsOut: 2 };
  const toldOf = (RunId: string, Status: string) =>
    tell({ ...told(RunId, 191), ...blob, Status, Details: null });
  await toldOf("partly", "Collected");
  await toldOf("partly", "Collected");
  await toldOf("wholly", "Collected");
  await tell({ ...told("wholly", 191), ...blob, Kind: "gap", Status: "Gone", Details: null });
  const numbered = (RunId: string, minutes: number, number: number, isUncompared?: true) =>
    tell({
      ...told(RunId, minutes),
      Details: { blobs: 0, number, isUncompared: isUncompared ?? null, startedAt: at(minutes - 1) },
    });
  await numbered("compared", 194, 20260100005);
  await numbered("uncompared", 195, 20260100007, true);
  await numbered("uncompared too", 196, 20260100008, true);
  await tell({ ...told("missed", 194.5), Status: "Missed" });
  const known = rowsOf(await answer(query));
  expect(asked).toBe(3);
  expect(known).toContainEqual(["number", "20260100007", at(194).toISOString()]);
  expect(known).toContainEqual(["missed", "", at(194.5).toISOString()]);
  expect(known.map(([, id]) => id)).toEqual(expect.arrayContaining(["wholly"]));
  expect(known.map(([, id]) => id)).not.toContain("partly");
  expect(known).toEqual(rowsOf(await answer(query, (request) => deployed.host.send(request))));
  deployed.workspace.close();
});

/** Rows of an answer; the tables tell of a time in another form than the playbook. */
const rowsOf = ({ text }: { text: string }) =>
  (JSON.parse(text) as { tables: { rows: string[][] }[] }).tables[0]!.rows.map(
    ([found, id, time]) => [found, id, new Date(time!).toISOString()],
  );

/** What the playbook gets for a listing, and what the network has seen of it. */
async function listing(answer: () => Response, faults: readonly Fault[] = []) {
  const clock = new VirtualClock(at(200));
  const environment = loadEnvironment(configFolder, "dev");
  const tenantName = Object.keys(environment.tenants)[0]!;
  const deployed = await deployTenant({ environment, tenantName, clock, seed: 1 });
  const send = () => Promise.resolve(answer());
  const observations = new Observations(faults.length);
  const network = new FaultyNetwork({
    clock,
    deployed: { ...deployed, host: { ...deployed.host, send } },
    faults,
    blobs: [],
    observations,
  });
  const run = observations.beginRun(at(200));
  const root = deployed.parameters["feedUri"]!.value as string;
  const start = at(99).toISOString().slice(0, 19);
  const request = new Request(
    `${root}/api/v1.0/t/activity/feed/subscriptions/content?contentType=Audit.General&startTime=${start}`,
  );
  const response = await clock.run(async () => network.hostFor(run).send(request));
  deployed.workspace.close();
  return { text: await response.text(), listed: [...run.listed] };
}

const entry = (contentId: string, created: number) => ({
  contentId,
  contentUri: `https://manage.office.com/${contentId}`,
  contentCreated: at(created).toISOString(),
});

test("FaultyNetwork takes the minute before a window for run-up", async () => {
  const entries = [entry("before$", 99.9), entry("first$", 100), entry("later$", 150)];
  const { listed } = await listing(() => Response.json(entries));
  expect(listed).toEqual(["first$", "later$"]);
});

test("FaultyNetwork makes no list of what another fault has left of one", async () => {
  const foreign: Fault = {
    kind: "foreignContentUri",
    from: at(100),
    to: at(300),
    parameters: { share: 1 },
  };
  const malformed: Fault = {
    kind: "malformedJson",
    from: at(100),
    to: at(300),
    parameters: { call: "content", form: "null", share: 1 },
  };
  const answer = () => Response.json([entry("first$", 100)]);
  expect((await listing(answer, [foreign])).text).toContain("https://feed.attacker.example");
  for (const faults of [
    [foreign, malformed],
    [malformed, foreign],
  ]) {
    expect(await listing(answer, faults)).toEqual({ text: "null", listed: [] });
  }
});
