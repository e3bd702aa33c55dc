import type { Clock } from "../clock.ts";
import { subscriptionOf } from "./resource-path.ts";
import type { Resource } from "./resource-store.ts";

/** A resource that was deleted and can come back. */
export interface DeletedResource {
  readonly resource: Resource;
  /** What was in it and comes back with it. */
  readonly content: readonly Resource[];
  readonly deletedAt: Date;
  readonly gone: Date;
}

/** What Azure keeps of deleted resources for a while, by their ids without regard to case. */
export class DeletedResources {
  private readonly deleted = new Map<string, DeletedResource>();

  constructor(private readonly clock: Clock) {}

  keep(resource: Resource, content: readonly Resource[], days: number): void {
    const deletedAt = this.clock.now();
    const gone = new Date(deletedAt.getTime() + days * 24 * 3600 * 1000);
    this.deleted.set(resource.id.toLowerCase(), { resource, content, deletedAt, gone });
  }

  /** All of a type, or those of them in a subscription, that are still kept. */
  ofType(type: string, subscriptionId?: string): DeletedResource[] {
    const now = this.clock.now();
    return [...this.deleted.values()].filter(
      ({ resource, gone }) =>
        resource.type.toLowerCase() === type.toLowerCase() &&
        gone > now &&
        (subscriptionId === undefined ||
          subscriptionOf(resource.id).toLowerCase() === subscriptionId.toLowerCase()),
    );
  }

  /** Keeps it no longer; gives what was kept. */
  take(id: string): DeletedResource | undefined {
    const found = this.deleted.get(id.toLowerCase());
    this.deleted.delete(id.toLowerCase());
    return found && found.gone > this.clock.now() ? found : undefined;
  }
}
