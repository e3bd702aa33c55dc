import { expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { loadText } from "../../../content/load.ts";
import { FaultyNetwork } from "../../../local/faults/faulty-network.ts";
import { Observations } from "../../../local/faults/observations.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { deployTenant } from "../../../local/deployed-tenant.ts";
import { at } from "./small-case.ts";

test("FaultyNetwork asks the tables for shortfalls when there can be some", async () => {
  const clock = new VirtualClock(at(200));
  const environment = loadEnvironment(configFolder, "dev");
  const tenantName = Object.keys(environment.tenants)[0]!;
  const deployed = await deployTenant({ environment, tenantName, clock, seed: 1 });
  // A workspace without any row answers nothing.
  await deployed.workspace.append("M365AuditHealth_CL", '[{"Kind":"run"}]');
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
  const query = `let Collector_ = "dev-contoso";\n${loadText("queries/shortfall.kql")}`;
  const audience = parameters["queryAudience"]!.value as string;
  const answer = async (text: string) => {
    const token = await host.managedIdentityToken(identity.resourceId, audience);
    const response = await clock.run(async () =>
      host.send(
        new Request(`${parameters["queryEndpoint"]!.value as string}/query`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ query: text }),
        }),
      ),
    );
    return { status: response.status, text: await response.text() };
  };

  const first = await answer(query);
  expect(first).toMatchObject({
    status: 200,
    text: expect.stringContaining('"rows":[]') as string,
  });
  expect(await answer(query)).toEqual(first);
  expect(asked).toBe(1);

  await answer(query.replace("dev-contoso", "dev-another"));
  expect(asked).toBe(2);

  const told = { Kind: "blob", ContentId: "a$b", RowsOut: 2 };
  observations.takeHealth([told], true);
  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 0 }], {
    isTold: true,
    isStored: true,
  });
  await answer(query);
  expect(asked).toBe(3);

  const dropped = { isTold: true, isStored: false };
  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 1 }], dropped);
  await answer(query);
  expect(asked).toBe(4);

  observations.takeRows(run, [{ ContentId: "a$b", RecordIndex: 1 }], {
    isTold: true,
    isStored: true,
  });
  expect(await answer(query)).toEqual(first);
  expect(asked).toBe(4);
  deployed.workspace.close();
});

test("FaultyNetwork takes the minute before a window for run-up", async () => {
  const clock = new VirtualClock(at(200));
  const environment = loadEnvironment(configFolder, "dev");
  const tenantName = Object.keys(environment.tenants)[0]!;
  const deployed = await deployTenant({ environment, tenantName, clock, seed: 1 });
  const entry = (contentId: string, created: number) => ({
    contentId,
    contentCreated: at(created).toISOString(),
  });
  const entries = [entry("before$", 99.9), entry("first$", 100), entry("later$", 150)];
  const send = () => Promise.resolve(Response.json(entries));
  const observations = new Observations(0);
  const network = new FaultyNetwork({
    clock,
    deployed: { ...deployed, host: { ...deployed.host, send } },
    faults: [],
    blobs: [],
    observations,
  });
  const run = observations.beginRun(at(200));
  const root = deployed.parameters["feedUri"]!.value as string;
  const start = at(99).toISOString().slice(0, 19);
  const request = new Request(
    `${root}/api/v1.0/t/activity/feed/subscriptions/content?contentType=Audit.General&startTime=${start}`,
  );
  await clock.run(async () => network.hostFor(run).send(request));
  expect([...run.listed]).toEqual(["first$", "later$"]);
  deployed.workspace.close();
});
