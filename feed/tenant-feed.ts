import type { TokenCredential } from "@azure/identity";
import type { Checkpoint } from "./checkpoint.ts";
import { CheckpointStore } from "./checkpoint-store.ts";
import { readClientSecret } from "./client-secret.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { FeedApi } from "./feed-api.ts";
import { systemClock, type FeedClock } from "./feed-clock.ts";
import type { FeedTarget } from "./feed-target.ts";
import { RowSender } from "./row-sender.ts";
import { SetAsideStore } from "./set-aside-store.ts";
import { applicationCredential } from "./sign-in.ts";

/** The feed of one tenant, as the application of its collector reaches it. */
export interface SignedInFeed {
  readonly clientId: string;
  readonly secretExpires?: Date;
  readonly api: Pick<FeedApi, "permissions" | "contentTypesOn" | "start" | "stop" | "content">;
}

/** What the commands work on: the feed of one tenant, its checkpoint and what was set aside. */
export interface TenantFeed extends FeedTarget {
  readonly clock: FeedClock;
  readonly checkpoint: {
    read(): Promise<Checkpoint | undefined>;
    update(change: (current: Checkpoint | undefined) => Checkpoint): Promise<void>;
  };
  readonly setAside: Pick<
    SetAsideStore,
    "list" | "read" | "delete" | "keepOriginal" | "listReplayed" | "readReplayed" | "keepReplayed"
  >;
  readonly rows: Pick<RowSender, "send">;
  /**
   * Gets the client secret for the audit API; undefined with a managed identity, since nobody but
   * the playbook can call the API by it.
   */
  readonly signIn: (() => Promise<SignedInFeed>) | undefined;
}

/** Connects one tenant's feed in the name of whoever runs the command; no request is sent yet. */
export function connectTenantFeed(
  target: FeedTarget,
  operator: TokenCredential,
  options: ConnectionOptions & { readonly clock?: FeedClock } = {},
): TenantFeed {
  const signIn = async (): Promise<SignedInFeed> => {
    const { clientId, value, expires } = await readClientSecret(target, operator, options);
    const credential = applicationCredential(target, clientId, value, options);
    const api = new FeedApi(target, clientId, credential, options);
    return { clientId, secretExpires: expires, api };
  };
  return {
    ...target,
    clock: options.clock ?? systemClock,
    checkpoint: new CheckpointStore(target, operator, options),
    setAside: new SetAsideStore(target, operator, options),
    rows: new RowSender(target, operator, options),
    signIn: target.tenant.credential === "client-secret" ? signIn : undefined,
  };
}
