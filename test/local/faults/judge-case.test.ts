import { describe, expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { tenantNames } from "../../../config/names.ts";
import { loadPlaybook } from "../../../content/load.ts";
import { localClientSecret } from "../../../local/deployed-tenant.ts";
import { contentOf, recordMarker, type CaseBlob } from "../../../local/faults/case-content.ts";
import { Expectation } from "../../../local/faults/expectation.ts";
import type { FaultCase } from "../../../local/faults/fault-case.ts";
import { judgeCase, type Verdict } from "../../../local/faults/judge-case.ts";
import type { ObservedRun } from "../../../local/faults/observations.ts";
import { simulateCase, type SimulatedCase } from "../../../local/faults/simulate-case.ts";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import type { Workflow } from "../../../local/logic-apps/workflow.ts";
import { appendRows, rowOf } from "./case-rows.ts";
import { at, smallCase } from "./small-case.ts";

/** Simulates a case without patience, changes what came of it, and judges that. */
async function judged(
  faultCase: FaultCase,
  { workflow, change }: { workflow?: Workflow; change?: (outcome: SimulatedCase) => unknown } = {},
): Promise<Verdict> {
  const outcome = await simulateCase(faultCase, { patienceMs: 0, workflow });
  try {
    return await judgeCase(((await change?.(outcome)) as SimulatedCase | undefined) ?? outcome);
  } finally {
    outcome.deployed.workspace.close();
  }
}

/** The outcome as if the feed had had another blob. */
function withBlob(outcome: SimulatedCase, more: Partial<CaseBlob>): SimulatedCase {
  const { blobs, unaudited } = outcome.content;
  const blob: CaseBlob = {
    contentId: "extra$blob",
    contentType: "Audit.General",
    created: at(30),
    listedFrom: at(30),
    records: [{ id: "extra", text: '{"Id":"extra"}', isKept: true }],
    unreadable: undefined,
    ...more,
  };
  const content = { blobs: [...blobs, blob], unaudited };
  return {
    ...outcome,
    content,
    expectation: new Expectation(outcome.faultCase, content, 720, 720),
  };
}

/** Tells rows, as the playbook would have: they are in the table and were seen on their way. */
async function tellInLedger(outcome: SimulatedCase, rows: readonly object[]): Promise<void> {
  const { workspace, parameters } = outcome.deployed;
  const told = rows.map((row) => ({
    TimeGenerated: outcome.end.toISOString(),
    Collector: parameters["collector"]!.value,
    ContentCreated: at(30).toISOString(),
    ...row,
  }));
  outcome.observations.health.push(...told);
  await workspace.append("M365AuditHealth_CL", JSON.stringify(told));
}

const barsOf = ({ problems }: Verdict) =>
  problems.map((problem) => problem.slice(0, problem.indexOf(":")));

/** The playbook's parameters with other actions, which may use the identity of the real one. */
function workflowOf(actions: (identity: object) => Record<string, unknown>): Workflow {
  const dev = loadEnvironment(configFolder, "dev");
  const identity = tenantNames(dev, Object.keys(dev.tenants)[0]!).identityId;
  const definition = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: 15 },
    feedCredential: "client-secret",
  });
  const signIn = { type: "ManagedServiceIdentity", identity };
  return loadWorkflow({ ...definition, actions: actions(signIn) });
}

/** Reports a run as succeeded, whatever happened before. */
const reportSuccess = (signIn: object, runAfter: object = {}) => ({
  type: "Http",
  inputs: {
    method: "POST",
    uri: "@concat(parameters('ingestionEndpoint'), '/dataCollectionRules/', parameters('dataCollectionRuleId'), '/streams/Custom-M365AuditHealth?api-version=2023-01-01')",
    headers: { "Content-Type": "application/json" },
    body: [
      {
        Kind: "run",
        RunId: "@workflow()?['run']?['name']",
        Status: "Succeeded",
        TimeGenerated: "@utcNow()",
      },
    ],
    authentication: { ...signIn, audience: "@parameters('ingestionAudience')" },
  },
  runAfter,
});

describe("judgeCase", () => {
  test("meets every bar for a quiet tenant that is collected", async () => {
    const verdict = await judged(smallCase());
    expect(verdict).toMatchObject({ problems: [], lost: 0, altered: 0, silentGaps: 0 });
    expect(verdict.rows).toBeGreaterThan(20);
    expect(verdict.catchUpRatio).toBeUndefined();
  });

  test("finds what a playbook that collects nothing has lost", async () => {
    const workflow = workflowOf((signIn) => ({ Report_run: reportSuccess(signIn) }));
    const content = contentOf(smallCase());
    const records = content.blobs.flatMap((blob) => blob.records);
    const verdict = await judged(smallCase(), { workflow });
    expect(barsOf(verdict)).toEqual(["lost", "succeeded"]);
    expect(verdict.problems[1]).toMatch(/although Audit.General was not listed$/);
    expect(verdict.problems[0]).toMatch(
      `lost: ${records.length} records in ${content.blobs.length} blobs, 0 of them told; first ${content.blobs[0]!.contentId} of `,
    );
    expect(verdict).toMatchObject({ lost: records.length, rows: 0 });
  });

  test("finds a run that lists and leaves it at that, and shows the secret", async () => {
    const time = (offset: number) =>
      `formatDateTime(addMinutes(utcNow(), ${offset}), 'yyyy-MM-ddTHH:mm:ss')`;
    const workflow = workflowOf((signIn) => ({
      Get_client_secret: {
        type: "Http",
        inputs: {
          method: "GET",
          uri: "@parameters('secretUri')",
          queries: { "api-version": "7.4" },
          authentication: { ...signIn, audience: "@parameters('vaultAudience')" },
        },
        runAfter: {},
      },
      List_content: {
        type: "Http",
        inputs: {
          method: "GET",
          uri: `@concat(parameters('feedUri'), '/api/v1.0/', parameters('m365TenantId'), '/activity/feed/subscriptions/content?contentType=Audit.General&startTime=', ${time(-60)}, '&endTime=', ${time(0)})`,
          authentication: {
            type: "ActiveDirectoryOAuth",
            authority: "@parameters('loginAuthority')",
            tenant: "@parameters('m365TenantId')",
            audience: "@parameters('feedAudience')",
            clientId: "@parameters('clientId')",
            secret: "@body('Get_client_secret')['value']",
          },
        },
        runAfter: { Get_client_secret: ["Succeeded"] },
      },
      Report_run: reportSuccess(signIn, { List_content: ["Succeeded", "Failed"] }),
    }));
    const verdict = await judged(smallCase([], { searchesHistory: true }), { workflow });
    expect(barsOf(verdict)).toEqual(["lost", "succeeded", "visible"]);
    expect(verdict.problems[1]).toMatch(
      /^succeeded: run \d+ of .*, although \d+ listed blobs were neither collected nor told, first /,
    );
    expect(verdict.problems[2]).toBe("visible: a secret in the history of run 0");
  });

  test("finds a listing that failed in a run that succeeded", async () => {
    const verdict = await judged(smallCase(), {
      change: ({ observations }) => {
        observations.runs[2]!.pages.set("Audit.General 2026-01-05T00:30:00 ", false);
      },
    });
    expect(verdict.problems).toEqual([
      "succeeded: run 2 of 2026-01-05T00:30:00.000Z, although the page Audit.General 2026-01-05T00:30:00  was not listed",
    ]);
  });

  test("takes a window for listed that was given up and told", async () => {
    const verdict = await judged(smallCase(), {
      change: async (outcome) => {
        outcome.observations.runs[2]!.pages.set("Audit.General 2026-01-05T00:30:00 ", false);
        const window = { WindowStart: "2026-01-05T00:00:00Z", WindowEnd: "2026-01-05T00:30:00Z" };
        const gap = { Kind: "gap", ContentType: "Audit.General", Status: "Unlisted", ...window };
        await tellInLedger(outcome, [gap]);
      },
    });
    expect(verdict.problems).toEqual([]);
  });

  test("finds a record that is in the table without bounds", async () => {
    const verdict = await judged(smallCase(), {
      change: async (outcome) => {
        await appendRows(outcome, Array<object>(30).fill(rowOf(outcome, 0)));
      },
    });
    expect(verdict.problems).toContain("copies: a record is in the table 31 times, 30 allowed");
  });

  test("finds a gap that nothing tells, and takes one that is told", async () => {
    const firstHour = { WindowStart: "2026-01-05T00:00:00Z", WindowEnd: "2026-01-05T01:00:00Z" };
    const gap = (more: object) => ({ Kind: "gap", ContentType: "Audit.General", ...more });
    const tell = (...rows: object[]) =>
      judged(smallCase(), {
        change: async (outcome) => {
          await tellInLedger(outcome, rows);
          return withBlob(outcome, { unreadable: "gone" });
        },
      });
    const silent = await tell();
    expect(silent.problems).toEqual([
      "silent gap: 1 blobs; first extra$blob of 2026-01-05T00:30:00.000Z (gone)",
      "completeness: yes for the moment of extra$blob of 2026-01-05T00:30:00.000Z (gone), which is missing",
    ]);
    expect(silent).toMatchObject({ silentGaps: 1, reportedGaps: 0, lost: 0 });
    for (const told of [
      gap({ ContentId: "extra$blob", Status: "Gone" }),
      { ...gap({ ContentId: "extra$blob", Status: "SetAside" }), Kind: "setAside" },
      gap({ Status: "Expired", ...firstHour }),
      { ...gap({ Status: "Dropped" }), ContentType: "", ...firstHour },
    ]) {
      expect(await tell(told)).toMatchObject({ problems: [], silentGaps: 0, reportedGaps: 1 });
    }
    for (const beside of [
      gap({ ContentId: "another$blob", Status: "Gone" }),
      gap({ WindowStart: "2026-01-05T01:00:00Z", WindowEnd: "2026-01-05T02:00:00Z" }),
      { ...gap({ ContentId: "" }), ContentType: "Audit.Exchange" },
      gap({ Status: "Silent", ...firstHour }),
    ]) {
      expect(await tell(beside)).toMatchObject({ silentGaps: 1, reportedGaps: 1 });
    }
    expect(
      await tell(
        gap({ ContentId: "extra$blob", Status: "Gone" }),
        gap({ ContentId: "extra$blob", Status: "Closed", TimeGenerated: "2026-02-01T00:00:00Z" }),
      ),
    ).toMatchObject({ silentGaps: 1, reportedGaps: 0 });
  });

  test("finds a function that denies what is there, or has no answer", async () => {
    const [blob] = contentOf(smallCase()).blobs;
    const row = { Kind: "blob", Status: "Collected", ContentType: "Audit.General" };
    const more = { ContentId: blob!.contentId, RowsOut: 99, ContentCreated: blob!.created };
    const denied = await judged(smallCase(), {
      change: (outcome) => tellInLedger(outcome, [{ ...row, ...more }]),
    });
    expect(denied.problems).toEqual([
      expect.stringMatching(
        /^completeness: no for Audit.General, of which nothing is missing: \d+ rows of 1 blobs are not in the table$/,
      ),
    ]);
    const without = await judged(smallCase(), {
      change: (outcome) => {
        const tenant = { ...outcome.faultCase.tenant, contentTypes: ["Audit.SharePoint" as const] };
        return { ...outcome, faultCase: { ...outcome.faultCase, tenant } };
      },
    });
    expect(without.problems).toContain("completeness: no answer for Audit.SharePoint");
  });

  test("takes a time for told only of what no run knew by its id, unless it was lost in time", async () => {
    const tell = (Status: string, isListed: boolean) =>
      judged(smallCase(), {
        change: async (outcome) => {
          const window = {
            WindowStart: "2026-01-05T00:00:00Z",
            WindowEnd: "2026-01-05T01:00:00Z",
          };
          await tellInLedger(outcome, [
            { Kind: "gap", ContentType: "Audit.General", Status, ...window },
          ]);
          if (isListed) {
            outcome.observations.runs[1]!.listed.add("extra$blob");
          }
          return withBlob(outcome, { unreadable: "gone" });
        },
      });
    expect(await tell("Unlisted", false)).toMatchObject({ silentGaps: 0 });
    expect(await tell("Unlisted", true)).toMatchObject({ silentGaps: 1 });
    expect(await tell("Expired", true)).toMatchObject({ silentGaps: 0 });
  });

  test.each<[string, (run: ObservedRun) => void, string]>([
    [
      "whose checkpoint storage did not take",
      (run) => {
        run.hasSaved = false;
      },
      "its checkpoint was not saved",
    ],
    ["that listed nothing", (run) => run.pages.clear(), "Audit.General was not listed"],
  ])("finds a run that succeeded %s", async (_, change, what) => {
    const verdict = await judged(smallCase(), {
      change: ({ observations }) => change(observations.runs[2]!),
    });
    expect(verdict.problems).toEqual([
      `succeeded: run 2 of 2026-01-05T00:30:00.000Z, although ${what}`,
    ]);
  });

  test("does not ask for all of a case of which something is told to be missing", async () => {
    const verdict = await judged(smallCase(), {
      change: (outcome) =>
        tellInLedger(outcome, [
          { Kind: "gap", ContentType: "Audit.General", ContentId: "gone", Status: "Gone" },
        ]),
    });
    expect(verdict).toMatchObject({ problems: [], reportedGaps: 1 });
  });

  test("finds silence that nothing tells", async () => {
    const silence = (...rows: object[]) =>
      judged(smallCase(), {
        change: async (outcome) => {
          await tellInLedger(outcome, rows);
          const { blobs } = outcome.content;
          const quietMs = ({ created }: CaseBlob, index: number) =>
            (blobs[index + 1]?.created ?? created).getTime() - created.getTime();
          const longest = Math.max(...blobs.map(quietMs));
          const last = blobs.find((blob, index) => quietMs(blob, index) === longest)!;
          const created = new Date(last.created.getTime() + 1);
          const content = {
            blobs,
            unaudited: [{ ...last, contentId: "never$made", created, records: [unaudited] }],
          };
          // As if a night were no longer than a minute.
          return {
            ...outcome,
            content,
            expectation: new Expectation(smallCase(), content, 720, 0),
          };
        },
      });
    const unaudited = { id: "unaudited", text: "{}", isKept: true };
    expect((await silence()).problems).toEqual([
      expect.stringMatching(/^silent gap: 1 blobs; first never\$made of /),
    ]);
    const window = { WindowStart: "2026-01-05T00:00:00Z", WindowEnd: "2026-01-05T03:00:00Z" };
    const gap = { Kind: "gap", ContentType: "Audit.General", Status: "Silent", ...window };
    expect((await silence(gap)).problems).toEqual([]);
  });

  test("counts a blob as lost even when it is told, if it could be had", async () => {
    const verdict = await judged(smallCase(), {
      change: async (outcome) => {
        const gap = { Kind: "gap", ContentType: "Audit.General", ContentId: "extra$blob" };
        await tellInLedger(outcome, [{ ...gap, Status: "Gone" }]);
        return withBlob(outcome, {});
      },
    });
    expect(verdict).toMatchObject({
      lost: 1,
      problems: [
        "lost: 1 records in 1 blobs, 1 of them told; first extra$blob of 2026-01-05T00:30:00.000Z",
      ],
    });
  });

  test("does not ask for what the configuration leaves out", async () => {
    const records = [{ id: "extra", text: '{"Id":"extra"}', isKept: false }];
    const verdict = await judged(smallCase(), {
      change: (outcome) => withBlob(outcome, { records }),
    });
    expect(verdict.problems).toEqual([]);
  });

  test("finds a run without a row, unless a later one tells it", async () => {
    const forget = (row?: object) =>
      judged(smallCase(), {
        change: ({ observations }) => {
          observations.reportedRuns.delete(observations.runs[3]!.run!.id);
          observations.health.push(...(row ? [row as Record<string, unknown>] : []));
        },
      });
    expect((await forget()).problems).toEqual([
      "unreported: 1 runs have no row and are not told as Missed; first run 3 of 2026-01-05T00:45:00.000Z",
    ]);
    const missed = { Kind: "run", Status: "Missed" };
    const window = { WindowStart: "2026-01-05T00:40:00Z", WindowEnd: "2026-01-05T01:00:00Z" };
    expect((await forget({ ...missed, ...window })).problems).toEqual([]);
    const later = { WindowStart: "2026-01-05T02:00:00Z", WindowEnd: "2026-01-05T02:10:00Z" };
    expect(barsOf(await forget({ ...missed, ...later }))).toEqual(["unreported"]);
  });

  test("finds a catch-up that took too long, or never came", async () => {
    const took = (takenMinutes: number, isDone: boolean) =>
      judged(smallCase(), {
        change: (outcome) => ({
          ...outcome,
          catchUp: { takenMs: takenMinutes * 60_000, allowedMs: 30 * 60_000, isDone },
        }),
      });
    expect(await took(30, true)).toMatchObject({ problems: [], catchUpRatio: 1 });
    expect(await took(45, true)).toMatchObject({
      problems: ["catch-up: 45 minutes after the last fault, 30 minutes allowed"],
      catchUpRatio: 1.5,
    });
    expect((await took(20, false)).problems).toEqual([
      "catch-up: not even 20 minutes after the last fault",
    ]);
  });

  test.each([
    ["record", recordMarker],
    ["token", "Bearer abc"],
    ["secret", localClientSecret],
  ])("finds a %s in the health table", async (leak, text) => {
    const verdict = await judged(smallCase(), {
      change: ({ observations }) => {
        observations.health.push({ Kind: "window", Reason: `the feed answered ${text}` });
      },
    });
    expect(verdict.problems).toEqual([`visible: a ${leak} in the health table`]);
  });

  test("finds requests to foreign hosts", async () => {
    const verdict = await judged(smallCase(), {
      change: ({ observations }) => {
        observations.foreignRequests.push({ host: "attacker.example.org", hasToken: true });
      },
    });
    expect(verdict.problems).toEqual([
      "foreign host: a request to attacker.example.org with a token",
    ]);
  });
});
