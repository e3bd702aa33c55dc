import { randomBytes } from "node:crypto";
import { isJsonArray, type JsonObject } from "../../json.ts";
import { Ingestion } from "../../ingestion.ts";
import { ArmError, resourceNotFound } from "../arm-error.ts";
import { columnsOf, objectAt, objectsAt, propertiesOf, regionOf, textAt } from "../body-parts.ts";
import { dataAccess } from "../data-access.ts";
import type { AzureContext, PutRequest, ResourceType } from "../resource-type.ts";
import { workspaceAt } from "./operational-insights.ts";

const endpointType = "Microsoft.Insights/dataCollectionEndpoints";

/** Where rows are posted: https://learn.microsoft.com/rest/api/monitor/data-collection-endpoints. */
const dataCollectionEndpoints: ResourceType = {
  name: endpointType,
  created: 201,
  deleted: 200,
  put({ path, given, before, context }) {
    const old = propertiesOf(before?.body ?? {});
    const region = regionOf(given["location"] as string);
    const suffix = context.cloudOf(path.subscriptionId!).ingestionAudience.replace("https://", "");
    const own = `${path.name.toLowerCase()}-${randomBytes(2).toString("hex")}.${region}-1`;
    const endpoint = (service: string) => ({ endpoint: `https://${own}.${service}.${suffix}` });
    return {
      ...given,
      properties: {
        ...propertiesOf(given),
        immutableId: old["immutableId"] ?? `dce-${randomBytes(16).toString("hex")}`,
        configurationAccess: old["configurationAccess"] ?? endpoint("handler.control"),
        logsIngestion: old["logsIngestion"] ?? endpoint("ingest"),
        metricsIngestion: old["metricsIngestion"] ?? endpoint("metrics.ingest"),
        provisioningState: "Succeeded",
      },
    };
  },
};

/** What becomes of rows: https://learn.microsoft.com/rest/api/monitor/data-collection-rules. */
const dataCollectionRules: ResourceType = {
  name: "Microsoft.Insights/dataCollectionRules",
  created: 201,
  deleted: 200,
  async put(request) {
    const { path, given, before, context } = request;
    checkRule(request);
    const old = propertiesOf(before?.body ?? {});
    const immutableId = textAt(old, "immutableId") ?? `dcr-${randomBytes(16).toString("hex")}`;
    const properties = propertiesOf(given);
    const host = endpointHost(properties, context);
    context.hosts.set(host, await ingestionOf(path.id, host, immutableId, properties, context));
    return { ...given, properties: { ...properties, immutableId, provisioningState: "Succeeded" } };
  },
  remove({ body }, context) {
    context.hosts.delete(endpointHost(propertiesOf(body), context));
  },
};

/** The host that rows of a rule are posted to. */
function endpointHost(rule: JsonObject, { store }: AzureContext): string {
  const endpoint = store.get(textAt(rule, "dataCollectionEndpointId") ?? "");
  const { endpoint: uri } = objectAt(propertiesOf(endpoint?.body ?? {}), "logsIngestion");
  return typeof uri === "string" ? new URL(uri).hostname : "";
}

/** What puts the rows of a rule into its workspace; refuses a transformation that is not valid. */
async function ingestionOf(
  id: string,
  host: string,
  immutableId: string,
  properties: JsonObject,
  context: AzureContext,
): Promise<Ingestion> {
  const [destination] = objectsAt(objectAt(properties, "destinations"), "logAnalytics");
  const streams = Object.entries(objectAt(properties, "streamDeclarations")).map(
    ([name, stream]) => [name, columnsOf(stream as JsonObject)] as const,
  );
  const dataFlows = objectsAt(properties, "dataFlows").map((flow) => ({
    stream: textsAt(flow, "streams")[0]!,
    transformKql: textAt(flow, "transformKql") ?? "source",
    outputTable: (textAt(flow, "outputStream") ?? "").replace(/^Custom-/, ""),
  }));
  try {
    return new Ingestion({
      clock: context.clock,
      workspace: await context.logs.at(textAt(destination!, "workspaceResourceId")!),
      directory: dataAccess(context, id),
      rules: [{ immutableId, host, streams: Object.fromEntries(streams), dataFlows }],
    });
  } catch (error) {
    throw refusedRule("InvalidTransformQuery", (error as Error).message);
  }
}

/** Refuses a rule that leads nowhere: https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure. */
function checkRule({ given, context }: PutRequest): void {
  const properties = propertiesOf(given);
  const endpointId = textAt(properties, "dataCollectionEndpointId") ?? "";
  const endpoint = context.store.get(endpointId);
  if (endpoint?.type !== endpointType) {
    throw refusedRule(
      "InvalidDataCollectionEndpoint",
      `the endpoint '${endpointId}' was not found.`,
    );
  }
  const destinations = new Map(
    objectsAt(objectAt(properties, "destinations"), "logAnalytics").map((destination) => [
      textAt(destination, "name"),
      textAt(destination, "workspaceResourceId") ?? "",
    ]),
  );
  const streams = objectAt(properties, "streamDeclarations");
  for (const flow of objectsAt(properties, "dataFlows")) {
    const [stream] = textsAt(flow, "streams");
    if (stream === undefined || !(stream in streams) || !stream.startsWith("Custom-")) {
      throw refusedRule("InvalidStream", `the stream '${stream ?? ""}' is not declared.`);
    }
    for (const name of textsAt(flow, "destinations")) {
      const workspaceId = destinations.get(name);
      if (workspaceId === undefined) {
        throw refusedRule("InvalidDestination", `the destination '${name}' is not declared.`);
      }
      const { id, body } = workspaceAt(context, workspaceId);
      if (body["location"] !== given["location"]) {
        throw refusedRule("InvalidDestination", `the workspace '${id}' is in another region.`);
      }
      const output = textAt(flow, "outputStream") ?? "";
      if (!context.store.get(`${id}/tables/${output.replace(/^Custom-/, "")}`)) {
        throw refusedRule(
          "InvalidOutputTable",
          `Table for output stream '${output}' is not available for destination '${name}'.`,
        );
      }
    }
  }
}

const refusedRule = (code: string, what: string) =>
  new ArmError(400, "InvalidPayload", `Data collection rule is invalid: ${code}: ${what}`);

const textsAt = (body: JsonObject, key: string): string[] => {
  const value = body[key];
  return isJsonArray(value) ? value.filter((each) => typeof each === "string") : [];
};

/** What resources log about themselves: https://learn.microsoft.com/rest/api/monitor/diagnostic-settings. */
const diagnosticSettings: ResourceType = {
  name: "Microsoft.Insights/diagnosticSettings",
  created: 200,
  deleted: 200,
  put({ given, context }) {
    const properties = propertiesOf(given);
    workspaceAt(context, textAt(properties, "workspaceId") ?? "");
    return { properties: { logs: [], metrics: [], ...properties } };
  },
};

/** Who is told: https://learn.microsoft.com/rest/api/monitor/action-groups. */
const actionGroups: ResourceType = {
  name: "Microsoft.Insights/actionGroups",
  created: 201,
  deleted: 200,
};

/** Alerts on metrics: https://learn.microsoft.com/rest/api/monitor/metric-alerts. */
const metricAlerts: ResourceType = {
  name: "Microsoft.Insights/metricAlerts",
  created: 200,
  deleted: 200,
  put({ given, context }) {
    checkScopes(given, context);
    return given;
  },
};

/**
 * Alerts on queries: https://learn.microsoft.com/rest/api/monitor/scheduled-query-rules. The service runs
 * the query when the rule is saved, so that a table which is not there fails it.
 */
const scheduledQueryRules: ResourceType = {
  name: "Microsoft.Insights/scheduledQueryRules",
  created: 201,
  deleted: 200,
  put({ given, context }) {
    checkScopes(given, context);
    const properties = propertiesOf(given);
    const [scope] = textsAt(properties, "scopes");
    for (const criterion of objectsAt(objectAt(properties, "criteria"), "allOf")) {
      for (const table of new Set(textAt(criterion, "query")?.match(/\b\w+_CL\b/g))) {
        if (!context.store.get(`${scope}/tables/${table}`)) {
          throw new ArmError(
            400,
            "BadRequest",
            `The query of the rule failed: 'where' operator: Failed to resolve table or column expression named '${table}'.`,
          );
        }
      }
    }
    return given;
  },
};

function checkScopes(given: JsonObject, { store }: AzureContext): void {
  const missing = textsAt(propertiesOf(given), "scopes").find((scope) => !store.get(scope));
  if (missing !== undefined) {
    throw resourceNotFound(missing);
  }
}

/** What Microsoft.Insights has. */
export const insights: readonly ResourceType[] = [
  dataCollectionEndpoints,
  dataCollectionRules,
  diagnosticSettings,
  actionGroups,
  metricAlerts,
  scheduledQueryRules,
];
