import { expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../config/environment.ts";
import { VirtualClock } from "../../local/clock.ts";
import { deployTenant } from "../../local/deployed-tenant.ts";
import { publishInFeed } from "../../local/publish-in-feed.ts";
import type { PublishedDay } from "../../local/records/publish-day.ts";

test("offers every blob of a day, and reads its text only when it is fetched", async () => {
  const clock = new VirtualClock(new Date("2026-01-14T00:00:00Z"));
  const environment = loadEnvironment(configFolder, "dev");
  const deployed = await deployTenant({ environment, tenantName: "contoso", clock, seed: 1 });
  const published: Parameters<typeof deployed.feed.publish>[] = [];
  const publish = deployed.feed.publish.bind(deployed.feed);
  deployed.feed.publish = (...publication) => {
    published.push(publication);
    return publish(...publication);
  };
  let read = 0;
  const blob = {
    contentId: "one$1",
    contentType: "Audit.General" as const,
    created: new Date("2026-01-14T01:00:00Z"),
    listedFrom: new Date("2026-01-14T02:00:00Z"),
    get body() {
      read++;
      return "[]";
    },
  };
  publishInFeed(deployed, { blobs: [blob] } as unknown as PublishedDay);
  const { contentId, contentType, created, listedFrom } = blob;
  const body = expect.any(Function) as () => string;
  expect(published).toEqual([
    [deployed.tenant.tenantId, contentType, { contentId, created, listedFrom, body }],
  ]);
  expect(read).toBe(0);
  expect((published[0]![2].body as () => string)()).toBe("[]");
  expect(read).toBe(1);
  deployed.workspace.close();
});
