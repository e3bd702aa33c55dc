import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readEnvironments } from "../config/environment.ts";
import { tenantLockFile, tenantLockOf } from "../config/tenant-lock.ts";
import { copyProject } from "./copy-project.ts";

const runs = 5;
const furtherTenants = 100;

/** How long synthesis takes, in milliseconds of a whole process; `ratio` is shipped to empty. */
export interface SynthBench {
  readonly emptyMs: number;
  readonly shippedMs: number;
  readonly ratio: number;
  readonly perTenantMs: number;
}

/** What the numbers should be on an idle machine. */
export const synthGoals: Readonly<Partial<Record<keyof SynthBench, string>>> = {
  ratio: "under 2.5",
  perTenantMs: "at most 40",
};

/**
 * Measures an empty cdktf app (one empty stack, as `cdktf init` makes it), the shipped environments, and these with a hundred further tenants:
 * the median of five runs each, taken in turn, so that a busy machine slows all of them alike.
 */
export function benchSynth(): SynthBench {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-synth-"));
  try {
    const shipped = path.join(folder, "shipped");
    const many = path.join(folder, "many");
    for (const copy of [shipped, many]) {
      copyProject(copy);
    }
    addTenants(path.join(many, "config"));
    const empty = path.join(folder, "empty.mts");
    const cdktf = import.meta.resolve("cdktf");
    writeFileSync(
      empty,
      `import { App, TerraformStack } from ${JSON.stringify(cdktf)};
const app = new App();
new TerraformStack(app, "empty");
app.synth();
`,
    );

    const apps = [
      { app: empty, cwd: folder, times: [] as number[] },
      { app: path.join(shipped, "main.ts"), cwd: shipped, times: [] as number[] },
      { app: path.join(many, "main.ts"), cwd: many, times: [] as number[] },
    ] as const;
    for (const { app, cwd } of apps) {
      synthesize(app, cwd); // fills the caches of tsx and of the disk
    }
    for (let run = 0; run < runs; run++) {
      for (const { app, cwd, times } of apps) {
        times.push(synthesize(app, cwd));
      }
    }
    const [emptyMs, shippedMs, manyMs] = [
      median(apps[0].times),
      median(apps[1].times),
      median(apps[2].times),
    ];
    return {
      emptyMs: Math.round(emptyMs),
      shippedMs: Math.round(shippedMs),
      ratio: Number((shippedMs / emptyMs).toFixed(2)),
      perTenantMs: Number(((manyMs - shippedMs) / furtherTenants).toFixed(1)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs an app as cdktf.json says and returns the milliseconds that it took. */
function synthesize(app: string, cwd: string): number {
  const start = performance.now();
  execFileSync(process.execPath, ["--import", import.meta.resolve("tsx/esm"), app], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return performance.now() - start;
}

function addTenants(config: string): void {
  const file = path.join(config, "dev.json");
  const environment = JSON.parse(readFileSync(file, "utf8")) as { tenants: Record<string, object> };
  for (let index = 0; index < furtherTenants; index++) {
    environment.tenants[`tenant-${index}`] = {
      tenantId: `00000000-0000-4000-9000-${String(index).padStart(12, "0")}`,
      primaryDomain: `tenant-${index}.example.org`,
      cloud: "enterprise",
      credential: "client-secret",
    };
  }
  writeFileSync(file, JSON.stringify(environment));
  writeFileSync(tenantLockFile(config), JSON.stringify(tenantLockOf(readEnvironments(config))));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
