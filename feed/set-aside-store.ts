import { buffer } from "node:stream/consumers";
import type { TokenCredential } from "@azure/identity";
import { ContainerClient } from "@azure/storage-blob";
import { replayedPrefix, workspaceContainers, workspaceNames } from "../config/names.ts";
import { maxRetries, type ConnectionOptions } from "./connection-options.ts";
import type { FeedTarget } from "./feed-target.ts";
import { storageHttpClient } from "./storage-http-client.ts";
import { storageProblem } from "./storage-problem.ts";

/** A blob of the feed. */
export interface FeedBlob {
  readonly contentType: string;
  readonly contentId: string;
}

/**
 * The content that a tenant's playbook set aside, and the originals of records too long for the table.
 * Every method fails with a FeedProblem.
 */
export class SetAsideStore {
  private readonly setAside: ContainerClient;
  private readonly originals: ContainerClient;
  private readonly target: FeedTarget;

  constructor(target: FeedTarget, operator: TokenCredential, options: ConnectionOptions = {}) {
    const { setAsideUri, originalsUri } = workspaceNames(target.environment);
    const { httpClient, retryDelayMs = 1000 } = options;
    const connect = (uri: string) =>
      new ContainerClient(uri, operator, {
        ...(httpClient && { httpClient: storageHttpClient(httpClient) }),
        retryOptions: { maxTries: maxRetries + 1, retryDelayInMs: retryDelayMs },
      });
    this.setAside = connect(setAsideUri);
    this.originals = connect(originalsUri);
    this.target = target;
  }

  /** Names of the tenant's blobs in their order, or only of those that come from one blob of the feed. */
  async list(blob?: FeedBlob): Promise<string[]> {
    const { tenantId } = this.target.tenant;
    const path = blob && `${tenantId}/${blob.contentType}/${blob.contentId}`;
    const isWanted = (name: string) =>
      path === undefined || name === `${path}.json` || name.startsWith(`${path}/`);
    return (await this.names(path ?? `${tenantId}/`)).filter(isWanted);
  }

  /** Names of what was replayed and is kept for a while, as `list` gave them. */
  async listReplayed(): Promise<string[]> {
    const names = await this.names(`${replayedPrefix}${this.target.tenant.tenantId}/`);
    return names.map((name) => name.slice(replayedPrefix.length));
  }

  /** Reads what was replayed. */
  async readReplayed(name: string): Promise<string> {
    return this.read(`${replayedPrefix}${name}`);
  }

  /** Keeps what was replayed, until storage deletes it. */
  async keepReplayed(name: string, text: string): Promise<void> {
    await this.write(this.setAside, `${replayedPrefix}${name}`, text);
  }

  /** Reads one of them. */
  async read(name: string): Promise<string> {
    return this.use(this.setAside, async () => {
      const { readableStreamBody } = await this.setAside.getBlobClient(name).download();
      return readableStreamBody ? (await buffer(readableStreamBody)).toString() : "";
    });
  }

  /** Deletes one of them. */
  async delete(name: string): Promise<void> {
    await this.use(this.setAside, () => this.setAside.deleteBlob(name));
  }

  /** Keeps the whole text of a record that is too long for the table. */
  async keepOriginal(name: string, text: string): Promise<void> {
    await this.write(this.originals, name, text);
  }

  private async names(prefix: string): Promise<string[]> {
    return this.use(this.setAside, async () => {
      const names: string[] = [];
      for await (const { name } of this.setAside.listBlobsFlat({ prefix })) {
        names.push(name);
      }
      return names;
    });
  }

  private async write(container: ContainerClient, name: string, text: string): Promise<void> {
    await this.use(container, () =>
      container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text), {
        blobHTTPHeaders: { blobContentType: "application/json" },
      }),
    );
  }

  private async use<T>(container: ContainerClient, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const what =
        container === this.setAside ? "content that is set aside" : "originals of records";
      const name =
        container === this.setAside ? workspaceContainers.setAside : workspaceContainers.originals;
      const { hostname: host } = new URL(container.url);
      throw storageProblem(error, { host, container: name, what }, this.target);
    }
  }
}
