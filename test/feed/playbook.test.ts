import { ClientSecretCredential } from "@azure/identity";
import { expect, test } from "vitest";
import { FeedReport } from "../../feed/feed-report.ts";
import { feedTarget } from "../../feed/feed-target.ts";
import { runFeed } from "../../feed/run-feed.ts";
import { connectTenantFeed } from "../../feed/tenant-feed.ts";
import { dispatch } from "../../local/cloud.ts";
import { localHttpClient } from "../../local/http-client.ts";
import { Collector, hourMs, record } from "../playbook/collector.ts";
import { operatorId, operatorSecret } from "./local-feed.ts";

/** Connects the feed of a deployed collector for an operator who may do everything. */
function connected(collector: Collector) {
  const { clock, deployed } = collector;
  const { directory, environment, services } = deployed;
  const operator = directory.addApplication({
    clientId: operatorId,
    tenantId: environment.homeTenantId,
  });
  const expires = new Date(clock.now().getTime() + hourMs);
  operator.secrets.push({ value: operatorSecret, expires, keyId: "1" });
  const target = feedTarget(environment, "contoso");
  for (const [role, uri] of [
    ["Key Vault Secrets User", target.names.secretUri],
    ["Storage Blob Data Contributor", target.names.checkpointUri],
  ] as const) {
    const scope = new URL(uri).hostname;
    directory.assignRole({ principalId: operator.principalId, role, scope });
  }
  const options = {
    httpClient: localHttpClient((request) => dispatch(services, request)),
    clock: { now: () => clock.now(), sleep: (ms: number) => collector.pass(ms) },
  };
  const credential = new ClientSecretCredential(
    environment.homeTenantId,
    operatorId,
    operatorSecret,
    options,
  );
  return connectTenantFeed(target, credential, options);
}

test("the playbook collects from the look-back that start wrote, and nothing after stop", async () => {
  const collector = await Collector.start({ checkpoint: null });
  const feed = connected(collector);
  const lines: string[] = [];
  const command = (name: "start" | "stop") => {
    const print = (line: string) => lines.push(line);
    const report = new FeedReport({ json: false, print, printError: print });
    return runFeed(name, [feed], { dryRun: false, wait: true }, report);
  };
  const at = (hoursAgo: number) => ({
    created: new Date(collector.clock.now().getTime() - hoursAgo * hourMs),
  });

  await command("start");
  collector.publish([record("too old")], at(25));
  collector.publish([record("first")], at(23));
  expect((await collector.run()).status).toBe("Succeeded");
  expect(await collector.ids()).toEqual(["first"]);

  await command("stop");
  expect((await collector.run()).status).toBe("Succeeded");
  expect(await collector.lastHealth()).toMatchObject({ Status: "Paused", Pages: 0 });

  await command("start");
  await collector.pass(hourMs / 2);
  collector.publish([record("second")], at(0.1));
  expect((await collector.run()).status).toBe("Succeeded");
  expect(await collector.ids()).toEqual(["first", "second"]);
  expect(lines).toEqual([
    "contoso Audit.General: is collected from 2026-01-13T10:05:00Z",
    "contoso Audit.General: already on",
    "contoso: paused",
    "contoso Audit.General: turned off",
    "contoso Audit.General: turned on",
    "contoso: the pause is lifted",
  ]);
});
