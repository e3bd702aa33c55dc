import type { JsonObject } from "../json.ts";

/** A resource as Resource Manager keeps it. */
export interface Resource {
  /** In the spelling of the request that created it; compared without regard to case. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** What a GET answers. */
  readonly body: JsonObject;
}

/** The resources of all subscriptions, by their ids without regard to case. */
export class ResourceStore {
  private readonly resources = new Map<string, Resource>();

  get(id: string): Resource | undefined {
    return this.resources.get(id.toLowerCase());
  }

  put(resource: Resource): void {
    this.resources.set(resource.id.toLowerCase(), resource);
  }

  /** Everything at and below an id, what extends it included; parents come before their children. */
  below(id: string): Resource[] {
    const prefix = id.toLowerCase();
    return [...this.resources]
      .filter(([key]) => key === prefix || key.startsWith(`${prefix}/`))
      .map(([, resource]) => resource)
      .sort((a, b) => a.id.length - b.id.length);
  }

  /** Forgets one resource alone. */
  delete(id: string): void {
    this.resources.delete(id.toLowerCase());
  }

  /** All of a type, by their ids. */
  ofType(type: string): Resource[] {
    return [...this.resources.values()]
      .filter((resource) => resource.type.toLowerCase() === type.toLowerCase())
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** All there are, by their ids. */
  all(): Resource[] {
    return [...this.resources.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
