import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generateCACertificate, getLocal, type CompletedRequest, type Mockttp } from "mockttp";

import { dispatch, UnknownHostError } from "./cloud.ts";
import type { Service } from "./service.ts";

const LOOPBACK = "127.0.0.1";

/** A running proxy. */
export interface HttpsProxy {
  readonly url: string;
  /** PEM file of the authority, to be trusted by the programs of this run and never installed. */
  readonly certificateFile: string;
  /**
   * The whole environment of a program that shall see the local cloud and nothing else: no variable,
   * home folder or command of this machine is in it, so that nobody's real sign-in is used.
   */
  environment(): Record<string, string>;
  /** Stops listening and deletes the authority and what children left in their home folder. */
  close(): Promise<void>;
}

/**
 * Puts the local cloud behind HTTPS under its real host names, for programs outside: a proxy on
 * loopback with a certificate authority of its own, made for this run. It never forwards. `services`
 * may grow while the proxy runs.
 */
export async function startProxy(services: readonly Service[]): Promise<HttpsProxy> {
  // The authority's key stays in memory.
  const { key, cert } = await generateCACertificate({
    subject: { commonName: "Local cloud, one run only" },
  });
  const server = getLocal({ https: { key, cert }, http2: false, recordTraffic: false });
  const bound = bindToLoopback(server);
  await server.forAnyRequest().thenCallback((request) => answer(services, request));
  await server.start(0);
  const address = bound()?.address() as AddressInfo | undefined;
  if (address?.address !== LOOPBACK) {
    await server.stop();
    throw new Error(`the proxy must listen on ${LOOPBACK} alone, got ${address?.address}`);
  }
  const url = `http://${LOOPBACK}:${address.port}`;

  const folder = mkdtempSync(join(tmpdir(), "local-cloud-"));
  chmodSync(folder, 0o700);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const certificateFile = join(folder, "authority.pem");
  writeFileSync(certificateFile, cert, { mode: 0o600 });
  const empty = join(folder, "empty");
  mkdirSync(empty, { mode: 0o700 });

  return {
    url,
    certificateFile,
    environment: () => ({
      HTTPS_PROXY: url,
      https_proxy: url,
      HTTP_PROXY: url,
      http_proxy: url,
      NO_PROXY: "",
      no_proxy: "",
      NODE_EXTRA_CA_CERTS: certificateFile,
      SSL_CERT_FILE: certificateFile,
      PATH: empty,
      HOME: empty,
      USERPROFILE: empty,
    }),
    async close() {
      await server.stop();
      process.off("exit", remove);
      remove();
    },
  };
}

/**
 * Makes the server that mockttp is about to create listen on loopback. mockttp takes no address and
 * would listen on all interfaces; `start` calls `this.server.listen(port)`, which is where this steps
 * in. The caller checks the outcome, so that another version of mockttp cannot undo it unseen.
 */
function bindToLoopback(mockttp: Mockttp): () => Server | undefined {
  let server: Server | undefined;
  Object.defineProperty(mockttp, "server", {
    get: () => server,
    set: (created: Server) => {
      server = created;
      const listen = created.listen.bind(created) as (port: number, host: string) => Server;
      created.listen = ((port: number) => listen(port, LOOPBACK)) as Server["listen"];
      keepConnections(created);
    },
  });
  return () => server;
}

/**
 * Leaves idle connections open. Node.js closes them after five seconds, and a program that uses one at
 * that moment loses its request: Terraform's providers do not repeat all of theirs.
 */
function keepConnections(server: Server & { readonly _httpServer?: HttpServer }): void {
  if (!server._httpServer) {
    throw new Error("the proxy must know mockttp's HTTP server, got none");
  }
  server._httpServer.keepAliveTimeout = 0;
}

async function answer(services: readonly Service[], request: CompletedRequest) {
  const response = await respond(services, request);
  const body = Buffer.from(await response.arrayBuffer());
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return {
    statusCode: response.status,
    headers,
    ...(body.length > 0 && { rawBody: body }),
  };
}

async function respond(services: readonly Service[], request: CompletedRequest) {
  if (!request.url.startsWith("https:")) {
    return badGateway(`the local cloud answers over https alone, got ${request.url}`);
  }
  try {
    return await dispatch(
      services,
      new Request(request.url, {
        method: request.method,
        headers: request.rawHeaders,
        body: ["GET", "HEAD"].includes(request.method)
          ? undefined
          : new Uint8Array(request.body.buffer),
      }),
    );
  } catch (error) {
    if (error instanceof UnknownHostError) {
      return badGateway(error.message);
    }
    throw error;
  }
}

const badGateway = (sentence: string) => new Response(`${sentence}\n`, { status: 502 });
