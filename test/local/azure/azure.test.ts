import { describe, expect, test } from "vitest";
import { loadText } from "../../../content/load.ts";
import { errorOf, group, LocalAzure, subscription, tenantId, workspace } from "./local-azure.ts";

const location = "westeurope";

describe("Azure", () => {
  test("answers at the hosts of what there is, and at no others", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-test`;
    const secret = "https://kv-test.vault.azure.net/secrets/x?api-version=7.4";
    const unknown = "the local cloud does not serve kv-test.vault.azure.net";
    await expect(azure.send(secret)).rejects.toThrow(unknown);
    await azure.call("PUT", vault, { location, properties: { tenantId } });
    expect((await azure.send(secret)).status).toBe(401);
    await azure.call("DELETE", vault);
    await expect(azure.send(secret)).rejects.toThrow(unknown);
  });

  test("lets those query a workspace who have the role on it", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const ask = (principalId: string, resourceId: string) => {
      const token = azure.token(principalId, "https://api.loganalytics.io");
      return azure.send(`https://api.loganalytics.azure.com/v1${resourceId}/query`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ query: loadText("functions/teams-audit.kql") }),
      });
    };
    const analyst = azure.principal("Log Analytics Data Reader", workspace);
    expect(errorOf(await ask(analyst, `${workspace}x`)).code).toBe("PathNotFoundError");
    expect(errorOf(await ask(azure.owner, workspace)).code).toBe("InsufficientAccessError");
    for (const table of ["m365-audit", "m365-audit-health"]) {
      await azure.putTable(table);
    }
    expect((await ask(analyst, workspace)).status).toBe(204);
    await azure.azure.close();
  });

  test("has subscriptions in which there is nothing at first", async () => {
    const azure = new LocalAzure();
    expect((await azure.call("GET", subscription)).body).toMatchObject({ tenantId });
    expect((await azure.call("GET", `${subscription}/resourceGroups`)).body["value"]).toEqual([]);
    expect((await azure.call("GET", `${subscription}/resources`)).body["value"]).toEqual([]);
  });
});
