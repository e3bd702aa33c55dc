import { writeFileSync } from "node:fs";
import path from "node:path";
import { collectedTenants, type Environment } from "../../config/environment.ts";
import { tenantNames, workspaceId, workspaceStackId } from "../../config/names.ts";
import { Terraform, TerraformError } from "../../plan/terraform.ts";
import { objectAt, propertiesOf } from "../azure/body-parts.ts";
import { generateDay } from "../records/generate-records.ts";
import { publishDay } from "../records/publish-day.ts";
import { simulateDay } from "../simulate-day.ts";
import type { RehearsalCloud } from "./rehearsal-cloud.ts";
import type { RehearsalProject } from "./rehearsal-project.ts";
import { remainsOf } from "./remains.ts";
import type { Job } from "./side-by-side.ts";

export interface RehearsalProps {
  readonly cloud: RehearsalCloud;
  readonly project: RehearsalProject;
  /** Path of Terraform. */
  readonly program: string;
}

/** The life of an environment, done as its user would do it. */
export class Rehearsal {
  private readonly environment: Environment;
  private readonly tenants: readonly string[];
  private readonly isProduction: boolean;
  /** What there was before anything was deployed. */
  private readonly before: readonly string[];
  /** Days that were published. */
  private days = 0;
  /** The lines by which whoever reviews accepts what the plans would lose; production asks for them. */
  private acceptedLosses: readonly string[] = [];

  constructor(private readonly props: RehearsalProps) {
    this.environment = props.cloud.environment;
    this.tenants = collectedTenants(this.environment);
    this.isProduction = this.environment.protection === "production";
    this.before = remainsOf(props.cloud).live;
  }

  /** In the order in which they are done; each needs those before. */
  steps(): Job[] {
    const { isProduction, tenants } = this;
    const [first] = tenants as [string];
    const step = (name: string, run: () => Promise<string>) => ({ name, run });
    return [
      step("deploy into an empty subscription, start the feed", () => this.deployFirst()),
      step("a second plan is empty", () => this.planNothing()),
      ...tenants.map((tenant) =>
        step(`a day of ${tenant}, by the playbook as it was put`, () => this.day(tenant)),
      ),
      step("what others have changed is found", () => this.drift(first)),
      step("a change of configuration, reviewed and deployed, puts that back as well", () =>
        this.change(first),
      ),
      ...(this.hasSecret(first)
        ? [
            step("the secret is rotated, and no run is missed", () => this.rotate(first)),
            step("a leaked secret is revoked, and the next deployment repairs it", () =>
              this.revoke(first),
            ),
          ]
        : []),
      ...(isProduction
        ? [
            step("production refuses to be destroyed, three times", () => this.refuse()),
            step("its tenants go when that is accepted, their logs stay", () =>
              this.takeAway(tenants),
            ),
            step("the rest goes when its protection is taken back", () => this.removeProduction()),
          ]
        : [
            step(`the tenant ${first} goes, its logs stay`, () => this.remove(first)),
            step("the environment goes", () => this.teardown()),
          ]),
      step("nothing is left", () => this.nothingIsLeft()),
      step("deploy again right after", () => this.deployAgain(first)),
      step("a day after that", () => this.day(first)),
    ];
  }

  /** What only Terraform's providers do, so that nothing else is in a recording of their requests. */
  recordedSteps(): Job[] {
    const [first] = this.tenants as [string];
    return [
      { name: "deploy", run: () => this.deployFirst() },
      { name: "plan again", run: () => this.planNothing() },
      { name: "change", run: () => this.change(first) },
      { name: "the environment goes", run: () => this.teardown() },
    ];
  }

  /** The same for an environment of which only the combination of its parts is new. */
  shortSteps(): Job[] {
    return [
      { name: "deploy", run: () => this.deployFirst() },
      { name: "plan again", run: () => this.planNothing() },
      ...this.tenants.map((name) => ({ name: `a day of ${name}`, run: () => this.day(name) })),
      ...this.removalBesides(),
      { name: "the environment goes", run: () => this.teardown() },
      { name: "nothing is left", run: () => this.nothingIsLeft() },
    ];
  }

  /** That one tenant goes is nothing to the other one. */
  private removalBesides(): Job[] {
    const [first, second] = this.tenants as [string, string | undefined];
    return second === undefined
      ? []
      : [
          { name: `${first} goes, its logs stay`, run: () => this.remove(first) },
          { name: `a day of ${second} after that`, run: () => this.day(second) },
        ];
  }

  private hasSecret(tenant: string): boolean {
    return this.environment.tenants[tenant]!.credential === "client-secret";
  }

  /**
   * Who plans and looks for drift: whoever may only read, unless the deployer's own role is declared,
   * which every other identity's plan would change.
   */
  private get readerVariables(): Record<string, string> {
    return this.environment.deployerVaultRole === "declared"
      ? {}
      : this.props.cloud.readerVariables();
  }

  private get name(): string[] {
    return ["--environment", this.environment.name];
  }

  /** How a tenant of the environment is named on a command line. */
  private named(tenantName: string): string {
    return [...this.name, "--tenant", tenantName].join(" ");
  }

  /** Arguments by which a tenant's collector is taken away unasked. */
  private confirmed(tenantName: string): string[] {
    const name = `${this.environment.name}/${tenantName}`;
    return [...this.name, "--tenant", tenantName, "--confirm", name];
  }

  /** Deploys what was `reviewed`, or for a test whatever is planned. */
  private async deploy(reviewed?: Summary): Promise<string> {
    const how = this.isProduction
      ? ["--reviewed", (reviewed ?? (await this.summary())).digest]
      : ["--unreviewed"];
    return this.props.project.succeed("deploy", [...this.name, ...how]);
  }

  /** What the summary for a pull request tells. */
  private async summary(): Promise<Summary> {
    const { project } = this.props;
    const out = path.join(project.folder, "plans");
    await project.succeed("plan", [...this.name, "--out", out], this.readerVariables);
    const { text } = await project.run("plan:summary", [out, "--json"]);
    return JSON.parse(text) as Summary;
  }

  private acceptedBy(lines: readonly string[]): string[] {
    if (lines.length === 0) {
      return [];
    }
    const file = path.join(this.props.project.folder, "accepted.txt");
    writeFileSync(file, lines.join("\n"));
    return ["--accepted", file];
  }

  private async deployFirst(tenants = this.tenants): Promise<string> {
    const { cloud, project } = this.props;
    const asked = tenants.filter(
      (name) => this.environment.tenants[name]!.consent === "by-administrator",
    );
    if (asked.length === 0) {
      await this.deploy();
      return this.counted();
    }
    // All is deployed, and somebody is asked for what the deployer may not do.
    const { digest } = await this.summary();
    await project.fail("deploy", [...this.name, "--reviewed", digest]);
    for (const tenant of asked) {
      const { tenantId } = this.environment.tenants[tenant]!;
      const status = await project.run("feed", ["status", ...this.name, "--tenant", tenant]);
      const said = `${status.text}\n${status.problems}`;
      if (!said.includes(tenantId) || !said.includes("Application Administrator")) {
        throw new Error(`status must say who has to consent for ${tenant}, got: ${said}`);
      }
      cloud.consent(tenant);
    }
    await this.deploy();
    return `${this.counted()}; consent was asked for of ${asked.join(", ")} and given`;
  }

  private counted(): string {
    const { live } = remainsOf(this.props.cloud);
    return `${live.length - this.before.length} resources and applications are there`;
  }

  private async planNothing(): Promise<string> {
    const { project } = this.props;
    const text = await project.succeed("plan", this.name, this.readerVariables);
    const lines = text.split("\n").filter((line) => line !== "");
    const changes = lines.filter((line) => !line.endsWith(": Nothing changes."));
    if (changes.length > 0) {
      throw new Error(`a second plan must be empty, got: ${changes.join("; ")}`);
    }
    return `nothing changes in ${lines.length} stacks`;
  }

  /** A day of records through the playbook. */
  private async day(tenantName: string): Promise<string> {
    const { cloud } = this.props;
    const { tenantId, primaryDomain } = this.environment.tenants[tenantName]!;
    const collector = await cloud.collector(tenantName);
    const start = cloud.clock.now();
    const seed = ++this.days;
    const day = await publishDay(
      generateDay({ seed, seats: 200, date: midnight(start), tenantId, domain: primaryDomain }),
      { start, seed },
    );
    const outcome = await simulateDay(collector, day, { clock: cloud.clock });
    const { missing, runs, runsFailed, rowsDistinct, recordsDistinct } = outcome;
    if (missing > 0 || rowsDistinct === 0) {
      throw new Error(`${missing} of ${recordsDistinct} records must be in the table`);
    }
    // The first one may come before its roles work.
    if (runsFailed > 1) {
      throw new Error(`all runs but the first must succeed, got ${runsFailed} that failed`);
    }
    return `${recordsDistinct} records, 0 missing, ${runs} runs, ${runsFailed} failed`;
  }

  private async change(tenantName: string): Promise<string> {
    const { cloud, project } = this.props;
    const minutes = 30;
    await project.configure(({ tenants }) => {
      tenants[tenantName]!.recurrenceMinutes = minutes;
    });
    const summary = await this.summary();
    const shown = JSON.stringify(summary.stacks);
    if (!shown.includes("On_schedule") || !shown.includes("recurrence")) {
      throw new Error(`the summary must show the trigger that changes, got: ${shown}`);
    }
    await this.deploy(summary);
    const { playbookId } = tenantNames(this.environment, tenantName);
    const workflow = propertiesOf(cloud.azure.manager.store.get(playbookId)!.body);
    const live = JSON.stringify(objectAt(objectAt(workflow, "definition"), "triggers"));
    if (!live.includes(`"interval":${minutes}`)) {
      throw new Error(`the playbook must run every ${minutes} minutes, got ${live}`);
    }
    const left = await this.drifted();
    if (left.length > 0) {
      throw new Error(
        `a deployment must put back what others have changed, got ${left.join("; ")}`,
      );
    }
    return `the trigger's recurrence is ${minutes} minutes, and nothing differs from what was deployed`;
  }

  private async drift(tenantName: string): Promise<string> {
    const { cloud } = this.props;
    const { store } = cloud.azure.manager;
    const { consent, credential } = this.environment.tenants[tenantName]!;
    const { collector, playbookId, playbook, storageAccountId } = tenantNames(
      this.environment,
      tenantName,
    );
    await cloud.change(playbookId, (workflow) => ({ ...workflow, state: "Disabled" }));
    await cloud.change(storageAccountId, (account) => ({ ...account, allowSharedKeyAccess: true }));
    const [search] = store.ofType("Microsoft.OperationalInsights/workspaces/savedSearches");
    await cloud.administer("DELETE", search!.id);
    const isDeclared = consent === "declared" && credential === "client-secret";
    if (isDeclared) {
      cloud.withdrawConsent(tenantName);
    }
    const found = await this.drifted();
    const expected = [
      `${collector}: ${playbook}: the playbook is Disabled, and must be Enabled`,
      /^\S+: azurerm_storage_account\.\S+: shared_access_key_enabled is true, and was deployed as false$/,
      /^\S+: azurerm_log_analytics_saved_search\.\S+: is gone$/,
      ...(isDeclared
        ? [
            /^\S+: azuread_app_role_assignment\.\S+: is gone$/,
            `${collector}: consent: ActivityFeed.Read is not granted any more`,
          ]
        : []),
    ];
    const isSaid = (what: string | RegExp) =>
      found.some((line) => (typeof what === "string" ? line === what : what.test(line)));
    if (found.length !== expected.length || !expected.every(isSaid)) {
      throw new Error(
        `all that was changed must be told and nothing else, got ${found.join("; ")}`,
      );
    }
    return `each of ${found.length} changes, and nothing else`;
  }

  /** What `npm run drift` finds, one line each. */
  private async drifted(): Promise<string[]> {
    const { code, text, problems } = await this.props.project.run(
      "drift",
      this.name,
      this.readerVariables,
    );
    if (code !== 0 && code !== 3) {
      throw new Error(`npm run drift must end with 0 or 3, got ${code}: ${problems || text}`);
    }
    return code === 0 ? [] : text.split("\n");
  }

  private async rotate(tenantName: string): Promise<string> {
    const { cloud, project } = this.props;
    const { playbookId } = tenantNames(this.environment, tenantName);
    const { runs } = cloud.azure.manager;
    const before = cloud.secret(tenantName);
    const first = runs.list(playbookId).length;
    let isOver = false;
    // Runs without a pause, so that some of them meet every moment of the rotation.
    const meanwhile = (async () => {
      while (!isOver) {
        runs.start(playbookId);
        await this.ended(playbookId);
      }
    })();
    try {
      await project.succeed("feed", ["rotate", ...this.name, "--tenant", tenantName]);
    } finally {
      isOver = true;
      await meanwhile;
    }
    await this.ended(playbookId);
    const all = runs.list(playbookId).slice(first);
    const failed = all.filter(({ ended }) => ended?.status !== "Succeeded");
    if (failed.length > 0) {
      throw new Error(`every run must succeed, got ${failed.length} of ${all.length} that failed`);
    }
    if (cloud.secret(tenantName) === before) {
      throw new Error("the vault must hold another secret, got the one before");
    }
    await this.planNothing();
    return `${all.length} runs meanwhile, none failed; a plan after that is empty`;
  }

  /** Waits until no run goes on. */
  private async ended(playbookId: string): Promise<void> {
    const { cloud } = this.props;
    while (cloud.azure.manager.runs.list(playbookId).some(({ ended }) => !ended)) {
      await cloud.clock.sleep(100);
    }
  }

  private async revoke(tenantName: string): Promise<string> {
    const { cloud, project } = this.props;
    const said = await project.succeed("feed", ["revoke", ...this.name, "--tenant", tenantName]);
    if ((await cloud.runOnce(tenantName)).status === "Succeeded") {
      throw new Error("a run without a secret must not succeed");
    }
    const summary = await this.summary();
    const changes = summary.stacks.flatMap((stack) => stack.changes);
    const unsaid = changes.filter(
      ({ kind, address }) => kind === "create" && !said.includes(address),
    );
    const others = changes.filter(
      ({ type }) => !["azuread_application_password", "azurerm_key_vault_secret"].includes(type),
    );
    if (changes.length === 0 || unsaid.length > 0 || others.length > 0) {
      const shown = changes.map(({ kind, address }) => `${kind} ${address}`).join(", ");
      throw new Error(`the next plan must be what revoke said, got: ${shown || "nothing"}`);
    }
    await this.deploy(summary);
    const { status } = await cloud.runOnce(tenantName);
    if (status !== "Succeeded") {
      throw new Error(`the run after the repair must succeed, got ${status}`);
    }
    return `a run failed, a plan of ${changes.length} changes was told before, the next run succeeded`;
  }

  /** Ends with a configuration in which every tenant is removed, as whoever wants it to go writes it. */
  private async refuse(): Promise<string> {
    const { project } = this.props;
    const said = await project.fail("teardown", [
      ...[...this.name, "--confirm", this.environment.name],
    ]);
    if (!said.includes("protection must be test")) {
      throw new Error(`the configuration must refuse, got: ${said}`);
    }
    const collectors = this.tenants.map((name) => tenantNames(this.environment, name).collector);
    await Promise.all(
      [workspaceStackId(this.environment), ...collectors].map((stack) => this.refuseByRules(stack)),
    );
    await this.configureStates(this.tenants, "removed");
    const { digest, refused } = await this.summary();
    if (refused.length === 0) {
      throw new Error("the check of the plan must refuse, got a plan that loses nothing");
    }
    // What is merged is deployed, and that takes no collector away.
    const deployed = await project.succeed("deploy", [...this.name, "--reviewed", digest]);
    if (
      this.tenants.some((name) => !deployed.includes(`npm run teardown -- ${this.named(name)}`))
    ) {
      throw new Error(`a deployment must leave each collector as it is, got: ${deployed}`);
    }
    const [first] = this.tenants as [string];
    const check = await project.fail("teardown", this.confirmed(first));
    if (!check.includes("Accept-data-loss")) {
      throw new Error(`the check of the plan must refuse, got: ${check}`);
    }
    this.acceptedLosses = refused.map(
      ({ stack, address }) => `Accept-data-loss: ${stack} ${address}`,
    );
    return "by its configuration, by lifecycle rules and by the check of the plan";
  }

  /** That a stack's lifecycle rules refuse its destruction, whoever plans it. */
  private async refuseByRules(stack: string): Promise<void> {
    const { project, program } = this.props;
    const folder = path.join(project.stacks, stack);
    const terraform = new Terraform({ program, folder, environment: project.environment });
    const refusal = await terraform.plan("refused.tfplan", { destroy: true }).then(
      () => "a plan",
      (error: unknown) => (error instanceof TerraformError ? error.message : String(error)),
    );
    if (!refusal.includes("Instance cannot be destroyed")) {
      throw new Error(`the lifecycle rules of ${stack} must refuse, got: ${refusal}`);
    }
  }

  private configureStates(names: readonly string[], state: string): Promise<void> {
    return this.props.project.configure(({ tenants }) => {
      for (const name of names) {
        tenants[name]!.state = state;
      }
    });
  }

  private async rows(): Promise<number> {
    const workspace = await this.props.cloud.azure.manager.logs.at(workspaceId(this.environment));
    for await (const line of workspace.select('SELECT count(*) AS n FROM "M365Audit_CL"')) {
      return (JSON.parse(line) as { n: number }).n;
    }
    return 0;
  }

  private async remove(tenantName: string): Promise<string> {
    await this.configureStates([tenantName], "removed");
    return this.takeAway([tenantName]);
  }

  /** Takes collectors away side by side, which are removed in the configuration. */
  private async takeAway(names: readonly string[]): Promise<string> {
    const before = await this.rows();
    const accepted = this.acceptedBy(this.acceptedLosses);
    await Promise.all(
      names.map((name) =>
        this.props.project.succeed("teardown", [...this.confirmed(name), ...accepted]),
      ),
    );
    const after = await this.rows();
    if (after !== before || before === 0) {
      throw new Error(`the table must keep its ${before} rows, got ${after}`);
    }
    return `${after} rows are still there`;
  }

  private async removeProduction(): Promise<string> {
    await this.props.project.configure((file) => {
      file.protection = "test";
    });
    await this.props.project.succeed("deploy", [...this.name, "--unreviewed"]);
    return this.teardown();
  }

  private async teardown(): Promise<string> {
    const args = [...this.name, "--confirm", this.environment.name];
    const text = await this.props.project.succeed("teardown", args);
    const again = await this.props.project.succeed("teardown", args);
    if (!again.includes("nothing else is left")) {
      throw new Error(`a second teardown must find nothing, got: ${again}`);
    }
    return text.split("\n").at(-1) ?? "";
  }

  private nothingIsLeft(): Promise<string> {
    const { live: all, kept } = remainsOf(this.props.cloud);
    const live = all.filter((name) => !this.before.includes(name));
    const vaults = this.tenants.map((name) => tenantNames(this.environment, name).vault);
    const unexpected = this.isProduction ? kept.filter((name) => !vaults.includes(name)) : kept;
    if (live.length > 0 || unexpected.length > 0) {
      return Promise.reject(
        new Error(`nothing must be left, got ${[...live, ...unexpected].join(", ")}`),
      );
    }
    return Promise.resolve(
      kept.length === 0 ? "not even a deleted vault" : `Azure keeps ${kept.join(", ")}`,
    );
  }

  /** One tenant is enough to show that what Azure keeps is in nobody's way. */
  private async deployAgain(tenantName: string): Promise<string> {
    await this.props.project.configure((file) => {
      file.protection = this.environment.protection;
      file.tenants[tenantName]!.state = "collected";
    });
    return this.deployFirst([tenantName]);
  }
}

const midnight = (of: Date) => new Date(Math.floor(of.getTime() / dayMs) * dayMs);

const dayMs = 24 * 3_600_000;

/** What `npm run plan:summary -- --json` prints, as far as it is read here. */
interface Summary {
  readonly digest: string;
  readonly refused: readonly { readonly stack: string; readonly address: string }[];
  readonly stacks: readonly {
    readonly changes: readonly {
      readonly kind: string;
      readonly type: string;
      readonly address: string;
    }[];
  }[];
}
