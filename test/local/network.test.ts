import { describe, expect, test } from "vitest";
import { azureClouds, m365Clouds } from "../../config/clouds.ts";
import { VirtualClock } from "../../local/clock.ts";
import { UnknownHostError } from "../../local/cloud.ts";
import { hostKind, LATENCY_MS, Network } from "../../local/network.ts";
import type { Service } from "../../local/service.ts";

const hostOf = (uri: string) => new URL(uri).hostname;

describe("hostKind", () => {
  test.each(
    Object.values(azureClouds).flatMap((cloud) => [
      [hostOf(cloud.loginAuthority), "login"],
      [`kv-dev-contoso-0a1b2c.${cloud.vaultSuffix}`, "vault"],
      [`stdevcontoso0a1b2c.${cloud.blobSuffix}`, "storage"],
      [hostOf(cloud.logQueryUri), "query"],
      // Names that hold what tells other kinds apart.
      [`loginingest.${cloud.blobSuffix}`, "storage"],
    ]),
  )("takes %s for %s", (host, kind) => {
    expect(hostKind(host)).toBe(kind);
  });

  test.each(Object.values(m365Clouds).map(({ feedUri }) => hostOf(feedUri)))(
    "takes %s for feed",
    (host) => {
      expect(hostKind(host)).toBe("feed");
    },
  );

  test("takes an endpoint of the Logs Ingestion API for ingestion", () => {
    expect(hostKind("dce-dev-contoso-0a1b.westeurope-1.ingest.monitor.azure.com")).toBe(
      "ingestion",
    );
  });
});

describe("Network", () => {
  const start = new Date("2026-01-14T00:00:00Z");
  const hosts = {
    login: "login.microsoftonline.com",
    vault: "kv-x.vault.azure.net",
    storage: "stx.blob.core.windows.net",
    feed: "manage.office.com",
    ingestion: "dce-x-0a1b.westeurope-1.ingest.monitor.azure.com",
    query: "api.loganalytics.azure.com",
  };
  const network = () => {
    const clock = new VirtualClock(start);
    const service: Service = {
      serves: (host) => Object.values(hosts).includes(host),
      handle: async () => {
        const answeredAt = clock.now().getTime() - start.getTime();
        // A socket or a database, during which the clock must not run on to the next timer.
        await new Promise((done) => setTimeout(done, 1));
        return Response.json(answeredAt, { status: 202 });
      },
    };
    return { clock, network: new Network(clock, [service]) };
  };

  test.each(Object.entries(hosts))("answers after the latency of %s", async (kind, host) => {
    const { clock, network: one } = network();
    void clock.sleep(5000);
    const response = await clock.run(() => one.send(new Request(`https://${host}/`)));
    expect(response.status).toBe(202);
    expect(await response.json()).toBe(LATENCY_MS[kind as keyof typeof hosts]);
    expect(clock.now().getTime() - start.getTime()).toBe(LATENCY_MS[kind as keyof typeof hosts]);
  });

  test("fails for a host that no service has", async () => {
    const { clock, network: one } = network();
    const sent = clock.run(() => one.send(new Request("https://example.org/")));
    await expect(sent).rejects.toThrow(UnknownHostError);
    await expect(sent).rejects.toThrow(new Error("the local cloud does not serve example.org"));
  });
});
