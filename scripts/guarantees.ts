import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { kqlFiles } from "../content/kql.ts";
import { loadText } from "../content/load.ts";
import { loadTables } from "../content/tables.ts";
import { measurePlaybook, measureTimedDays } from "../local/bench/playbook-bench.ts";
import { measureContention } from "../local/faults/contention.ts";
import { kindCounts } from "../local/faults/kind-counts.ts";
import { largestNumber, largestSeed } from "../local/faults/fault-case.ts";
import { summaryOf } from "../local/faults/summary.ts";
import { tellProgress } from "./bench-playbook.ts";
import { parseOptions, runScript, wholeNumber } from "./command-line.ts";
import { manyCases } from "./faults.ts";
import {
  guaranteesPage,
  type Measured,
  type MeasuredFaults,
  type Measurements,
} from "./guarantees-page.ts";
import { writeGenerated } from "./write-generated.ts";

const allCases = 2000;

const usage = `[--bench | --timed] [--faults SEED [--first N] [--cases N]] [--dry-run]

  writes docs/guarantees.md: what is guaranteed, with the numbers that were measured last

  --bench        measure costs, delays and limits first; takes up to half an hour
  --timed        do again the days by which the simulation's own time is judged, with nothing beside
  --faults SEED  let tenants of this seed live through faults first; up to an hour
  --first N      the first of their cases, from 0 (default 0)
  --cases N      how many, 1 or more (default ${allCases})
  --dry-run      only tell whether the page would be written
  -h, --help     show this

  The numbers lie in docs/measured/. Those of other cases stay as long as the definition does, so that
  many can be measured in parts.`;

const docs = path.join(path.relative(process.cwd(), path.join(import.meta.dirname, "..")), "docs");

/** Where the page is, and the numbers in it. */
export const guaranteesPageFile = path.join(docs, "guarantees.md");
const benchFile = path.join(docs, "measured", "playbook-bench.json");
const faultsFile = path.join(docs, "measured", "faults.json");

const workers = 2;

/** What tells one version of the playbook from another, with the tables and the queries that it works with. */
export function definitionDigest(): string {
  const hash = createHash("sha256").update(loadText("playbooks/get-o365-data.json"));
  for (const file of kqlFiles().filter((each) => !each.startsWith("alerts/"))) {
    hash.update(loadText(file));
  }
  hash.update(JSON.stringify(loadTables()));
  return hash.digest("hex").slice(0, 12);
}

/** The numbers that were measured last. */
export const loadMeasurements = (): Measurements => ({
  bench: read<Measurements["bench"]>(benchFile),
  faults: read<Measured<MeasuredFaults>[]>(faultsFile),
});

async function measureBench(): Promise<void> {
  const definition = definitionDigest();
  const found = await measurePlaybook({
    seed: 1,
    workers,
    isQuick: false,
    onProgress: tellProgress,
  });
  const contention = await measureContention();
  await write(benchFile, {
    definition,
    found: { ...found, contention },
  } satisfies Measurements["bench"]);
}

async function measureTimed(): Promise<void> {
  const definition = definitionDigest();
  const { found, ...measured } = loadMeasurements().bench;
  if (measured.definition !== definition) {
    throw new Error(
      `${benchFile} must be of this definition, ${definition}, got ${measured.definition}: measure all with --bench`,
    );
  }
  const again = await measureTimedDays(found, tellProgress);
  await write(benchFile, { definition, found: { ...again, contention: found.contention } });
}

async function measureFaults(seed: number, first: number, cases: number): Promise<void> {
  const definition = definitionDigest();
  const begun = performance.now();
  const verdicts = await manyCases({ seed, first, cases, workers }, console.error);
  const found: MeasuredFaults = {
    first,
    summary: summaryOf(seed, verdicts),
    kinds: kindCounts(verdicts),
    rows: verdicts.reduce((sum, { rows }) => sum + rows, 0),
    duplicates: verdicts.reduce((sum, { duplicates }) => sum + duplicates, 0),
    mostCopies: Math.max(...verdicts.map(({ mostCopies }) => mostCopies)),
    wallSeconds: (performance.now() - begun) / 1000,
    contention: await measureContention(),
  };
  const others = (
    existsSync(faultsFile) ? read<Measured<MeasuredFaults>[]>(faultsFile) : []
  ).filter(
    (each) =>
      each.definition === definition &&
      (each.found.summary.seed !== seed ||
        each.found.first >= first + cases ||
        each.found.first + each.found.summary.cases <= first),
  );
  const all = [...others, { definition, found }];
  await write(
    faultsFile,
    all.toSorted(
      ({ found: a }, { found: b }) => a.summary.seed - b.summary.seed || a.first - b.first,
    ),
  );
}

const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;

async function write(file: string, value: unknown): Promise<void> {
  const text = await format(JSON.stringify(value), { parser: "json", printWidth: 100 });
  mkdirSync(path.dirname(file), { recursive: true });
  writeGenerated(file, text, false);
}

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run docs:guarantees --",
    usage,
    run: async (args) => {
      const { values } = parseOptions(args, {
        bench: { type: "boolean", default: false },
        timed: { type: "boolean", default: false },
        faults: { type: "string" },
        first: { type: "string", default: "0" },
        cases: { type: "string", default: String(allCases) },
        "dry-run": { type: "boolean", default: false },
      });
      const seed =
        values.faults === undefined
          ? undefined
          : wholeNumber("faults", values.faults, 0, largestSeed);
      const first = wholeNumber("first", values.first, 0, largestNumber);
      const cases = wholeNumber("cases", values.cases, 1, largestNumber);
      if (values.bench) {
        await measureBench();
      } else if (values.timed) {
        await measureTimed();
      }
      if (seed !== undefined) {
        await measureFaults(seed, first, cases);
      }
      const missing = [benchFile, faultsFile].filter((file) => !existsSync(file));
      if (missing.length > 0) {
        console.log(
          `${guaranteesPageFile} waits until ${missing.join(" and ")} is measured as well`,
        );
        return;
      }
      const page = await guaranteesPage(loadMeasurements(), definitionDigest());
      writeGenerated(guaranteesPageFile, page, values["dry-run"]);
    },
  });
}
