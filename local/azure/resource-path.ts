/** What a path of Resource Manager names. */
export interface ResourcePath {
  /** Id of the innermost resource that is named whole, without a slash at the end; empty for the root. */
  readonly id: string;
  /** Its type, such as `Microsoft.KeyVault/vaults`; empty for the root. */
  readonly type: string;
  readonly name: string;
  /** Id of what holds it: its parent, its group, or what it extends. */
  readonly parentId: string;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Namespace of a resource provider that is named without a resource of it. */
  readonly provider: string | undefined;
  /** What follows: an action of the resource, or one of its collections. */
  readonly rest: string | undefined;
}

const root: ResourcePath = {
  id: "",
  type: "",
  name: "",
  parentId: "",
  subscriptionId: undefined,
  resourceGroup: undefined,
  provider: undefined,
  rest: undefined,
};

/**
 * Reads the path of a request to Resource Manager, of which the providers double some slashes.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export function parseResourcePath(pathname: string): ResourcePath {
  const segments = pathname
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  let found = root;
  while (segments.length > 0) {
    const key = segments.shift()!;
    const name = segments.shift();
    if (key.toLowerCase() === "providers" && name !== undefined) {
      found = inProvider(found, name, segments);
      if (found.rest !== undefined || found.provider !== undefined) {
        return found;
      }
    } else if (name === undefined) {
      return { ...found, rest: key };
    } else if (key.toLowerCase() === "subscriptions" && found === root) {
      const id = `/subscriptions/${name}`;
      const type = "Microsoft.Resources/subscriptions";
      found = { ...root, id, type, name, subscriptionId: name };
    } else if (key.toLowerCase() === "resourcegroups" && found.resourceGroup === undefined) {
      found = {
        ...found,
        id: `${found.id}/resourceGroups/${name}`,
        type: "Microsoft.Resources/resourceGroups",
        name,
        parentId: found.id,
        resourceGroup: name,
      };
    } else {
      return { ...found, rest: [key, name, ...segments].join("/") };
    }
  }
  return found;
}

/** Takes the pairs of type and name off the segments that follow a provider's namespace. */
function inProvider(outer: ResourcePath, namespace: string, segments: string[]): ResourcePath {
  let found: ResourcePath = { ...outer, provider: namespace };
  let isFirst = true;
  while (segments.length > 0 && segments[0]!.toLowerCase() !== "providers") {
    const type = segments.shift()!;
    const name = segments.shift();
    if (name === undefined) {
      return { ...found, rest: type };
    }
    found = {
      ...found,
      id: isFirst
        ? `${outer.id}/providers/${namespace}/${type}/${name}`
        : `${found.id}/${type}/${name}`,
      type: isFirst ? `${namespace}/${type}` : `${found.type}/${type}`,
      name,
      parentId: found.id,
      provider: undefined,
    };
    isFirst = false;
  }
  return found;
}

/** The subscription that an id is in. */
export const subscriptionOf = (id: string): string => parseResourcePath(id).subscriptionId ?? "";
