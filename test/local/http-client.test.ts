import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { localHttpClient } from "../../local/http-client.ts";

const url = "https://manage.office.com/api";

describe("localHttpClient", () => {
  test("hands over method, headers and body, and gives the answer", async () => {
    const client = localHttpClient(async (request) => {
      const said = `${request.method} ${request.headers.get("x-one")} ${await request.text()}`;
      return new Response(said, { status: 201, headers: { "x-two": "2" } });
    });
    const request = createPipelineRequest({ url, method: "POST", body: "{}" });
    request.headers.set("x-one", "1");
    const response = await client.sendRequest(request);
    expect(response).toMatchObject({ status: 201, bodyAsText: "POST 1 {}" });
    expect(response.headers.get("x-two")).toBe("2");
  });

  test("tells a lost connection as the network would", async () => {
    const client = localHttpClient(async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" });
    });
    await expect(client.sendRequest(createPipelineRequest({ url }))).rejects.toMatchObject({
      name: "RestError",
      code: "ENOTFOUND",
      message: "getaddrinfo ENOTFOUND x",
    });
  });

  test("refuses a body that it would not send whole", async () => {
    const client = localHttpClient(async () => new Response());
    const body = new Uint8Array([1]);
    const request = createPipelineRequest({ url, method: "PUT", body });
    await expect(client.sendRequest(request)).rejects.toThrow("body must be text, got object");
  });
});
