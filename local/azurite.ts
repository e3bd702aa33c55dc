import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";

import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";

import { blobRefusal, type BlobService, type StorageAccount } from "./blob-access.ts";
import type { Clock } from "./clock.ts";

const BLOB_SERVER = createRequire(import.meta.url).resolve("azurite/dist/src/blob/main.js");

// The child is told by the closed channel when this process is gone, however it went.
const END_WITH_PARENT = "data:text/javascript,process.on('disconnect',()=>process.exit())";

const NOT_FORWARDED = ["authorization", "connection", "content-length", "host"];
const NOT_RETURNED = ["connection", "keep-alive", "transfer-encoding"];

/**
 * Blob Storage by Azurite, Microsoft's emulator (https://github.com/Azure/Azurite): one child process
 * on loopback that holds everything in memory and ends with this one.
 */
export class Azurite {
  private constructor(
    private readonly child: ChildProcess,
    /** Where the emulator listens, without TLS: for its accounts here, not for clients. */
    readonly address: string,
    /** One service for each account, in the order given to `start`. */
    readonly accounts: readonly BlobService[],
  ) {}

  /** Starts the emulator, within a few seconds; fails with its own words when it ends at once. */
  static async start(clock: Clock, accounts: readonly StorageAccount[]): Promise<Azurite> {
    const keys = accounts.map(({ host }) => ({
      name: host.split(".")[0]!,
      key: randomBytes(32).toString("base64"),
    }));
    const child = spawn(
      process.execPath,
      [
        ...["--import", END_WITH_PARENT, BLOB_SERVER],
        ...["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"],
        ...["--silent", "--disableTelemetry", "--skipApiVersionCheck"],
      ],
      {
        cwd: tmpdir(),
        env: { AZURITE_ACCOUNTS: keys.map(({ name, key }) => `${name}:${key}`).join(";") },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    const address = await listeningAddress(child);
    return new Azurite(
      child,
      address,
      accounts.map((account, index) => {
        const { name, key } = keys[index]!;
        return new AzuriteAccount(clock, account, `${address}/${name}`, accessTo(name, key));
      }),
    );
  }

  /** Ends the emulator; what it held is gone. */
  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGKILL"); // it has nothing to save, and would wait for idle connections
      await once(this.child, "exit");
    }
  }
}

/** One account of the emulator under its real host name, behind the tokens and roles of the directory. */
class AzuriteAccount implements BlobService {
  before?: (request: Request) => Promise<Response | undefined>;

  constructor(
    private readonly clock: Clock,
    private readonly account: StorageAccount,
    private readonly address: string,
    /** A query string that allows everything in the account. */
    private readonly access: string,
  ) {}

  serves(host: string): boolean {
    return host === this.account.host;
  }

  async createContainer(name: string): Promise<void> {
    const response = await this.clock.busy(
      fetch(`${this.address}/${name}?restype=container&${this.access}`, {
        method: "PUT",
        headers: { "x-ms-version": "2023-11-03" },
      }),
    );
    if (!response.ok && response.headers.get("x-ms-error-code") !== "ContainerAlreadyExists") {
      throw new Error(`name must be that of a container, got ${name}: ${await response.text()}`);
    }
  }

  async handle(request: Request): Promise<Response> {
    return (
      (await this.before?.(request)) ??
      blobRefusal(this.account, request) ??
      (await this.clock.busy(this.forward(request)))
    );
  }

  private async forward(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const query = url.search ? `${url.search}&${this.access}` : `?${this.access}`;
    const body = request.body ? await request.arrayBuffer() : undefined;
    const forwarded = new Headers(request.headers);
    NOT_FORWARDED.forEach((name) => forwarded.delete(name));
    const { method } = request;
    const answer = await fetch(`${this.address}${url.pathname}${query}`, {
      method,
      headers: forwarded,
      body,
    });
    const headers = new Headers(answer.headers);
    NOT_RETURNED.forEach((name) => headers.delete(name));
    headers.set("date", this.clock.now().toUTCString());
    headers.set("x-ms-version", request.headers.get("x-ms-version") ?? "");
    const isListing = url.searchParams.get("comp") === "list";
    const content = isListing
      ? (await answer.text()).replace(this.address, `https://${this.account.host}/`)
      : await answer.arrayBuffer();
    const hasBody = method !== "HEAD" && answer.status !== 304;
    return new Response(hasBody ? content : null, { status: answer.status, headers });
  }
}

function listeningAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const address = /successfully listens on (http:\S+)/.exec(said)?.[1];
      if (address) {
        said = "";
        resolve(address);
      }
    };
    // Both are read to the end, for a full pipe would stop the child.
    child.stdout!.on("data", hear);
    child.stderr!.on("data", hear);
    child.once("exit", () => reject(new Error(`azurite must start, got: ${said}`)));
  });
}

const accessTo = (name: string, key: string) =>
  generateAccountSASQueryParameters(
    {
      // The emulator looks at the real clock, while ours may be years away from it.
      expiresOn: new Date("2999-01-01T00:00:00Z"),
      permissions: AccountSASPermissions.parse("rwdlc"),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
      services: AccountSASServices.parse("b").toString(),
    },
    new StorageSharedKeyCredential(name, key),
  ).toString();
