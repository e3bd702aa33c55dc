import { describe, expect, test } from "vitest";
import { dispatch, UnknownHostError } from "../../local/cloud.ts";
import type { Service } from "../../local/service.ts";

const service = (name: string, ...hosts: string[]): Service => ({
  serves: (host) => hosts.includes(host),
  handle: async (request) => new Response(`${name} ${request.method} ${request.url}`),
});
const services = [service("one", "one.example.org"), service("two", "two.example.org")];
const send = async (url: string) =>
  (await dispatch(services, new Request(url, { method: "POST" }))).text();

describe("dispatch", () => {
  test("asks the service of the host, whatever its case and port", async () => {
    expect(await send("https://one.example.org/a?b=c")).toBe(
      "one POST https://one.example.org/a?b=c",
    );
    expect(await send("https://TWO.Example.Org:8443/")).toMatch(/^two POST /);
  });

  test.each(["three.example.org", "one.example.org.attacker.example", "example.org"])(
    "forwards nothing to %s",
    async (host) => {
      const sent = send(`https://${host}/`);
      await expect(sent).rejects.toThrow(UnknownHostError);
      await expect(sent).rejects.toThrow(new Error(`the local cloud does not serve ${host}`));
    },
  );
});
