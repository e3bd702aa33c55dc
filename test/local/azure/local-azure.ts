import { loadTable, tableColumnType } from "../../../content/tables.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { dispatch } from "../../../local/cloud.ts";
import { Azure } from "../../../local/azure/azure.ts";
import type { Subscription } from "../../../local/azure/resource-manager.ts";

export const tenantId = "00000000-0000-4000-8000-000000000101";
export const subscriptionId = "00000000-0000-4000-8000-000000000001";
export const subscription = `/subscriptions/${subscriptionId}`;
export const group = `${subscription}/resourceGroups/rg-test`;
export const workspace = `${group}/providers/Microsoft.OperationalInsights/workspaces/log-test`;

const namespaces = [
  ...["Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.Logic", "Microsoft.ManagedIdentity"],
  ...["Microsoft.OperationalInsights", "Microsoft.SecurityInsights", "Microsoft.Storage"],
];

/** What a call answers; the body of an answer without any is undefined. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** A subscription with an owner, who calls unless somebody else is named. */
export class LocalAzure {
  readonly clock = new VirtualClock(new Date("2026-01-14T12:00:00Z"));
  readonly azure: Azure;
  readonly owner: string;

  constructor(traits: Partial<Subscription> = {}) {
    const subscription = { id: subscriptionId, tenantId, azureCloud: "public" as const };
    this.azure = new Azure({
      clock: this.clock,
      tenantIds: [tenantId],
      subscriptions: [{ ...subscription, registered: namespaces, ...traits }],
    });
    this.owner = this.principal("Owner");
  }

  get directory() {
    return this.azure.directory;
  }

  get manager() {
    return this.azure.manager;
  }

  /** The object id of a new principal with a role on the subscription. */
  principal(role: string, scope = subscription): string {
    const clientId = crypto.randomUUID();
    const { principalId } = this.directory.addApplication({ clientId, tenantId });
    this.manager.grant({ principalId, role, scope });
    return principalId;
  }

  /** A token of a principal. */
  token(principalId: string, audience: string): string {
    return this.directory.issueToken({ clientId: principalId, principalId, tenantId }, audience);
  }

  /** Calls Resource Manager. */
  async call(
    method: string,
    path: string,
    body?: object,
    principalId = this.owner,
  ): Promise<Answer> {
    const token = this.token(principalId, "https://management.azure.com/");
    const url = new URL(path, "https://management.azure.com");
    url.searchParams.set("api-version", url.searchParams.get("api-version") ?? "2024-01-01");
    return this.send(url.href, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Sends a request to whatever answers at its host. */
  async send(url: string, init: RequestInit = {}): Promise<Answer> {
    const response = await dispatch(this.azure.services, new Request(url, init));
    const text = await response.text();
    return {
      status: response.status,
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
      headers: response.headers,
    };
  }

  /** Puts what others are in: a group, and in it a workspace. */
  async withWorkspace(): Promise<this> {
    await this.call("PUT", group, { location: "westeurope" });
    await this.call("PUT", workspace, {
      location: "westeurope",
      properties: { sku: { name: "PerGB2018" }, retentionInDays: 90 },
    });
    return this;
  }

  /** Puts one of the tables that the workspace stack declares. */
  async putTable(file: string): Promise<void> {
    const { name, columns } = loadTable(file);
    const types = columns.map(
      (each) => [each.name, tableColumnType(each.type)] as [string, string],
    );
    await this.call("PUT", table(name), tableBody(...types));
  }

  async pass(ms: number): Promise<void> {
    await this.clock.run(() => this.clock.sleep(ms));
  }
}

/** Code and message of a refusal. */
export const errorOf = ({ status, body }: Answer) => {
  const { code, message } = body["error"] as { code: string; message: string };
  return { status, code, message };
};

export const table = (name: string) => `${workspace}/tables/${name}`;

export const tableBody = (...columns: [name: string, type: string][]) => ({
  properties: {
    retentionInDays: -1,
    totalRetentionInDays: -1,
    schema: { columns: columns.map(([name, type]) => ({ name, type })) },
  },
});
