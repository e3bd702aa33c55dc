import path from "node:path";
import { describe, expect, test } from "vitest";
import type { ConfigurationError } from "../../config/configuration-error.ts";
import { loadEnvironment, loadEnvironments, readEnvironments } from "../../config/environment.ts";
import { tenantLockOf } from "../../config/tenant-lock.ts";
import { configFolder, environmentFile, homeTenantId, tenantFile } from "./environment-files.ts";

const otherTenantId = "00000000-0000-4000-8000-00000000000b";
const adopted = {
  mode: "adopt",
  resourceId:
    "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/log-soc",
  location: "northeurope",
  sentinelIsOn: true,
  ownsTables: true,
};

/** The problems of one file `dev.json` with this content, without the file's name in front. */
function problems(changes: Record<string, unknown>): string[] {
  const folder = configFolder({ "dev.json": environmentFile(changes) });
  try {
    readEnvironments(folder);
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems.map((problem) =>
      problem.replace(`${path.join(folder, "dev.json")}: `, ""),
    );
  }
}
const tenantProblems = (changes: Record<string, unknown>) =>
  problems({ tenants: { contoso: tenantFile(changes) } });

describe("the shipped configuration", () => {
  test("loads, for dev, test and prod", () => {
    const names = loadEnvironments("config").map(({ name }) => name);
    expect(names).toEqual(["dev", "prod", "test"]);
  });

  test("protects production", () => {
    const { protection, stateBackend } = loadEnvironment("config", "prod");
    expect(protection).toBe("production");
    expect(stateBackend.type).toBe("azurerm");
  });
});

describe("an environment", () => {
  test("has defaults for everything that has a safe one", () => {
    const [environment] = readEnvironments(configFolder({ "dev.json": environmentFile() }));
    expect(environment).toEqual({
      name: "dev",
      subscriptionId: "00000000-0000-4000-8000-000000000001",
      homeTenantId,
      location: "westeurope",
      azureCloud: "public",
      stateBackend: { type: "local" },
      protection: "test",
      deployerVaultRole: "declared",
      alertReceivers: [{ name: "soc", email: "soc@example.org" }],
      workspace: { mode: "create", retentionDays: 90, tablePlan: "Analytics" },
      tenants: {
        contoso: {
          tenantId: homeTenantId,
          primaryDomain: "contoso.example.org",
          cloud: "enterprise",
          credential: "client-secret",
          secretPeriodMonths: 3,
          consent: "declared",
          publisherId: homeTenantId,
          contentTypes: ["Audit.General"],
          keepWorkloads: [],
          keepRecordTypes: [],
          recurrenceMinutes: 15,
          requestsPerMinute: 1900,
          firstLookBackHours: 24,
          state: "collected",
        },
      },
    });
  });

  test("keeps a publisher that it is given", () => {
    const tenants = { contoso: tenantFile({ publisherId: otherTenantId }) };
    const [environment] = readEnvironments(
      configFolder({ "dev.json": environmentFile({ tenants }) }),
    );
    expect(environment?.tenants.contoso?.publisherId).toBe(otherTenantId);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["$schema", { $schema: "x" }, '$schema must be "./environment.schema.json", got "x"'],
    ["a missing key", { location: undefined }, "location must be a string, got nothing"],
    ["an unknown key", { region: "west" }, 'region must not be there, got "west"'],
    ["subscriptionId", { subscriptionId: "1" }, 'subscriptionId must be a GUID, got "1"'],
    ["homeTenantId", { homeTenantId: "1" }, 'homeTenantId must be a GUID, got "1"'],
    [
      "location",
      { location: "West Europe" },
      'location must be the short name of an Azure region, such as westeurope, got "West Europe"',
    ],
    [
      "azureCloud",
      { azureCloud: "china" },
      'azureCloud must be one of "public", "usgovernment", got "china"',
    ],
    [
      "stateBackend.type",
      { stateBackend: { type: "s3" } },
      'stateBackend.type must be one of "local", "azurerm", got "s3"',
    ],
    [
      "stateBackend.storageAccount",
      { stateBackend: { type: "azurerm", storageAccount: "St", container: "tfstate" } },
      'stateBackend.storageAccount must be 3 to 24 lower-case letters and digits, got "St"',
    ],
    [
      "stateBackend.container",
      { stateBackend: { type: "azurerm", storageAccount: "ststate", container: "a--b" } },
      'stateBackend.container must be 3 to 63 lower-case letters, digits and single hyphens, got "a--b"',
    ],
    [
      "protection",
      { protection: "none" },
      'protection must be one of "production", "test", got "none"',
    ],
    [
      "deployerVaultRole",
      { deployerVaultRole: true },
      'deployerVaultRole must be one of "declared", "by-administrator", got true',
    ],
    ["alertReceivers", { alertReceivers: [] }, "alertReceivers must not be empty, got []"],
    [
      "the address of a receiver",
      { alertReceivers: [{ name: "soc", email: "soc" }] },
      'alertReceivers.0.email must be an e-mail address, got "soc"',
    ],
    [
      "two receivers of one name",
      { alertReceivers: Array(2).fill({ name: "a", email: "a@example.org" }) },
      'alertReceivers must have each name once, got [{"name":"a","email":"a@example.org"},{"name":"a","email":"a@example.org"}]',
    ],
    [
      "workspace.mode",
      { workspace: { mode: "share" } },
      'workspace.mode must be one of "create", "adopt", got "share"',
    ],
    [
      "workspace.retentionDays, low",
      { workspace: { mode: "create", retentionDays: 29 } },
      "workspace.retentionDays must be at least 30, got 29",
    ],
    [
      "workspace.retentionDays, high",
      { workspace: { mode: "create", retentionDays: 731 } },
      "workspace.retentionDays must be at most 730, got 731",
    ],
    [
      "workspace.retentionDays, broken",
      { workspace: { mode: "create", retentionDays: 45.5 } },
      "workspace.retentionDays must be a whole number, got 45.5",
    ],
    [
      "workspace.dailyCapGb",
      { workspace: { mode: "create", dailyCapGb: 0 } },
      "workspace.dailyCapGb must be more than 0, got 0",
    ],
    [
      "workspace.tablePlan",
      { workspace: { mode: "create", tablePlan: "Auxiliary" } },
      'workspace.tablePlan must be one of "Analytics", "Basic", got "Auxiliary"',
    ],
    [
      "settings of an adopted workspace",
      { workspace: { ...adopted, retentionDays: 90 } },
      "workspace.retentionDays must not be there, got 90",
    ],
    [
      "workspace.resourceId",
      { workspace: { ...adopted, resourceId: "/subscriptions/1" } },
      'workspace.resourceId must be the resource id of a Log Analytics workspace, got "/subscriptions/1"',
    ],
    [
      "workspace.ownsTables",
      { workspace: { ...adopted, ownsTables: "yes" } },
      'workspace.ownsTables must be true or false, got "yes"',
    ],
    ["tenants", { tenants: [] }, "tenants must be an object, got []"],
    ...["workspace", "Contoso", "c", "a--b", "-a", "a-", "a23456789012345678-"].map(
      (name): [string, Record<string, unknown>, string] => [
        `a tenant called ${name}`,
        { tenants: { [name]: tenantFile() } },
        `tenants.${name} must be 2 to 18 lower-case letters, digits and single hyphens, begin with a letter, and not be workspace, got "${name}"`,
      ],
    ),
  ])("is refused for %s", (_, changes, problem) => {
    expect(problems(changes)).toEqual([problem]);
  });

  test.each<[string, Record<string, unknown>]>([
    [
      "a storage container as backend",
      { stateBackend: { type: "azurerm", storageAccount: "ststate", container: "tf-state" } },
    ],
    ["an adopted workspace", { workspace: adopted }],
    ["a tenant with the longest name", { tenants: { a23456789012345678: tenantFile() } }],
    ["a tenant with a hyphen", { tenants: { "contoso-eu": tenantFile() } }],
    ["a cap", { workspace: { mode: "create", dailyCapGb: 0.5, retentionDays: 730 } }],
  ])("may have %s", (_, changes) => {
    expect(problems(changes)).toEqual([]);
  });
});

describe("a tenant", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["tenantId", { tenantId: "contoso" }, 'tenantId must be a GUID, got "contoso"'],
    [
      "primaryDomain",
      { primaryDomain: "https://contoso" },
      'primaryDomain must be a domain name in lower case, got "https://contoso"',
    ],
    [
      "cloud",
      { cloud: "china" },
      'cloud must be one of "enterprise", "gcc", "gcc-high", "dod", got "china"',
    ],
    [
      "credential",
      { credential: "certificate" },
      'credential must be one of "client-secret", "managed-identity", got "certificate"',
    ],
    [
      "secretPeriodMonths",
      { secretPeriodMonths: 7 },
      "secretPeriodMonths must be at most 6, got 7",
    ],
    [
      "secretPeriodMonths, low",
      { secretPeriodMonths: 0 },
      "secretPeriodMonths must be at least 1, got 0",
    ],
    [
      "consent",
      { consent: "none" },
      'consent must be one of "declared", "by-administrator", got "none"',
    ],
    ["publisherId", { publisherId: "me" }, 'publisherId must be a GUID, got "me"'],
    ["no content type", { contentTypes: [] }, "contentTypes must not be empty, got []"],
    [
      "an unknown content type",
      { contentTypes: ["Teams"] },
      'contentTypes.0 must be one of "Audit.General", "Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "DLP.All", got "Teams"',
    ],
    [
      "a repeated content type",
      { contentTypes: ["DLP.All", "DLP.All"] },
      'contentTypes must name each content type once, got ["DLP.All","DLP.All"]',
    ],
    ["an empty workload", { keepWorkloads: [""] }, 'keepWorkloads.0 must not be empty, got ""'],
    [
      "a repeated workload",
      { keepWorkloads: ["a", "a"] },
      'keepWorkloads must name each workload once, got ["a","a"]',
    ],
    [
      "a record type that is no number",
      { keepRecordTypes: ["25"] },
      'keepRecordTypes.0 must be a number, got "25"',
    ],
    [
      "a negative record type",
      { keepRecordTypes: [-1] },
      "keepRecordTypes.0 must be at least 0, got -1",
    ],
    [
      "a repeated record type",
      { keepRecordTypes: [25, 25] },
      "keepRecordTypes must name each record type once, got [25,25]",
    ],
    ["recurrenceMinutes", { recurrenceMinutes: 4 }, "recurrenceMinutes must be at least 5, got 4"],
    [
      "recurrenceMinutes, high",
      { recurrenceMinutes: 61 },
      "recurrenceMinutes must be at most 60, got 61",
    ],
    [
      "requestsPerMinute",
      { requestsPerMinute: 59 },
      "requestsPerMinute must be at least 60, got 59",
    ],
    [
      "requestsPerMinute, high",
      { requestsPerMinute: 20_001 },
      "requestsPerMinute must be at most 20000, got 20001",
    ],
    [
      "firstLookBackHours",
      { firstLookBackHours: 168 },
      "firstLookBackHours must be at most 167, got 168",
    ],
    [
      "firstLookBackHours, low",
      { firstLookBackHours: 0 },
      "firstLookBackHours must be at least 1, got 0",
    ],
    ["state", { state: "gone" }, 'state must be one of "collected", "removed", got "gone"'],
    ["an unknown key", { domain: "x" }, 'domain must not be there, got "x"'],
  ])("is refused for %s", (_, changes, problem) => {
    expect(tenantProblems(changes)).toEqual([`tenants.contoso.${problem}`]);
  });
});

describe("rules between keys", () => {
  test("production does not keep its state beside the project", () => {
    expect(problems({ protection: "production" })).toEqual([
      'stateBackend.type must be azurerm when protection is production, got "local"; state beside the project is lost with the machine',
    ]);
    const stateBackend = { type: "azurerm", storageAccount: "ststate", container: "tfstate" };
    expect(problems({ protection: "production", stateBackend })).toEqual([]);
  });

  test("regions belong to the Azure cloud", () => {
    const tenants = { contoso: tenantFile({ cloud: "gcc-high" }) };
    expect(problems({ location: "usgovvirginia" })).toEqual([
      'location must not begin with usgov or usdod when azureCloud is public, got "usgovvirginia"',
    ]);
    expect(problems({ azureCloud: "usgovernment", tenants })).toEqual([
      'location must begin with usgov or usdod when azureCloud is usgovernment, got "westeurope"',
    ]);
    expect(
      problems({
        azureCloud: "usgovernment",
        location: "usgovvirginia",
        workspace: adopted,
        tenants,
      }),
    ).toEqual([
      'workspace.location must begin with usgov or usdod when azureCloud is usgovernment, got "northeurope"',
    ]);
    expect(problems({ azureCloud: "usgovernment", location: "usdodeast", tenants })).toEqual([]);
  });

  test.each([
    ["public", "westeurope", "enterprise", true],
    ["public", "westeurope", "gcc", true],
    ["public", "westeurope", "gcc-high", false],
    ["public", "westeurope", "dod", false],
    ["usgovernment", "usgovvirginia", "enterprise", false],
    ["usgovernment", "usgovvirginia", "gcc", false],
    ["usgovernment", "usgovvirginia", "gcc-high", true],
    ["usgovernment", "usgovvirginia", "dod", true],
  ])("azureCloud %s in %s with a tenant in %s: %s", (azureCloud, location, cloud, exists) => {
    const paired = azureCloud === "public" ? "enterprise or gcc" : "gcc-high or dod";
    expect(problems({ azureCloud, location, tenants: { contoso: tenantFile({ cloud }) } })).toEqual(
      exists
        ? []
        : [
            `tenants.contoso.cloud must be ${paired} when azureCloud is ${azureCloud}, got "${cloud}"; no identity signs in to both Entra clouds; collect this tenant from an environment in the other Azure cloud`,
          ],
    );
  });

  test("a managed identity collects its home tenant only", () => {
    expect(tenantProblems({ credential: "managed-identity" })).toEqual([]);
    expect(
      tenantProblems({ credential: "managed-identity", tenantId: homeTenantId.toUpperCase() }),
    ).toEqual([]);
    expect(tenantProblems({ tenantId: otherTenantId })).toEqual([]);
    expect(tenantProblems({ credential: "managed-identity", tenantId: otherTenantId })).toEqual([
      'tenants.contoso.credential must be client-secret when tenantId is not homeTenantId, got "managed-identity"; a managed identity exists in its home tenant only',
    ]);
  });

  test("an environment collects a tenant once", () => {
    const again = (changes: Record<string, unknown>) =>
      problems({ tenants: { contoso: tenantFile(), other: tenantFile(changes) } });
    expect(again({})).toEqual([
      `tenants.other.tenantId must differ from that of tenants.contoso, got "${homeTenantId}"; an environment collects a tenant once; another environment may collect it too`,
    ]);
    expect(again({ state: "removed" })).toEqual([]);
    expect(again({ tenantId: otherTenantId })).toEqual([]);
  });
});

describe("loading a folder", () => {
  /** The problems of loading these files, and the folder they are in. */
  function load(files: Record<string, unknown>): { folder: string; problems: readonly string[] } {
    const folder = configFolder(files);
    try {
      loadEnvironments(folder);
      return { folder, problems: [] };
    } catch (error) {
      return { folder, problems: (error as ConfigurationError).problems };
    }
  }
  const locked = (...names: string[]) => ({
    "tenants.lock.json": Object.fromEntries(names.map((name) => [name, { contoso: "collected" }])),
  });

  test("tells all problems of all files at once, and the rules between keys too", () => {
    const { folder, problems } = load({
      "dev.json": environmentFile({ location: 1, protection: "production" }),
      "prod.json": environmentFile({
        workspace: { mode: "create", retentionDays: 1 },
        tenants: { contoso: tenantFile({ cloud: "dod", state: "gone" }) },
      }),
    });
    expect(problems).toEqual([
      `${folder}/dev.json: location must be a string, got 1`,
      `${folder}/dev.json: stateBackend.type must be azurerm when protection is production, got "local"; state beside the project is lost with the machine`,
      `${folder}/prod.json: workspace.retentionDays must be at least 30, got 1`,
      `${folder}/prod.json: tenants.contoso.state must be one of "collected", "removed", got "gone"`,
      `${folder}/prod.json: tenants.contoso.cloud must be enterprise or gcc when azureCloud is public, got "dod"; no identity signs in to both Entra clouds; collect this tenant from an environment in the other Azure cloud`,
    ]);
  });

  test("puts each problem on a line of the error's message", () => {
    const folder = configFolder({ "dev.json": environmentFile({ location: 1, homeTenantId: 2 }) });
    expect(() => loadEnvironments(folder)).toThrow(
      `${folder}/dev.json: homeTenantId must be a string, got 2\n${folder}/dev.json: location must be a string, got 1`,
    );
  });

  test("tells a file that is not JSON", () => {
    const { folder, problems } = load({ "dev.json": "{" });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(`${folder}/dev.json: must be JSON, got `);
  });

  test("tells a file whose name cannot be part of names", () => {
    const { folder, problems } = load({ "d-ev.json": environmentFile() });
    expect(problems).toEqual([
      `${folder}/d-ev.json: name must be 2 to 8 lower-case letters and digits and begin with a letter, got d-ev`,
    ]);
  });

  test("fails on a folder without environments", () => {
    const { folder, problems } = load({});
    expect(problems).toEqual([`${folder} must hold a file <environment>.json, got none`]);
  });

  test("lets several environments collect one tenant", () => {
    const { problems } = load({
      "dev.json": environmentFile(),
      "test.json": environmentFile(),
      ...locked("dev", "test"),
    });
    expect(problems).toEqual([]);
  });

  test("one environment declares the tables of a workspace and switches Sentinel on", () => {
    const share = (workspace: Record<string, unknown>) =>
      load({
        "aa.json": environmentFile({ workspace: { ...adopted, ...workspace } }),
        "bb.json": environmentFile({ workspace: { ...adopted, sentinelIsOn: false } }),
        ...locked("aa", "bb"),
      });
    expect(share({ ownsTables: false }).problems).toEqual([]);
    const tables = share({});
    expect(tables.problems).toEqual([
      `${tables.folder}/bb.json: workspace.ownsTables must be false when aa.json declares the tables of that workspace, got true`,
    ]);
    const sentinel = share({ ownsTables: false, sentinelIsOn: false });
    expect(sentinel.problems).toEqual([
      `${sentinel.folder}/bb.json: workspace.sentinelIsOn must be true when aa.json switches Sentinel on in that workspace, got false`,
    ]);
  });

  test("environments agree on the region of a workspace, where their rules must be", () => {
    const resourceId =
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-m365audit-zz/providers/Microsoft.OperationalInsights/workspaces/log-m365audit-zz";
    const adopter = (location: string) =>
      environmentFile({ workspace: { ...adopted, ownsTables: false, resourceId, location } });
    const { folder, problems } = load({
      "aa.json": adopter("norwayeast"),
      "bb.json": adopter("westeurope"),
      "zz.json": environmentFile({ location: "westeurope" }),
      ...locked("aa", "bb", "zz"),
    });
    expect(problems).toEqual([
      `${folder}/aa.json: workspace.location must be westeurope as zz.json says of that workspace, got norwayeast`,
    ]);
  });

  test("a workspace that one environment creates belongs to that one, in any order of files", () => {
    const resourceId =
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/RG-m365audit-zz/providers/Microsoft.OperationalInsights/workspaces/log-m365audit-zz";
    const { location } = environmentFile();
    const { folder, problems } = load({
      "aa.json": environmentFile({
        workspace: { ...adopted, sentinelIsOn: false, resourceId, location },
      }),
      "zz.json": environmentFile(),
      ...locked("aa", "zz"),
    });
    expect(problems).toEqual([
      `${folder}/aa.json: workspace.ownsTables must be false when zz.json declares the tables of that workspace, got true`,
      `${folder}/aa.json: workspace.sentinelIsOn must be true when zz.json switches Sentinel on in that workspace, got false`,
    ]);
  });

  test("finds one environment by its name", () => {
    const folder = configFolder({ "dev.json": environmentFile(), ...locked("dev") });
    expect(loadEnvironment(folder, "dev").name).toBe("dev");
    expect(() => loadEnvironment(folder, "prod")).toThrow(
      "environment must be one of dev, got prod",
    );
  });

  test("tells a vanished tenant with all other problems, but not of a file without tenants", () => {
    const { folder, problems } = load({
      "dev.json": environmentFile({ location: 1, tenants: {} }),
      "prod.json": "{",
      "test.json": environmentFile({ tenants: [] }),
      "uat.json": environmentFile(),
      ...locked("dev", "old", "prod", "test"),
    });
    expect(problems.map((problem) => problem.split(/(?<= JSON), |; /)[0])).toEqual([
      `${folder}/dev.json: location must be a string, got 1`,
      `${folder}/prod.json: must be JSON`,
      `${folder}/test.json: tenants must be an object, got []`,
      ...["dev", "old"].map(
        (name) =>
          `${folder}/${name}.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing`,
      ),
      `${folder}/tenants.lock.json: uat.contoso must be collected, got nothing`,
    ]);
  });

  test("checks the list of tenants", () => {
    const { folder, problems } = load({ "dev.json": environmentFile() });
    expect(problems).toEqual([
      `${folder}/tenants.lock.json: dev.contoso must be collected, got nothing; run npm run config:lock`,
    ]);
    expect(tenantLockOf(loadEnvironments("config"))).toHaveProperty("prod.fabrikam", "collected");
  });
});
