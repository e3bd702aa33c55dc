import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { objectAt, objectsAt, propertiesOf, textAt } from "../body-parts.ts";
import { parseResourcePath } from "../resource-path.ts";
import type { Resource } from "../resource-store.ts";
import type { AzureContext, PutRequest, ResourceType } from "../resource-type.ts";

const workspaceType = "Microsoft.OperationalInsights/workspaces";

/** Days that a deleted workspace can come back: https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace. */
const recoverableDays = 14;

/** Columns of a table that the service keeps for itself: https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table. */
const reservedColumns = [
  ...["id", "BilledSize", "IsBillable", "InvalidTimeGenerated", "TenantId", "Title", "Type"],
  ...["UniqueId", "_ItemId", "_ResourceGroup", "_ResourceId", "_SubscriptionId", "_TimeReceived"],
];

const standardColumns = [
  { name: "TenantId", type: "guid" },
  { name: "Type", type: "string" },
  { name: "_ResourceId", type: "string" },
].map((column) => ({ ...column, isDefaultDisplay: false, isHidden: false }));

/**
 * Log Analytics workspaces: https://learn.microsoft.com/rest/api/loganalytics/workspaces. A deleted one
 * keeps its name; created again in the same place, it comes back with its tables.
 */
const workspaces: ResourceType = {
  name: workspaceType,
  created: 201,
  deleted: 200,
  async put({ path, given, before, context }) {
    const elsewhere = context.deleted
      .ofType(workspaceType)
      .map(({ resources }) => resources[0]!)
      .find(
        ({ id, name, body }) =>
          name.toLowerCase() === path.name.toLowerCase() &&
          subscriptionOf(id) === path.subscriptionId &&
          (id.toLowerCase() !== path.id.toLowerCase() || body["location"] !== given["location"]),
      );
    if (!before && elsewhere) {
      throw new ArmError(
        409,
        "Conflict",
        `The workspace name '${path.name}' is taken by a deleted workspace in '${elsewhere.id}'.`,
      );
    }
    const restored = before ? undefined : context.deleted.take(path.id);
    if (!before && !restored) {
      await context.logs.delete(path.id);
    }
    restored?.resources.slice(1).forEach((resource) => context.store.put(resource));
    const old = propertiesOf(before?.body ?? restored?.resources[0]!.body ?? {});
    const now = context.clock.now().toISOString();
    const properties = propertiesOf(given);
    return {
      ...given,
      properties: {
        source: "Azure",
        publicNetworkAccessForIngestion: "Enabled",
        publicNetworkAccessForQuery: "Enabled",
        ...properties,
        customerId: textAt(old, "customerId") ?? randomUUID(),
        createdDate: textAt(old, "createdDate") ?? now,
        modifiedDate: now,
        provisioningState: "Succeeded",
        sku: { ...objectAt(properties, "sku"), lastSkuUpdate: textAt(old, "createdDate") ?? now },
        features: {
          legacy: 0,
          searchVersion: 1,
          enableLogAccessUsingOnlyResourcePermissions: true,
          ...objectAt(properties, "features"),
        },
        workspaceCapping: {
          dailyQuotaGb: -1,
          dataIngestionStatus: "RespectQuota",
          ...objectAt(properties, "workspaceCapping"),
        },
      },
    };
  },
  async remove({ id }, { store, deleted, logs }, isPermanent) {
    if (isPermanent) {
      await logs.delete(id);
    } else {
      deleted.keep(store.below(id).filter(isContent), recoverableDays);
    }
  },
  actions: {
    // Keys that open nothing while local authentication is off.
    sharedkeys: () => Response.json({ primarySharedKey: key(), secondarySharedKey: key() }),
  },
};

const key = () => Buffer.from(randomUUID() + randomUUID()).toString("base64");

/** What comes back with a workspace. */
const isContent = ({ type }: Resource) =>
  /^Microsoft\.(OperationalInsights|SecurityInsights)\//i.test(type);

const deletedWorkspaces: ResourceType = {
  name: "Microsoft.OperationalInsights/deletedWorkspaces",
  created: 200,
  deleted: 200,
  list: (subscriptionId, { deleted }) =>
    deleted
      .ofType(workspaceType)
      .map(({ resources: [workspace] }) => workspace!)
      .filter(({ id }) => id.toLowerCase().startsWith(`${subscriptionId.toLowerCase()}/`))
      .map(({ id, name, type, body }) => ({ id, name, type, ...body })),
};

/** Tables: https://learn.microsoft.com/rest/api/loganalytics/tables. */
const tables: ResourceType = {
  name: `${workspaceType}/tables`,
  created: 202,
  deleted: 202,
  async put(request) {
    const { path, given, context } = request;
    const properties = propertiesOf(given);
    const schema = objectAt(properties, "schema");
    checkColumns(request, objectsAt(schema, "columns"));
    const columns = objectsAt(schema, "columns").map((column) => ({
      name: textAt(column, "name") ?? "",
      type: textAt(column, "type") ?? "",
    }));
    await context.logs.setTable(path.parentId, path.name, columns);
    const own = workspaceRetention(request);
    const retention = daysOf(properties, "retentionInDays") ?? own;
    const total = daysOf(properties, "totalRetentionInDays") ?? retention;
    return {
      ...given,
      properties: {
        plan: "Analytics",
        ...properties,
        retentionInDays: retention,
        retentionInDaysAsDefault: daysOf(properties, "retentionInDays") === undefined,
        totalRetentionInDays: total,
        totalRetentionInDaysAsDefault: daysOf(properties, "totalRetentionInDays") === undefined,
        archiveRetentionInDays: total - retention,
        provisioningState: "Succeeded",
        schema: {
          ...schema,
          name: request.path.name,
          standardColumns,
          solutions: ["LogManagement"],
        },
      },
    };
  },
};

/** Days that somebody set; -1 stands for the default. */
function daysOf(properties: JsonObject, key: string): number | undefined {
  const days = properties[key];
  return typeof days === "number" && days > 0 ? days : undefined;
}

function workspaceRetention({ path, context }: PutRequest): number {
  const workspace = context.store.get(path.parentId);
  const days = propertiesOf(workspace?.body ?? {})["retentionInDays"];
  return typeof days === "number" ? days : 30;
}

function checkColumns({ path, before }: PutRequest, columns: readonly JsonObject[]): void {
  const refuse = (what: string) =>
    new ArmError(400, "InvalidParameter", `Table '${path.name}' is not valid: ${what}.`);
  const byName = new Map(
    columns.map((column) => [textAt(column, "name") ?? "", textAt(column, "type")]),
  );
  if (!path.name.endsWith("_CL")) {
    throw refuse("the name of a custom table must end with _CL");
  }
  if (byName.get("TimeGenerated")?.toLowerCase() !== "datetime") {
    throw refuse("the column TimeGenerated of type DateTime is mandatory (MSG 1005)");
  }
  for (const name of byName.keys()) {
    if (!/^[A-Za-z][A-Za-z0-9_]{1,44}$/.test(name) || reservedColumns.includes(name)) {
      throw refuse(`${name} cannot be the name of a column`);
    }
  }
  const old = objectsAt(objectAt(propertiesOf(before?.body ?? {}), "schema"), "columns");
  const changed = old
    .map((column) => [textAt(column, "name") ?? "", textAt(column, "type")] as const)
    .find(([name, type]) => byName.has(name) && byName.get(name) !== type);
  if (changed) {
    throw refuse(`the type of column ${changed[0]} cannot change`);
  }
}

/** Functions and other saved queries: https://learn.microsoft.com/rest/api/loganalytics/saved-searches. */
const savedSearches: ResourceType = {
  name: `${workspaceType}/savedSearches`,
  created: 200,
  deleted: 200,
  put: ({ given }) => ({
    ...given,
    etag: `W/"datetime'${randomUUID()}'"`,
    properties: { version: 2, ...propertiesOf(given) },
  }),
};

const subscriptionOf = (id: string) => parseResourcePath(id).subscriptionId;

/** What Microsoft.OperationalInsights has. */
export const operationalInsights: readonly ResourceType[] = [
  workspaces,
  deletedWorkspaces,
  tables,
  savedSearches,
];

/** The workspace of this id; refuses one that is not there. */
export function workspaceAt({ store }: AzureContext, id: string): Resource {
  const found = store.get(id);
  if (found?.type.toLowerCase() !== workspaceType.toLowerCase()) {
    throw new ArmError(404, "ResourceNotFound", `The workspace '${id}' was not found.`);
  }
  return found;
}
