import type { Clock } from "../clock.ts";
import type { Resource } from "./resource-store.ts";

/** A resource that was deleted and can come back. */
export interface DeletedResource {
  /** It and what was in it, parents before their children. */
  readonly resources: readonly Resource[];
  readonly deletedAt: Date;
  readonly gone: Date;
}

/** What Azure keeps of deleted resources for a while, by their ids without regard to case. */
export class DeletedResources {
  private readonly deleted = new Map<string, DeletedResource>();

  constructor(private readonly clock: Clock) {}

  keep(resources: readonly Resource[], days: number): void {
    const deletedAt = this.clock.now();
    const gone = new Date(deletedAt.getTime() + days * 24 * 3600 * 1000);
    this.deleted.set(resources[0]!.id.toLowerCase(), { resources, deletedAt, gone });
  }

  /** All of a type that are still kept. */
  ofType(type: string): DeletedResource[] {
    const now = this.clock.now();
    return [...this.deleted.values()].filter(
      ({ resources, gone }) =>
        resources[0]!.type.toLowerCase() === type.toLowerCase() && gone > now,
    );
  }

  /** Keeps it no longer; gives what was kept. */
  take(id: string): DeletedResource | undefined {
    const found = this.deleted.get(id.toLowerCase());
    this.deleted.delete(id.toLowerCase());
    return found && found.gone > this.clock.now() ? found : undefined;
  }
}
