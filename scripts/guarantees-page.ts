import { format } from "prettier";
import { faultKinds, type FaultKindProps } from "../local/faults/fault-kinds.ts";
import type { FaultsSummary } from "../local/faults/summary.ts";
import type { KindCount } from "../local/faults/kind-counts.ts";
import { catchUpAfter, type CatchUp } from "../local/bench/catch-up.ts";
import { daysPerMonth } from "../local/bench/idle-cost.ts";
import { caughtUpFrom, dayMeasuredOver } from "../local/bench/measured-over.ts";
import type { BenchBar } from "../local/bench/bench-bars.ts";
import type { PlaybookBench } from "../local/bench/playbook-bench.ts";
import { bothReadings, duration, percent, whole } from "./figures.ts";
import { knownProblems } from "./known-problems.ts";
import { link, section, table } from "./markdown.ts";
import { playbookTests as playbook, type TestOf } from "./test-of.ts";

/** What a command found, with the workflow definition that it was found with. */
export interface Measured<T> {
  /** The first twelve digits of a SHA-256 over the playbook, its tables and its queries. */
  readonly definition: string;
  readonly found: T;
}

/** What came of some thousand cases of `npm run faults`. */
export interface MeasuredFaults {
  /** The first of the cases. */
  readonly first: number;
  readonly summary: FaultsSummary;
  readonly kinds: readonly KindCount[];
  /** Rows of all tables. */
  readonly rows: number;
  /** Of these, rows beyond those that the feed offered in distinct blobs. */
  readonly duplicates: number;
  /** Rows of one record of one blob, at most. */
  readonly mostCopies: number;
  readonly wallSeconds: number;
  /** As of `measureContention`. */
  readonly contention: number;
}

/** The numbers of the page. */
export interface Measurements {
  readonly bench: Measured<PlaybookBench & { readonly contention: number }>;
  /** By seed and first case. */
  readonly faults: readonly Measured<MeasuredFaults>[];
}

/** One line of the page. */
interface Guarantee {
  readonly says: string;
  readonly shownBy: readonly (TestOf | "npm run faults" | "npm run bench -- playbook")[];
}

const completeness = "test/content/functions/m365-audit-completeness.test.ts";

const loss: readonly Guarantee[] = [
  {
    says: "A record that could be fetched while the playbook could run is in the table, whatever of the faults below strikes; one that the ingestion refuses for good is in storage, from where it can be replayed.",
    shownBy: [
      "npm run faults",
      [
        "test/local/faults/hundred-cases.test.ts",
        "tenants live through random faults, and every bar is met",
      ],
    ],
  },
  {
    says: "The checkpoint moves only over what the ingestion has accepted.",
    shownBy: [
      [playbook(""), "not over a blob that could not be fetched, which is collected later"],
      [playbook(""), "not when the ingestion refuses the rows"],
    ],
  },
  {
    says: "An accepted call is not taken for a row. Each run compares the ledger with the table; what is missing after half an hour raises an alert and is collected again while the feed has it.",
    shownBy: [
      [
        playbook("-ledger"),
        "collects again what was accepted and is not in the table half an hour later",
      ],
      ["test/content/alerts.test.ts", "is raised by rows that are missing"],
    ],
  },
  {
    says: "What a workspace at its daily cap drops, the ledger's own rows included, is told again and collected again once rows arrive.",
    shownBy: [
      [playbook("-ledger"), "tells it again and collects it, once a later run is in the ledger"],
    ],
  },
  {
    says: "A blob that the feed lists late is found by the overlap of two hours, or by the look over all seven days twice a day.",
    shownBy: [
      [playbook(""), "lists two hours of overlap, so that a late blob is found"],
      [
        playbook(""),
        "finds a blob that is listed two days late by a sweep, and sweeps twice a day",
      ],
    ],
  },
  {
    says: "After an outage that came near the feed's seven days, what expires next is listed again in each run for twelve hours. When that shows that a listing had left something out, what can have expired meanwhile is told.",
    shownBy: [
      [playbook("-rules"), "and tells what can have expired when a listing had left something out"],
    ],
  },
  {
    says: "One blob, page or record that cannot be collected does not stop the others. After four runs in vain it is given up: what could be fetched is set aside, where `npm run feed -- replay` finds it; what could not is told as a gap and tried again twice a day. A try counts only when another blob could be read and sent, so that an outage is not taken for a broken blob; a refusal for its size, or one that lasts for six hours, counts by itself. While nothing else can be read or sent, runs try it and fail until the feed has it no more. A blob whose rows the table never keeps is set aside as well.",
    shownBy: [
      [
        playbook("-ledger"),
        "gives a blob up in the fourth run that cannot fetch it, goes on, and collects it when it comes back",
      ],
      [
        playbook("-groups"),
        "sets it aside in a later run, collects the rest of the group and shows nothing of it",
      ],
      [playbook("-groups"), "waits for no other blob where it is %s"],
      [playbook("-ledger"), "sets a blob aside whose rows are never all in the table, once"],
      [
        "test/feed/replay-feed-after-runs.test.ts",
        "sends it from what was kept, large records as the playbook does, when the feed has it no more",
      ],
    ],
  },
  {
    says: "A record of up to 65,535 bytes is whole in `Record`. A larger one is whole in the workspace's storage; its row has the typed columns, its length, a hash and the blob's name. Above 880,000 bytes, which no call takes, the row has eleven common columns.",
    shownBy: [
      ["test/content/transformations.test.ts", "keeps a record of 65,535 bytes of"],
      [playbook(""), "a record of %s is kept in storage, its row tells where"],
      [
        playbook("-groups"),
        "collects every blob of a full group in which one has a record of 70 KB",
      ],
    ],
  },
  {
    says: "What cannot be collected is told as a `gap` with its times, and its content id where one is known: expired, gone, unreadable, the subscription off, silence of more than twelve hours, rows dropped beyond recall.",
    shownBy: [
      [playbook(""), "reports what expired in the feed while it did not run"],
      [playbook("-ledger"), "tells from when to when the subscription was off"],
      [playbook("-rules"), "in pieces that follow each other, from the last content to the next"],
      [
        playbook("-ledger"),
        "tells from when to when rows can be missing that the feed has no more",
      ],
    ],
  },
  {
    says: "A run that knows of something undone fails and says what. A run that left no row is told by the next one.",
    shownBy: [
      "npm run faults",
      [playbook("-ledger"), "tells of the time in which no run ended, once"],
      [playbook("-rules"), "that ended after %s, however soon the next one begins"],
    ],
  },
  {
    says: "`M365AuditCompleteness` answers whether everything of a time arrived, from the ledger and the rows themselves, and says what is missing.",
    shownBy: [
      [completeness, "says no when rows were dropped after they were accepted"],
      [completeness, "names all that is missing"],
    ],
  },
  {
    says: "Two runs at once, a run cancelled at any action, and a lost checkpoint lose nothing.",
    shownBy: [
      "npm run faults",
      [playbook("-under-faults"), "loses nothing when it is cancelled after any of its actions"],
      [
        playbook("-ledger"),
        "collects again what a run told that was cancelled before it saved its checkpoint",
      ],
      [playbook("-under-faults"), "loses nothing when two runs go on at once"],
      [playbook(""), "goes back as far as the feed goes when its checkpoint %s"],
    ],
  },
  {
    says: "No secret, token or record is in any input or output of the run history that is not secured.",
    shownBy: [
      "npm run faults",
      [playbook(""), "shows no secret, token or record in the run history"],
    ],
  },
];

const duplicates: readonly Guarantee[] = [
  {
    says: "At least once into the tables; once in `M365Audit` and `TeamsAudit`, which show of each record the row that was collected first.",
    shownBy: [
      ["test/content/functions.test.ts", "keeps of each record the row that was collected first"],
      ["test/content/functions.test.ts", "shows each record once"],
    ],
  },
  {
    says: "No row is altered: each is what the feed offered, number by number.",
    shownBy: [
      "npm run faults",
      [
        "test/content/transformations.test.ts",
        "keeps numbers in the record as they were delivered",
      ],
    ],
  },
  {
    says: "A blob is collected once, however often it is listed. After an answer that was lost, or where two runs go on at once, it is sent again, whole; ten times at most in a run that takes nothing else, and once in a run that cannot tell of it.",
    shownBy: [
      [playbook(""), "collects a blob once, however often it is listed"],
      [
        playbook("-ledger"),
        "sends once more in a run at most what the ingestion takes without an answer",
      ],
      [playbook("-ledger"), "sends once a run what it cannot tell of when that %s"],
    ],
  },
];

const limits: readonly Guarantee[] = [
  {
    says: "The feed keeps content for seven days. What a longer outage misses is lost, and told.",
    shownBy: [[playbook(""), "reports what expired in the feed while it did not run"]],
  },
  {
    says: "A subscription that somebody stops and starts again between two listings leaves no trace in the feed. Where runs were missed, or could list nothing, `M365AuditCompleteness` says so.",
    shownBy: [
      [completeness, "warns when no run looked %s"],
      [completeness, "warns when runs failed before they had listed anything"],
    ],
  },
  {
    says: "Auditing that is off for less than twelve hours cannot be told from a quiet night.",
    shownBy: [[playbook("-rules"), "of twelve hours or less not at all"]],
  },
  {
    says: "A run that cannot ask the workspace what is missing goes on and says so. The alert on missing rows asks by itself, each hour; there is none on a table of the Basic plan, which alerts cannot query.",
    shownBy: [
      [playbook("-ledger"), "says when it could not ask what is missing, and goes on"],
      ["test/content/alerts.test.ts", "is raised by rows that are missing"],
    ],
  },
  {
    says: "Catching up is paced to 1,900 requests a minute, below the 2,000 of the audit API; refusals slow it down.",
    shownBy: [
      [playbook("-rounds"), "go no faster than the parameter says"],
      [playbook("-rounds"), "slow down when blobs are refused, and lose none"],
    ],
  },
  {
    says: "An answer over 100 MB or 120 seconds is none: Logic Apps ends the call. Such a blob is told as a gap with its id.",
    shownBy: [
      [playbook("-ledger"), "tells a blob of more than 100 MB, and goes on"],
      [playbook("-ledger"), "tells a blob that takes longer than a call may, and goes on"],
    ],
  },
];

const cost: readonly Guarantee[] = [
  {
    says: "Built-in actions only, at list price; the free executions of a subscription are not taken off.",
    shownBy: ["npm run bench -- playbook"],
  },
  {
    says: "A run with an empty feed takes at most 25 executions, one that finds only what it knows at most 30. Each further blob from 20 waiting ones to 100 costs at most 3, where several share a call.",
    shownBy: [
      [playbook("-groups"), "at most 25 executions when there is nothing to collect"],
      [playbook("-groups"), "at most 30 executions when it finds only what it knows"],
      [playbook("-groups"), "at most 3 executions more for each blob from 20 waiting blobs to 100"],
    ],
  },
];

/** What stands on the assumption that a service does what is documented, or the worse. */
const notVerified: readonly string[] = [
  "All of it: no line of this page was measured in a live Azure subscription or Microsoft 365 tenant.",
  "The times. Nobody publishes the latencies of these services; those assumed are in `local/bench/latency-model.json`, each with where it comes from.",
  "That `result()` of a scope in a loop gives its actions of that cycle, and that a `Wait` until a time that has passed ends at once.",
  "That the workspace answers a query by its resource id to the playbook's identity, and that the role's condition limits it to two tables.",
  "That the playbook's identity may append to a blob, and that Logic Apps sends `Content-Length: 0` with a `PUT` that has no body. Without these, a run that left no row is seen by the time alone.",
  "That storage, the workspace and the ingestion repeat no token in an error: what they answer about the playbook's own files and rows stands in the run history.",
  "The diagnostic category `LogErrors`, and a managed identity as the reader of the feed.",
  "Prices: those of executions were seen by third parties; no price of a region was read.",
];

const withTests: readonly Pick<Guarantee, "shownBy">[] = [
  ...[...loss, ...duplicates, ...limits, ...cost],
  ...knownProblems,
];

/** Every test that the page names. */
export const testsNamed: readonly TestOf[] = withTests.flatMap(({ shownBy }) =>
  shownBy.filter((each): each is TestOf => typeof each !== "string"),
);

/** The page on what is guaranteed, as text of a file; `definition` is that of the playbook as it is now. */
export function guaranteesPage(measured: Measurements, definition: string): Promise<string> {
  const { bench, faults } = measured;
  const { found } = bench;
  const sections = [
    introduction,
    provenance(measured, definition),
    section("Loss", [
      ...guaranteeTable(loss),
      "",
      "Below, a record could be fetched when the feed had its blob for 35 minutes of an undisturbed time, or for twelve and a half hours where the blob was listed late. Such a time begins when a fault has ended, the time allowed to catch up has passed and an hour more, and lasts until the next fault. What had less is in the table or told as a gap. What was set aside is replayed before the tables are compared.",
      "",
      "The time allowed to catch up is twice what the audit API's quota needs, two recurrences, and what the faults take that struck last: 15 minutes after a subscription was started, 45 for rows that were dropped, three recurrences for content that can never be read, twelve hours for what the feed lists late or its pages had lost. A role takes effect when its fault ends. Where the service fires late, all this is longer in the same measure; where it leaves out what falls due in a run, by a recurrence.",
      "",
      `In ${whole(sum(faults, ({ summary }) => summary.cases))} made-up tenants with ${whole(sum(faults, ({ rows }) => rows))} rows:`,
      "",
      ...table(
        [
          "Seed",
          "Cases",
          "Missed a bar",
          "Lost",
          "Altered",
          "Gaps not told",
          "Gaps told",
          "Worst time to catch up, of that allowed",
        ],
        faults.map(({ found: { first, summary } }) => [
          String(summary.seed),
          `${first} to ${first + summary.cases - 1}`,
          whole(summary.failed),
          whole(summary.lost),
          whole(summary.altered),
          whole(summary.silentGaps),
          whole(summary.reportedGaps),
          percent(summary.worstCatchUpRatio),
        ]),
      ),
    ]),
    section("Under which faults", [
      "How many cases had a kind of fault that took effect. A case has several at random times, and the engine takes a random reading where Microsoft's documents are silent.",
      "",
      ...table(["Kind", "What happens", "Cases"], faultRows(faults)),
    ]),
    section("Duplicates", [
      ...guaranteeTable(duplicates),
      "",
      `Without faults ${percent(Math.max(...faults.map(({ found: { summary } }) => summary.duplicateShareWithoutFaults)), 2)} of the rows were beyond those that the feed offered in distinct blobs. With and without faults together it was ${percent(sum(faults, (each) => each.duplicates) / sum(faults, ({ rows }) => rows), 2)}, and no record was in the table more than ${Math.max(...faults.map(({ found: { mostCopies } }) => mostCopies))} times.`,
    ]),
    section("Delay", delayLines(found)),
    section("Limits", [
      ...guaranteeTable(limits),
      "",
      "The largest tenant that keeps up, and what stops it there. `~` is extrapolated: from a rate of catching up, and from the day of the largest tenant above.",
      "",
      ...table(
        [
          "Records a blob",
          "Latencies",
          "Records a day",
          "Rate over",
          "Met first",
          "Then configure",
        ],
        found.largestTenants.map((tenant) => [
          String(tenant.recordsPerBlob),
          `x${tenant.latencyTimes}`,
          `~${whole(tenant.recordsPerDay)}`,
          `${tenant.rateMinutes} min`,
          tenant.firstLimit,
          tenant.advice,
        ]),
      ),
    ]),
    section("Cost", costLines(found)),
    section("Promised and measured", [
      ...table(
        ["", "Bar", "Goal", "Measured"],
        promisedBars(measured).map(({ bar, goal, measured: value, isMet }) => [
          isMet ? "met" : "**missed**",
          bar,
          goal,
          value,
        ]),
      ),
    ]),
    section("What other collectors of this feed have met", [
      "As their users and authors have reported it, and what is done about it here.",
      "",
      ...table(
        ["Met", "By", "Here", "Shown by"],
        knownProblems.map(({ met, by, here, shownBy }) => [
          met,
          by.map(([name, address]) => link(name, address)).join(", "),
          here,
          shownBy.map(evidence).join("; "),
        ]),
      ),
    ]),
    section("Not verified against the live service", [
      ...notVerified.map((line) => `- ${line}`),
      `- What Microsoft's documents leave open about Logic Apps: ${link("the readings", "logic-apps-runner.md#readings")} of the local engine, each of which the playbook holds under.`,
    ]),
  ];
  return format(sections.join("\n\n"), { parser: "markdown", printWidth: 100 });
}

/**
 * What was promised, with what was measured: of the bench, and how long the measurements take on two cores.
 * A machine whose two processors share one is slower by what two processes lose beside each other.
 */
export function promisedBars({ bench, faults }: Measurements): BenchBar[] {
  const cases = sum(faults, ({ summary }) => summary.cases);
  const took = (bar: string, mostMinutes: number, seconds: number, ofCores: number): BenchBar => {
    const times = (seconds / ofCores).toFixed(1);
    return {
      bar,
      goal: `at most ${mostMinutes} minutes on two cores`,
      measured: `${minutes(ofCores)}; ${minutes(seconds)} here, where two processes take ${times} times as long as one`,
      isMet: ofCores <= mostMinutes * 60,
    };
  };
  const ofCases = (seconds: number) => (seconds / cases) * 2000;
  return [
    ...bench.found.bars,
    ...(cases > 0
      ? [
          took(
            "simulating 2,000 tenants with faults",
            60,
            ofCases(sum(faults, ({ wallSeconds }) => wallSeconds)),
            ofCases(sum(faults, ({ wallSeconds, contention }) => wallSeconds / contention)),
          ),
        ]
      : []),
    took(
      "the bench",
      30,
      bench.found.wallSeconds,
      bench.found.wallSeconds / bench.found.contention,
    ),
  ];
}

const minutes = (seconds: number) => `${Math.round(seconds / 60)} minutes`;

const introduction = `# What is guaranteed

Each line names the test or the measurement that shows it. All run on one machine, against the local
cloud: the definition that is deployed, the queries that are deployed. Where nothing can be missing, the
cases with faults and the bench do without the query that asks for it. \`npm test\` runs the
tests, which hold the numbers of the lines; those of the tables are written here by

\`\`\`sh
npm run docs:guarantees -- --bench --faults 1
\`\`\`

which takes up to an hour and a half on two processors.`;

function provenance({ bench, faults }: Measurements, definition: string): string {
  const all = [
    ["npm run bench -- playbook", bench] as const,
    ...faults.map((each) => {
      const { first, summary } = each.found;
      const range = `--first ${first} --cases ${summary.cases}`;
      return [`npm run faults -- --seed ${summary.seed} ${range}`, each] as const;
    }),
  ];
  return table(
    ["Command", "Took", "With the playbook, the tables and the queries"],
    all.map(([command, each]) => [
      `\`${command}\``,
      minutes(each.found.wallSeconds),
      each.definition === definition ? "as they are" : "of an earlier version",
    ]),
  ).join("\n");
}

const guaranteeTable = (guarantees: readonly Guarantee[]) =>
  table(
    ["Guarantee", "Shown by"],
    guarantees.map(({ says, shownBy }) => [says, shownBy.map(evidence).join("; ")]),
  );

const evidence = (shown: Guarantee["shownBy"][number]) =>
  typeof shown === "string" ? `\`${shown}\`` : link(shown[1], `../${shown[0]}`);

function faultRows(faults: Measurements["faults"]): string[][] {
  const casesOf = (kind: string) =>
    sum(faults, ({ kinds }) => kinds.find((each) => each.kind === kind)?.effective ?? 0);
  return [
    ...Object.entries<FaultKindProps>(faultKinds).map(([kind, { does }]) => [
      `\`${kind}\``,
      does,
      whole(casesOf(kind)),
    ]),
    ["none", "", whole(casesOf("none"))],
  ];
}

function delayLines({ days, catchUps }: PlaybookBench): string[] {
  return [
    "Accepted: from the moment in which the feed lists a blob until the ingestion has taken its records with a 204, with a run every 15 minutes. The feed's own delay comes before that, and the minutes until the rows can be searched come after; neither was measured. Then how long it takes to be up to date after the playbook was off. `~` is extrapolated from what stands beside it.",
    "",
    ...table(
      [
        "Records a day",
        "A blob",
        "Latencies",
        "Accepted: median",
        "95 %",
        "Measured over",
        "After 1 h",
        "1 day",
        "7 days",
        "`~` of these from",
      ],
      days.map((day) => {
        const mark = day.isExtrapolated ? "~" : "";
        const after = [1, 24, 168].map((hours) => catchUpAfter(hours, day, catchUps));
        return [
          whole(day.recordsPerDay),
          String(day.recordsPerBlob),
          `x${day.latencyTimes}`,
          `${mark}${duration(day.timeToAcceptance.medianMs)}`,
          `${mark}${duration(day.timeToAcceptance.p95Ms)}`,
          dayMeasuredOver(day),
          ...after.map((found) => (found ? caughtUp(found) : "")),
          caughtUpFrom(after),
        ];
      }),
    ),
  ];
}

function costLines({ days, idleCost, marginalCosts, standingCosts }: PlaybookBench): string[] {
  return [
    ...guaranteeTable(cost),
    "",
    "Two numbers with a slash: a loop counts once / a loop counts once more for each cycle, since the price page can be read both ways. `~` is extrapolated from what stands beside it.",
    "",
    ...table(
      [
        "Records a day",
        "A blob",
        "Executions a day",
        "Executions for 1,000 records",
        "USD a month",
        "USD for 1,000 records",
        "Measured over",
      ],
      days
        .filter(({ latencyTimes }) => latencyTimes === 1)
        .map((day) => {
          const mark = day.isExtrapolated ? "~" : "";
          return [
            whole(day.recordsPerDay),
            String(day.recordsPerBlob),
            `${mark}${bothReadings(day.executionsPerDay, (value) => whole(value))}`,
            `${mark}${bothReadings(day.executionsPer1000Records, (value) => value.toFixed(1))}`,
            `${mark}${bothReadings(day.usdPerDay, (value) => (value * daysPerMonth).toFixed(2))}`,
            `${mark}${bothReadings(day.usdPer1000Records, (value) => value.toFixed(4))}`,
            dayMeasuredOver(day),
          ];
        }),
    ),
    "",
    ...(idleCost
      ? [
          `A tenant without content: ${bothReadings(idleCost.executionsPerDay, whole)} executions and ${bothReadings(idleCost.usdPerDay, (value) => value.toFixed(4))} USD a day, ${bothReadings(idleCost.usdPerMonth, (value) => value.toFixed(2))} USD a month.`,
          "",
        ]
      : []),
    ...table(
      [
        "Records a blob",
        "Blobs in a run",
        "Executions of the run",
        "A blob, beyond an idle run",
        "Each after the first",
        "Its money, of Microsoft's playbook",
      ],
      marginalCosts.flatMap(({ recordsPerBlob, runs }) =>
        runs.map(({ blobs, executions, perBlob, perFurtherBlob, shareOfMicrosofts }) => [
          String(recordsPerBlob),
          String(blobs),
          bothReadings(executions, whole),
          perBlob ? bothReadings(perBlob, (value) => value.toFixed(2)) : "",
          perFurtherBlob ? bothReadings(perFurtherBlob, (value) => value.toFixed(2)) : "",
          shareOfMicrosofts ? bothReadings(shareOfMicrosofts, (share) => percent(share)) : "",
        ]),
      ),
    ),
    "",
    "Of blobs that share no call each takes a request to fetch it and one to send it, and where the cycles of a loop count, one of these: that alone is three.",
    "",
    ...marginalCosts.flatMap(({ recordsPerBlob, firstBlob }) =>
      firstBlob
        ? [
            `The first blob of ${recordsPerBlob} records that a run finds costs ${bothReadings(firstBlob, whole)} executions beyond an idle run, since the steps that collect are taken at all.`,
            "",
          ]
        : [],
    ),
    "What stands beside the executions, whatever the feed has:",
    "",
    ...table(
      ["Item", "How much of it", "Price"],
      standingCosts.map(({ item, amount, usdPerMonth, source }) => [
        item,
        amount,
        `${usdPerMonth === undefined ? "none was read" : `${usdPerMonth.toFixed(2)} USD a month`}, ${link("source", source)}`,
      ]),
    ),
  ];
}

const caughtUp = ({ ms, isExtrapolated }: CatchUp) =>
  `${isExtrapolated ? "~" : ""}${ms === undefined ? "never" : duration(ms)}`;

const sum = (faults: Measurements["faults"], valueOf: (found: MeasuredFaults) => number) =>
  faults.reduce((all, { found }) => all + valueOf(found), 0);
