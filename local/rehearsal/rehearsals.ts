import path from "node:path";
import { collectedTenants, type Environment } from "../../config/environment.ts";
import { combinations, environmentFileOf, environmentOf, putAdopted } from "./combinations.ts";
import { failureCases, type FailureCase } from "./failure-cases.ts";
import type { RequestRecorder } from "./recorded-requests.ts";
import { RehearsalCloud } from "./rehearsal-cloud.ts";
import { RehearsalProject } from "./rehearsal-project.ts";
import { Rehearsal } from "./rehearsal.ts";
import { oneByOne, type Job } from "./side-by-side.ts";

/** What all rehearsals of one command share. */
export interface RehearsalTools {
  /** Path of Terraform. */
  readonly program: string;
  /** Folder with the providers. */
  readonly providers: string;
  /** Gets a folder for each rehearsal. */
  readonly folder: string;
  /** Told of each line of progress. */
  readonly onProgress: (line: string) => void;
}

/** A cloud, and a copy of the project that sees nothing else. */
export interface Stage {
  readonly cloud: RehearsalCloud;
  readonly project: RehearsalProject;
}

/** Sets a stage for an environment; `file` is what its file holds, when the project has none. */
export async function setStage(
  name: string,
  environment: Environment,
  tools: RehearsalTools,
  { file, recorder }: { readonly file?: object; readonly recorder?: RequestRecorder } = {},
): Promise<Stage> {
  const { program, providers, folder, onProgress } = tools;
  const cloud = await RehearsalCloud.start(environment, recorder);
  await putAdopted(cloud);
  const project = new RehearsalProject({
    ...{ program, providers, environment: environment.name },
    folder: path.join(folder, name),
    variables: cloud.variables(),
    onProgress: (line) => onProgress(`${name}: ${line}`),
  });
  if (file) {
    await project.write(file);
  } else {
    await project.synthesize();
  }
  return { cloud, project };
}

/** A rehearsal of each pair of what environments are made of. */
export function combinationJobs(tools: RehearsalTools): Job[] {
  return combinations.map((combination, index) => {
    const name = `pair${index + 1}`;
    const { azureCloud, credential, tenants, workspace } = combination;
    return {
      name: `${tenants} ${tenants === 1 ? "tenant" : "tenants"}, ${credential}, ${workspace}, ${azureCloud}`,
      run: async () => {
        const file = environmentFileOf(combination);
        const environment = environmentOf(name, combination);
        const { cloud, project } = await setStage(name, environment, tools, { file });
        try {
          const { program } = tools;
          const steps = new Rehearsal({ cloud, project, program }).shortSteps();
          const outcomes = await oneByOne(steps);
          const failed = outcomes.find(({ problem }) => problem !== undefined);
          if (failed) {
            throw new Error(`${failed.name}: ${failed.problem}`);
          }
          return outcomes.map(({ name, found }) => `${name}: ${found}`).join("; ");
        } finally {
          await cloud.close();
        }
      },
    };
  });
}

/** Each failure of a first deployment: what is said, and that the second one repairs it. */
export function failureJobs(environment: Environment, tools: RehearsalTools): Job[] {
  const tenant = collectedTenants(environment).find(
    (name) => environment.tenants[name]!.credential === "client-secret",
  );
  return failureCases.map((failure, index) => ({
    name: failure.name,
    run: async () => {
      const { cloud, project } = await setStage(`failure${index + 1}`, environment, tools);
      try {
        return await failAndMend(failure, { cloud, project, tenant: tenant! });
      } finally {
        await cloud.close();
      }
    },
  }));
}

async function failAndMend(
  failure: FailureCase,
  broken: Stage & { readonly tenant: string },
): Promise<string> {
  const { cloud, project } = broken;
  const args = ["--environment", cloud.environment.name, "--unreviewed"];
  await failure.break(broken);
  if (failure.says === undefined) {
    await project.succeed("deploy", args);
    return "the deployment got over it";
  }
  const said = await project.fail("deploy", args);
  if (!failure.says.test(said)) {
    throw new Error(`deploy must say ${String(failure.says)}, got: ${said}`);
  }
  if (/\n\s+at /.test(said)) {
    throw new Error(`deploy must say it without a stack trace, got: ${said}`);
  }
  const absent = failure
    .deployed?.(broken)
    .filter((id) => cloud.azure.manager.store.get(id) === undefined);
  if (absent && absent.length > 0) {
    throw new Error(`everything else must be deployed, got no ${absent.join(", ")}`);
  }
  await failure.mend?.(broken);
  await project.succeed("deploy", args);
  await failure.after?.(broken);
  return `${said.split("\n")[0] || "it was killed"} - and the second deployment was whole`;
}
