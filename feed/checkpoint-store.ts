import { text } from "node:stream/consumers";
import type { TokenCredential } from "@azure/identity";
import { ContainerClient, type BlockBlobClient } from "@azure/storage-blob";
import { checkpointContainer } from "../config/names.ts";
import { checkpointSchema, type Checkpoint } from "./checkpoint.ts";
import { maxRetries, type ConnectionOptions } from "./connection-options.ts";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedTarget } from "./feed-target.ts";
import { storageHttpClient } from "./storage-http-client.ts";
import { storageErrorCode, storageProblem } from "./storage-problem.ts";

const mostAttempts = 5;

interface Stored {
  readonly checkpoint: Checkpoint;
  readonly etag: string;
}

/** The checkpoint of one tenant, which its playbook writes too. Every method fails with a FeedProblem. */
export class CheckpointStore {
  private readonly container: ContainerClient;
  private readonly blob: BlockBlobClient;
  private readonly host: string;

  constructor(
    private readonly target: FeedTarget,
    operator: TokenCredential,
    options: ConnectionOptions = {},
  ) {
    const uri = target.names.checkpointUri;
    const { httpClient, retryDelayMs = 1000 } = options;
    this.host = new URL(uri).hostname;
    this.container = new ContainerClient(uri, operator, {
      ...(httpClient && { httpClient: storageHttpClient(httpClient) }),
      retryOptions: { maxTries: maxRetries + 1, retryDelayInMs: retryDelayMs },
    });
    this.blob = this.container.getBlockBlobClient("checkpoint.json");
  }

  /** The checkpoint; undefined when none has been written. */
  async read(): Promise<Checkpoint | undefined> {
    return (await this.stored())?.checkpoint;
  }

  /**
   * Writes what `change` makes of the checkpoint. It is called again when the playbook was faster,
   * so that nothing of what it wrote is lost.
   */
  async update(change: (current: Checkpoint | undefined) => Checkpoint): Promise<void> {
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      const stored = await this.stored();
      const next = JSON.stringify(change(stored?.checkpoint));
      if (stored && next === JSON.stringify(stored.checkpoint)) {
        return;
      }
      if (await this.write(next, stored?.etag)) {
        return;
      }
    }
    throw new FeedProblem(
      `the playbook wrote the checkpoint in ${this.host} again and again: repeat the command when its run has ended`,
    );
  }

  private async stored(): Promise<Stored | undefined> {
    let content: string;
    let etag: string | undefined;
    try {
      const answer = await this.blob.download();
      etag = answer.etag;
      content = answer.readableStreamBody ? await text(answer.readableStreamBody) : "";
    } catch (error) {
      if (storageErrorCode(error) !== "BlobNotFound") {
        throw this.problem(error);
      }
      if (await this.hasCollected()) {
        throw this.lost("is gone");
      }
      return undefined;
    }
    const checkpoint = checkpointSchema.safeParse(parsed(content));
    if (!checkpoint.success || etag === undefined) {
      throw this.lost("cannot be read");
    }
    return { checkpoint: checkpoint.data, etag };
  }

  /** Whether the playbook has collected anything; a first checkpoint would leave out what came since. */
  private async hasCollected(): Promise<boolean> {
    try {
      const lists = this.container.listBlobsFlat({ prefix: "collected/" });
      return (await lists.next()).done !== true;
    } catch (error) {
      throw this.problem(error);
    }
  }

  private lost(how: string): FeedProblem {
    return new FeedProblem(
      `the checkpoint in ${this.host} ${how}: the next run of the playbook replaces it and collects as far back as the feed goes; repeat the command after that`,
    );
  }

  /** Whether it was written; it is not when somebody else wrote since it was read. */
  private async write(content: string, etag: string | undefined): Promise<boolean> {
    try {
      await this.blob.upload(content, Buffer.byteLength(content), {
        conditions: etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: etag },
        blobHTTPHeaders: { blobContentType: "application/json" },
      });
      return true;
    } catch (error) {
      if (["ConditionNotMet", "BlobAlreadyExists"].includes(storageErrorCode(error) ?? "")) {
        return false;
      }
      throw this.problem(error);
    }
  }

  private problem(error: unknown): FeedProblem {
    const place = { host: this.host, container: checkpointContainer, what: "the checkpoint" };
    return storageProblem(error, place, this.target);
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
