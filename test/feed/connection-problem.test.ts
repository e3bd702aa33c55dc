import { describe, expect, test } from "vitest";
import { connectionProblem, isLostConnection } from "../../feed/connection-problem.ts";

const host = "kv.example.org";

const failure = (message: string, code?: string) => Object.assign(new Error(message), { code });

describe("connectionProblem", () => {
  test.each([
    [
      failure("getaddrinfo ENOTFOUND kv.example.org", "ENOTFOUND"),
      "kv.example.org does not exist (ENOTFOUND): deploy it",
    ],
    [
      failure("getaddrinfo ENOTFOUND proxy.example.org", "ENOTFOUND"),
      "kv.example.org cannot be reached, because the proxy proxy.example.org does not answer (ENOTFOUND): check HTTPS_PROXY",
    ],
    [
      failure("connect ECONNREFUSED 127.0.0.1:8080", "ECONNREFUSED"),
      "kv.example.org cannot be reached, because the proxy 127.0.0.1:8080 does not answer (ECONNREFUSED): check HTTPS_PROXY",
    ],
    [
      failure("connect ECONNREFUSED 192.0.2.1:443", "ECONNREFUSED"),
      "kv.example.org cannot be reached (ECONNREFUSED): check the network; behind a proxy set HTTPS_PROXY",
    ],
    [
      failure("socket hang up", "ECONNRESET"),
      "kv.example.org cannot be reached (ECONNRESET): check the network; behind a proxy set HTTPS_PROXY",
    ],
    [
      failure("network_error: See https://aka.ms/msal.js.errors"),
      "kv.example.org cannot be reached: check the network; behind a proxy set HTTPS_PROXY, and NODE_EXTRA_CA_CERTS when it inspects TLS",
    ],
    [
      failure("self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"),
      "kv.example.org cannot be trusted, because its certificate comes from an authority that Node.js does not know: when a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its authority",
    ],
    [
      new Error("wrapped", { cause: failure("", "UNABLE_TO_VERIFY_LEAF_SIGNATURE") }),
      "kv.example.org cannot be trusted, because its certificate comes from an authority that Node.js does not know: when a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its authority",
    ],
  ])("%s", (error, sentence) => {
    expect(connectionProblem(error, host, "deploy it")?.message).toBe(sentence);
  });

  test("is silent about answers", () => {
    expect(connectionProblem(failure("Forbidden", "Forbidden"), host)).toBeUndefined();
  });
});

describe("isLostConnection", () => {
  test("holds for what another try can mend", () => {
    expect(isLostConnection(failure("socket hang up", "ECONNRESET"))).toBe(true);
    expect(isLostConnection(failure("x", "SELF_SIGNED_CERT_IN_CHAIN"))).toBe(false);
    expect(isLostConnection(failure("Forbidden"))).toBe(false);
  });
});
