import { expect, test } from "vitest";
import { Collector, hourMs, minuteMs, record } from "../playbook/collector.ts";
import { ask } from "../content/ledger-rows.ts";
import { operatorOf } from "./operating.ts";

test("what was published between feed stop and feed start is told as a gap", async () => {
  const collector = await Collector.start();
  collector.publish([record("before")]);
  await collector.run();
  await collector.pass(minuteMs);
  const stopped = collector.clock.now();
  expect(await operatorOf(collector)("stop")).toMatchObject({ failed: false });
  for (let hour = 0; hour < 4; hour++) {
    await collector.pass(hourMs);
    await collector.run();
  }
  collector.publish([record("meanwhile")], { created: collector.clock.now() });
  await collector.pass(minuteMs);
  expect(await operatorOf(collector)("start")).toMatchObject({ failed: false });
  const started = collector.clock.now();
  for (const id of ["after", "later"]) {
    await collector.pass(15 * minuteMs);
    collector.publish([record(id)], { created: collector.clock.now() });
    await collector.pass(minuteMs);
    await collector.run();
  }

  expect(await collector.ids()).toEqual(["after", "before", "later"]);
  const gaps = (await collector.health()).filter(({ Kind }) => Kind === "gap");
  expect(gaps).toMatchObject([{ Status: "SubscriptionOff", ContentType: "Audit.General" }]);
  const [from, to] = [gaps[0]!["WindowStart"], gaps[0]!["WindowEnd"]].map((time) =>
    Date.parse(time as string),
  );
  expect(Math.abs(from! - stopped.getTime())).toBeLessThan(2000);
  expect(to).toBeGreaterThan(started.getTime());
  const rows = { health: await collector.health(), audit: await collector.rows() };
  const answers = await ask(
    "functions/m365-audit-completeness.kql",
    rows,
    collector.clock.now(),
    stopped,
    started,
  );
  expect(answers).toMatchObject([{ Complete: "no", Reason: "open gaps: 1" }]);
});

test("neither begins anew where the playbook has collected before and its checkpoint is gone", async () => {
  const collector = await Collector.start();
  collector.publish([record("before")]);
  await collector.run();
  await collector.storage("DELETE", collector.blobUri("checkpoint.json"));
  for (const command of ["start", "stop"] as const) {
    const { output, errors, failed } = await operatorOf(collector)(command);
    expect([output, failed]).toEqual([[], true]);
    expect(errors).toEqual([
      expect.stringMatching(
        /^contoso: the checkpoint in \S+ is gone: the next run of the playbook replaces it and collects as far back as the feed goes; repeat the command after that$/,
      ),
    ]);
  }
  await collector.pass(15 * minuteMs);
  await collector.run();
  expect(await operatorOf(collector)("stop")).toMatchObject({ failed: false });
});

test("what was published while somebody else had stopped the subscription is told as a gap", async () => {
  const collector = await Collector.start();
  await collector.run();
  await collector.feed("POST", "stop?contentType=Audit.General");
  await collector.pass(2 * hourMs);
  const started = collector.clock.now();
  expect(await operatorOf(collector)("start")).toMatchObject({ failed: false });
  await collector.pass(minuteMs);
  await collector.run();
  const gaps = (await collector.health()).filter(({ Kind }) => Kind === "gap");
  expect(gaps).toMatchObject([{ Status: "SubscriptionOff" }]);
  expect(Date.parse(gaps[0]!["WindowStart"] as string)).toBeLessThan(started.getTime() - hourMs);
  expect(Date.parse(gaps[0]!["WindowEnd"] as string)).toBeGreaterThan(started.getTime());
});
