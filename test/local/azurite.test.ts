import { createServer, type AddressInfo } from "node:net";

import { expect, test } from "vitest";

import { Azurite } from "../../local/azurite.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { answeringAddresses } from "./answering-addresses.ts";

const HOSTS = ["stfirst.blob.core.windows.net", "stsecond.blob.core.usgovcloudapi.net"];

// What it answers is in blob-storage.test.ts, beside the handler that must answer the same.
test("Azurite serves several accounts on loopback alone and is gone after close", async () => {
  const clock = new VirtualClock(new Date("2026-03-01T00:00:00Z"));
  const directory = new Directory({ clock });
  const tenantId = "11111111-2222-3333-4444-555555555555";
  const azurite = await Azurite.start(
    clock,
    HOSTS.map((host) => ({ host, tenantId, directory })),
  );
  const port = Number(new URL(azurite.address).port);
  try {
    expect(azurite.accounts.map((each) => HOSTS.map((host) => each.serves(host)))).toEqual([
      [true, false],
      [false, true],
    ]);
    await azurite.accounts[0]!.createContainer("same");
    await azurite.accounts[0]!.createContainer("same");
    await azurite.accounts[1]!.createContainer("same");
    await expect(azurite.accounts[0]!.createContainer("No")).rejects.toThrow(
      /^name must be that of a container, got No: /,
    );
    expect(await answeringAddresses(port)).toEqual(["127.0.0.1"]);
  } finally {
    await azurite.close();
  }
  expect(await answeringAddresses(port)).toEqual([]);
  await azurite.close();
});

test("the probe for addresses finds a server that listens everywhere", async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, listening));
  const { port } = server.address() as AddressInfo;
  expect((await answeringAddresses(port)).length).toBeGreaterThan(1);
  server.close();
});
