import { randomUUID } from "node:crypto";
import { columnName, reservedNames } from "../../../content/tables.ts";
import type { JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { columnsOf, objectAt, propertiesOf, textAt } from "../body-parts.ts";
import { resourceKey } from "../resource-key.ts";
import { subscriptionOf } from "../resource-path.ts";
import type { Resource } from "../resource-store.ts";
import type { AzureContext, PutRequest, ResourceType } from "../resource-type.ts";

const workspaceType = "Microsoft.OperationalInsights/workspaces";

/** Days that a deleted workspace can come back: https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace. */
const recoverableDays = 14;

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
      .ofType(workspaceType, path.subscriptionId)
      .map(({ resource }) => resource)
      .find(
        ({ id, name, body }) =>
          name.toLowerCase() === path.name.toLowerCase() &&
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
    restored?.content.forEach((resource) => context.store.put(resource));
    const old = propertiesOf(before?.body ?? restored?.resource.body ?? {});
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
  async remove(workspace, { store, deleted, logs }, isPermanent) {
    const { id } = workspace;
    if (isPermanent) {
      await logs.delete(id);
    } else {
      const content = store.below(id).filter((each) => each !== workspace && isContent(each));
      deleted.keep(workspace, content, recoverableDays);
    }
  },
  actions: {
    // Keys that open nothing while local authentication is off.
    sharedkeys: ({ resource }) =>
      Response.json({
        primarySharedKey: resourceKey(resource!.id, "primary"),
        secondarySharedKey: resourceKey(resource!.id, "secondary"),
      }),
  },
};

/** What comes back with a workspace. */
const isContent = ({ type }: Resource) =>
  /^Microsoft\.(OperationalInsights|SecurityInsights)\//i.test(type);

const deletedWorkspaces: ResourceType = {
  name: "Microsoft.OperationalInsights/deletedWorkspaces",
  created: 200,
  deleted: 200,
  list: (subscription, { deleted }) =>
    deleted
      .ofType(workspaceType, subscriptionOf(subscription))
      .map(({ resource: { id, name, type, body } }) => ({ id, name, type, ...body })),
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
    const columns = columnsOf(schema);
    checkColumns(request, columns);
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

function checkColumns({ path, before }: PutRequest, columns: ReturnType<typeof columnsOf>): void {
  const refuse = (what: string) =>
    new ArmError(400, "InvalidParameter", `Table '${path.name}' is not valid: ${what}.`);
  const byName = new Map(columns.map(({ name, type }) => [name, type]));
  if (!path.name.endsWith("_CL")) {
    throw refuse("the name of a custom table must end with _CL");
  }
  if (byName.get("TimeGenerated")?.toLowerCase() !== "datetime") {
    throw refuse("the column TimeGenerated of type DateTime is mandatory (MSG 1005)");
  }
  for (const name of byName.keys()) {
    if (!columnName.test(name) || reservedNames.has(name.toLowerCase())) {
      throw refuse(`${name} cannot be the name of a column`);
    }
  }
  const old = columnsOf(objectAt(propertiesOf(before?.body ?? {}), "schema"));
  const changed = old.find(({ name, type }) => byName.has(name) && byName.get(name) !== type);
  if (changed) {
    throw refuse(`the type of column ${changed.name} cannot change`);
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
