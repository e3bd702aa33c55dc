import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { azureCloudNames, m365CloudNames, m365Clouds } from "./clouds.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { describeIssue } from "./describe-issue.ts";
import { workspaceId, workspaceLocation } from "./names.ts";
import {
  readTenantLock,
  staleLockProblems,
  vanishedTenantProblems,
  type TenantLock,
  type TenantNames,
} from "./tenant-lock.ts";

const guid = z.guid();

const location = z
  .string()
  .regex(/^[a-z]+[a-z0-9]*$/, "be the short name of an Azure region, such as westeurope");

const stateBackend = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("local") }),
    z.strictObject({
      type: z.literal("azurerm"),
      storageAccount: z
        .string()
        .regex(/^[a-z0-9]{3,24}$/, "be 3 to 24 lower-case letters and digits"),
      container: z
        .string()
        .regex(
          /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
          "be 3 to 63 lower-case letters, digits and single hyphens",
        ),
    }),
  ])
  .describe(
    "Where Terraform's state is kept: beside the project, or in an Azure storage container with Entra authentication.",
  );

const workspace = z
  .discriminatedUnion("mode", [
    z.strictObject({
      mode: z.literal("create"),
      retentionDays: z
        .int()
        .min(30)
        .max(730)
        .default(90)
        .describe("Days that logs stay searchable."),
      dailyCapGb: z
        .number()
        .positive()
        .optional()
        .describe("Gigabytes a day after which the workspace takes no more; without it, no cap."),
      // https://learn.microsoft.com/azure/azure-monitor/logs/basic-logs-query
      tablePlan: z
        .enum(["Analytics", "Basic"])
        .default("Analytics")
        .describe(
          "Plan of M365Audit_CL. On the Basic plan it may be out of reach for rules, and for M365Audit and TeamsAudit, since functions are not supported.",
        ),
    }),
    z.strictObject({
      mode: z.literal("adopt"),
      resourceId: z
        .string()
        .regex(
          /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/i,
          "be the resource id of a Log Analytics workspace",
        ),
      location: location.describe("Region of the adopted workspace."),
      sentinelIsOn: z
        .boolean()
        .describe("Whether Sentinel is already on; if not, this environment switches it on."),
      ownsTables: z
        .boolean()
        .describe("Whether this environment declares the tables and functions in the workspace."),
    }),
  ])
  .describe("The Log Analytics workspace: one of its own, or one that is already there.");

const contentTypes = [
  "Audit.General",
  "Audit.AzureActiveDirectory",
  "Audit.Exchange",
  "Audit.SharePoint",
  "DLP.All",
] as const;

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

const tenant = z.strictObject({
  tenantId: guid.describe("Entra id of the Microsoft 365 tenant."),
  primaryDomain: z
    .string()
    .regex(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      "be a domain name in lower case",
    )
    .describe("Primary domain of the tenant, shown to people."),
  cloud: z.enum(m365CloudNames).describe("Microsoft 365 cloud of the tenant."),
  credential: z
    .enum(["client-secret", "managed-identity"])
    .describe("How the playbook signs in to the tenant; managed-identity in the home tenant only."),
  secretPeriodMonths: z
    .int()
    .min(1)
    .max(6)
    .default(3)
    .describe("Calendar months between two client secrets; each is valid for two periods."),
  consent: z
    .enum(["declared", "by-administrator"])
    .default("declared")
    .describe("Whether the deployment grants the permission, or an administrator does."),
  publisherId: guid
    .optional()
    .describe("PublisherIdentifier of the API calls; without it, the home tenant."),
  contentTypes: z
    .array(z.enum(contentTypes))
    .min(1)
    .refine(unique, "name each content type once")
    .default(["Audit.General"])
    .describe("Content types of the feed; Teams is in Audit.General."),
  keepWorkloads: z
    .array(z.string().min(1))
    .refine(unique, "name each workload once")
    .default([])
    .describe(
      "Workloads to keep, such as MicrosoftTeams; all when this and keepRecordTypes are empty.",
    ),
  keepRecordTypes: z
    .array(z.int().min(0))
    .refine(unique, "name each record type once")
    .default([])
    .describe("Record types to keep besides the workloads; 25 is MicrosoftTeams."),
  recurrenceMinutes: z
    .int()
    .min(5)
    .max(60)
    .default(15)
    .describe("Minutes between two runs of the playbook."),
  requestsPerMinute: z
    .int()
    .min(60)
    .max(20_000)
    .default(1900)
    .describe(
      "Blobs that the playbook fetches in a minute at most. Every tenant may make 2,000 requests; less leaves room for others that share its publisher, more needs a higher quota.",
    ),
  firstLookBackHours: z
    .int()
    .min(1)
    .max(167)
    .default(24)
    .describe(
      "How far back the first run goes after `npm run feed -- start`; the feed has 7 days.",
    ),
  expectedRecordsPerDay: z
    .int()
    .min(0)
    .max(100_000_000)
    .optional()
    .describe("Records that the feed has in a day, for the cost that reviews are told."),
  state: z
    .enum(["collected", "removed"])
    .default("collected")
    .describe(
      "removed empties the tenant's stack, so that npm run teardown takes everything away, in production too.",
    ),
});

const shape = {
  $schema: z.literal("./environment.schema.json"),
  subscriptionId: guid.describe("Azure subscription that everything is deployed to."),
  homeTenantId: guid.describe("Entra tenant of that subscription."),
  location: location.describe("Azure region, such as westeurope."),
  azureCloud: z.enum(azureCloudNames).describe("Azure cloud of the subscription."),
  stateBackend,
  protection: z
    .enum(["production", "test"])
    .describe(
      "production: nothing that holds data can be destroyed or replaced. test: everything goes in one command, for good.",
    ),
  deployerVaultRole: z
    .enum(["declared", "by-administrator"])
    .describe(
      "Whether the deployment makes whoever deploys Key Vault Secrets Officer of the tenant's resource group, or an administrator has done so. declared suits one deployer: the role moves to whoever deploys next, whose plan cannot read the secret before.",
    ),
  alertReceivers: z
    .array(z.strictObject({ name: z.string().min(1), email: z.email() }))
    .min(1)
    .refine((receivers) => unique(receivers.map(({ name }) => name)), "have each name once")
    .describe("Who is told when the collection is in trouble."),
  workspace,
  tenants: z
    .record(
      z
        .string()
        .regex(
          /^(?!workspace$)(?!.*--)[a-z][a-z0-9-]{0,16}[a-z0-9]$/,
          "be 2 to 18 lower-case letters, digits and single hyphens, begin with a letter, and not be workspace",
        ),
      tenant,
    )
    .describe("Microsoft 365 tenants by a short name, which their resources carry."),
};

/** Reports one broken rule: what must be, what is, and what to do about it. */
type Report = (path: readonly PropertyKey[], rule: string, got: unknown, fix?: string) => void;

interface Rule {
  /** Reports what is wrong in `value` when the fields that the rule needs are themselves valid. */
  readonly check: (value: unknown, report: Report) => void;
}

function rule<T extends z.ZodType>(
  needs: T,
  check: (value: z.infer<T>, report: Report) => void,
): Rule {
  return {
    check: (value, report) => {
      const parsed = needs.safeParse(value);
      if (parsed.success) {
        check(parsed.data, report);
      }
    },
  };
}

const { azureCloud, homeTenantId, protection } = shape;
const anyTenants = z.record(z.string(), z.unknown());

const rules: readonly Rule[] = [
  rule(z.object({ protection, stateBackend }), (environment, report) => {
    if (environment.protection === "production" && environment.stateBackend.type === "local") {
      report(
        ["stateBackend", "type"],
        "be azurerm when protection is production",
        "local",
        "state beside the project is lost with the machine",
      );
    }
  }),
  rule(z.object({ azureCloud, location }), (environment, report) => {
    checkRegion(["location"], environment.azureCloud, environment.location, report);
  }),
  rule(
    z.object({ azureCloud, workspace: z.object({ mode: z.literal("adopt"), location }) }),
    (environment, report) => {
      const { azureCloud, workspace } = environment;
      checkRegion(["workspace", "location"], azureCloud, workspace.location, report);
    },
  ),
  rule(z.object({ azureCloud, tenants: anyTenants }), (environment, report) => {
    for (const [name, value] of Object.entries(environment.tenants)) {
      const parsed = z.object({ cloud: tenant.shape.cloud }).safeParse(value);
      if (parsed.success && m365Clouds[parsed.data.cloud].azureCloud !== environment.azureCloud) {
        const paired = m365CloudNames.filter(
          (cloud) => m365Clouds[cloud].azureCloud === environment.azureCloud,
        );
        report(
          ["tenants", name, "cloud"],
          `be ${paired.join(" or ")} when azureCloud is ${environment.azureCloud}`,
          parsed.data.cloud,
          "no identity signs in to both Entra clouds; collect this tenant from an environment in the other Azure cloud",
        );
      }
    }
  }),
  rule(z.object({ homeTenantId, tenants: anyTenants }), (environment, report) => {
    for (const [name, value] of Object.entries(environment.tenants)) {
      const { credential, tenantId } = tenant.shape;
      const parsed = z.object({ credential, tenantId }).safeParse(value);
      if (
        parsed.success &&
        parsed.data.credential === "managed-identity" &&
        parsed.data.tenantId.toLowerCase() !== environment.homeTenantId.toLowerCase()
      ) {
        report(
          ["tenants", name, "credential"],
          "be client-secret when tenantId is not homeTenantId",
          "managed-identity",
          "a managed identity exists in its home tenant only",
        );
      }
    }
  }),
  rule(z.object({ tenants: anyTenants }), (environment, report) => {
    const seen = new Map<string, string>();
    for (const [name, value] of Object.entries(environment.tenants)) {
      const { tenantId, state } = tenant.shape;
      const parsed = z.object({ tenantId, state }).safeParse(value);
      if (!parsed.success || parsed.data.state === "removed") {
        continue;
      }
      const id = parsed.data.tenantId.toLowerCase();
      const other = seen.get(id);
      if (other !== undefined) {
        report(
          ["tenants", name, "tenantId"],
          `differ from that of tenants.${other}`,
          parsed.data.tenantId,
          "an environment collects a tenant once; another environment may collect it too",
        );
      }
      seen.set(id, name);
    }
  }),
];

function checkRegion(
  path: readonly PropertyKey[],
  cloud: (typeof azureCloudNames)[number],
  region: string,
  report: Report,
) {
  if ((cloud === "usgovernment") !== /^us(gov|dod)/.test(region)) {
    const form = `${cloud === "usgovernment" ? "" : "not "}begin with usgov or usdod`;
    report(path, `${form} when azureCloud is ${cloud}`, region);
  }
}

/** What a file `config/<environment>.json` holds. */
export const environmentSchema = z
  .strictObject(shape)
  .superRefine(
    (value, context) => {
      for (const { check } of rules) {
        check(value, (path, message, got, fix) => {
          context.addIssue({
            code: "custom",
            path: [...path],
            message,
            params: { got, ...(fix === undefined ? {} : { fix }) },
          });
        });
      }
    },
    { when: () => true }, // a broken key must not hide the rules about the others
  )
  .transform(({ $schema: _, ...environment }) => ({
    ...environment,
    tenants: Object.fromEntries(
      Object.entries(environment.tenants).map(([name, settings]) => [
        name,
        { ...settings, publisherId: settings.publisherId ?? environment.homeTenantId },
      ]),
    ),
  }));

/** One deployment of the system: a subscription, its workspace and the tenants that it collects. */
export type Environment = z.output<typeof environmentSchema> & {
  /** Taken from the name of the file. */
  readonly name: string;
};

/** One Microsoft 365 tenant of an environment. */
export type Tenant = Environment["tenants"][string];

/** Keys of the tenants that an environment collects, in their order. */
export function collectedTenants({ tenants }: Environment): string[] {
  return Object.entries(tenants)
    .filter(([, { state }]) => state === "collected")
    .map(([name]) => name);
}

/**
 * The folder of the shipped files, wherever a command is run; relative to there, so that problems
 * name files as people write them.
 */
export const configFolder = path.relative(process.cwd(), import.meta.dirname) || ".";

/**
 * Loads every environment of a folder, and checks what holds between them and against the list of
 * tenants in `tenants.lock.json`. Throws a {@link ConfigurationError} with all problems of all files.
 */
export function loadEnvironments(folder: string): Environment[] {
  const lock = readTenantLock(folder);
  const files = readFiles(folder);
  return validEnvironments(files, (environments) => [
    ...sharedWorkspaceProblems(folder, environments),
    ...vanishedTenantProblems(folder, tenantsOf(files), lock),
    ...staleLockProblems(folder, environments, lock),
  ]);
}

/** Loads one environment of a folder by its name, after checking them all. */
export function loadEnvironment(folder: string, name: string): Environment {
  const environments = loadEnvironments(folder);
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    const names = environments.map((candidate) => candidate.name).join(", ");
    throw new Error(`environment must be one of ${names}, got ${name}`);
  }
  return environment;
}

/**
 * Reads every environment of a folder, each checked on its own and for tenants of `lock` that
 * vanished; for whoever writes that list. Throws a {@link ConfigurationError} with all problems of
 * all files.
 */
export function readEnvironments(folder: string, lock: TenantLock = {}): Environment[] {
  const files = readFiles(folder);
  return validEnvironments(files, () => vanishedTenantProblems(folder, tenantsOf(files), lock));
}

/** A file `<environment>.json`, as far as it can be read. */
interface EnvironmentFile {
  readonly name: string;
  readonly problems: readonly string[];
  /** Names of its tenants; undefined when not even these can be read. */
  readonly tenants?: readonly string[];
  /** Undefined when there are problems. */
  readonly environment?: Environment;
}

function validEnvironments(
  files: readonly EnvironmentFile[],
  problemsBetween: (environments: readonly Environment[]) => readonly string[],
): Environment[] {
  const environments = files.flatMap(({ environment }) => environment ?? []);
  const problems = [...files.flatMap((file) => file.problems), ...problemsBetween(environments)];
  if (problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return environments;
}

function tenantsOf(files: readonly EnvironmentFile[]): TenantNames {
  return new Map(files.map(({ name, tenants }) => [name, tenants]));
}

function readFiles(folder: string): EnvironmentFile[] {
  const files = readdirSync(folder)
    .filter((file) => /^[^.]+\.json$/.test(file))
    .sort();
  if (files.length === 0) {
    throw new ConfigurationError([`${folder} must hold a file <environment>.json, got none`]);
  }
  return files.map((file) => readFile(path.join(folder, file)));
}

function readFile(file: string): EnvironmentFile {
  const name = path.basename(file, ".json");
  const problems = /^[a-z][a-z0-9]{1,7}$/.test(name)
    ? []
    : [
        `${file}: name must be 2 to 8 lower-case letters and digits and begin with a letter, got ${name}`,
      ];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    return { name, problems: [...problems, `${file}: must be JSON, got ${error.message}`] };
  }
  const readable = z.object({ tenants: anyTenants }).safeParse(content);
  const tenants = readable.data && Object.keys(readable.data.tenants);
  const parsed = environmentSchema.safeParse(content);
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues.flatMap((issue) =>
        describeIssue(issue, content).map((problem) => `${file}: ${problem}`),
      ),
    );
  }
  return parsed.success && problems.length === 0
    ? { name, problems, tenants, environment: { name, ...parsed.data } }
    : { name, problems, tenants };
}

/** Two environments in one workspace must agree on its region, and not declare the same things. */
function sharedWorkspaceProblems(folder: string, environments: readonly Environment[]): string[] {
  const problems: string[] = [];
  const tableOwners = new Map<string, string>();
  const sentinelOwners = new Map<string, string>();
  const regions = new Map<string, Environment>();
  const claim = (
    owners: Map<string, string>,
    environment: Environment,
    problem: (file: string, owner: string) => string,
  ) => {
    const id = workspaceId(environment).toLowerCase();
    const owner = owners.get(id);
    if (owner === undefined) {
      owners.set(id, environment.name);
    } else {
      problems.push(problem(path.join(folder, `${environment.name}.json`), `${owner}.json`));
    }
  };
  // Creators first, so that the problem is told of the environment that adopts.
  for (const environment of environments.toSorted(
    (a, b) => Number(a.workspace.mode === "adopt") - Number(b.workspace.mode === "adopt"),
  )) {
    const { workspace } = environment;
    const id = workspaceId(environment).toLowerCase();
    const region = workspaceLocation(environment);
    const first = regions.get(id) ?? environment;
    regions.set(id, first);
    if (region !== workspaceLocation(first)) {
      problems.push(
        `${path.join(folder, `${environment.name}.json`)}: workspace.location must be ${workspaceLocation(first)} as ${first.name}.json says of that workspace, got ${region}`,
      );
    }
    if (workspace.mode === "create" || workspace.ownsTables) {
      claim(
        tableOwners,
        environment,
        (file, owner) =>
          `${file}: workspace.ownsTables must be false when ${owner} declares the tables of that workspace, got true`,
      );
    }
    if (workspace.mode === "create" || !workspace.sentinelIsOn) {
      claim(
        sentinelOwners,
        environment,
        (file, owner) =>
          `${file}: workspace.sentinelIsOn must be true when ${owner} switches Sentinel on in that workspace, got false`,
      );
    }
  }
  return problems;
}
