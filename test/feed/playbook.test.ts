import { expect, test } from "vitest";
import { FeedReport } from "../../feed/feed-report.ts";
import { runFeed } from "../../feed/run-feed.ts";
import { connectAsOperator } from "../../local/feed-operator.ts";
import { Collector, hourMs, record } from "../playbook/collector.ts";

test("the playbook collects from the look-back that start wrote, and nothing after stop", async () => {
  const collector = await Collector.start({ checkpoint: null });
  const feed = connectAsOperator(collector.deployed, collector.clock);
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
