import type { SeededRandom } from "../records/seeded-random.ts";

/** A call of the playbook, named after what it asks for. */
export type Call =
  | "login"
  | "vault"
  | "readCheckpoint"
  | "writeCheckpoint"
  | "workspaceStorage"
  | "start"
  | "content"
  | "blob"
  | "audit"
  | "health"
  | "query";

/** Every call that the playbook makes. */
export const calls: readonly Call[] = [
  "login",
  "vault",
  "readCheckpoint",
  "writeCheckpoint",
  "workspaceStorage",
  "start",
  "content",
  "blob",
  "audit",
  "health",
  "query",
];

/** What a kind of fault is drawn with, all of it JSON. */
export type FaultParameters = Readonly<Record<string, string | number | boolean>>;

/** How long faults of a kind last. */
export type Lasting = "moment" | "short" | "hours" | "either" | readonly number[];

/** One kind of fault: how long it lasts, what is random about it, and what it does. */
export interface FaultKindProps {
  readonly lasting: Lasting;
  /** What it does, for people. */
  readonly does: string;
  readonly draw?: (random: SeededRandom) => FaultParameters;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Calls whose answers have a body, the pages of the feed more often than the rest. */
const answered: readonly Call[] = [
  "login",
  "vault",
  "readCheckpoint",
  "workspaceStorage",
  "start",
  "content",
  "content",
  "content",
  "blob",
  "blob",
  "blob",
  "query",
];
/** Calls whose answers can say that they are JSON: the ingestion's has no body that could be cut. */
const answeredAsJson: readonly Call[] = [...answered, "audit", "health"];

/**
 * Calls of which it is not documented what an error may repeat: the feed's, whose texts are unknown, and
 * those that carry a secret. Storage answers with codes in XML, the workspace with codes in JSON.
 */
const mayRepeat: readonly Call[] = ["login", "vault", "start", "content", "blob", "audit"];

const malformedForms = (call: Call) => [
  ...["html", "empty", "null", "object", "number"],
  ...(mayRepeat.includes(call) ? ["echo"] : []),
];

/** Ended actions of a run up to which a routine one can go. */
export const routineActions = 150;
/** Ended actions of the longest runs, which have a backlog of some hundred blobs. */
export const backlogActions = 600;

const share = (random: SeededRandom) => random.pick([1, 1, 0.5, 0.2]);
/** The calls of every run that collects, more often than the rest. */
const often: readonly Call[] = [
  ...calls,
  ...(["content", "blob", "audit", "content", "blob", "audit", "health", "query"] as const),
];
const anyCall = (random: SeededRandom) => ({ call: random.pick(often), share: share(random) });
/** Share of the blobs of a time. */
const ofBlobs = (random: SeededRandom) => random.pick([0.2, 0.5, 1]);

/**
 * Every kind of fault that a case may have. Those of one moment happen at `from`, or as soon as a run
 * goes on after it; the others hold until `to`.
 */
export const faultKinds = {
  feedThrottled: {
    lasting: "either",
    does: "listing or blobs are answered with AF429",
    draw: (random) => ({
      call: random.pick(["content", "blob", "both"]),
      status: random.pick([403, 429]),
      share: share(random),
    }),
  },
  ingestionThrottled: {
    lasting: "either",
    does: "the ingestion answers 429 with Retry-After",
    draw: (random) => ({ share: share(random), seconds: random.pick([1, 30, 300]) }),
  },
  serverError: {
    lasting: "either",
    does: "a call is answered with a server error",
    draw: (random) => ({ ...anyCall(random), status: random.pick([500, 502, 503, 504, 408]) }),
  },
  timeOut: {
    lasting: "short",
    does: "a call has no answer within 120 seconds; the service may have done its work",
    draw: (random) => ({ ...anyCall(random), served: random.chance(0.5) }),
  },
  connectionDropped: {
    lasting: "either",
    does: "the connection is lost; the service may have done its work",
    draw: (random) => ({ ...anyCall(random), served: random.chance(0.5) }),
  },
  truncatedJson: {
    lasting: "either",
    does: "an answer ends somewhere in its text",
    draw: (random) => ({
      call: random.pick(answered),
      share: share(random),
      kept: random.pick([0.02, 0.3, 0.6, 0.99]),
    }),
  },
  malformedJson: {
    lasting: "either",
    does: "an answer says that it is JSON and is something else",
    draw: (random) => {
      const call = random.pick(answeredAsJson);
      return { call, share: share(random), form: random.pick(malformedForms(call)) };
    },
  },
  tokenEndPointDown: {
    lasting: "either",
    does: "nobody can sign in: the application, or the playbook's identity",
    draw: (random) => ({
      whose: random.pick(["application", "identity"]),
      form: random.pick(["503", "dropped", "timeOut"]),
      share: share(random),
    }),
  },
  tokenExpiredEarly: {
    lasting: "hours",
    does: "the feed takes a token for a few seconds only, whatever lifetime it was issued with",
    draw: (random) => ({ seconds: random.whole(1, 6) }),
  },
  secretRotated: {
    lasting: "moment",
    does: "in the middle of a run the application gets a new secret and loses the old one",
    draw: (random) => ({ afterActions: random.whole(1, 120) }),
  },
  secretDeleted: { lasting: "either", does: "the vault has no secret" },
  consentWithdrawn: { lasting: "either", does: "the application has no permission for the feed" },
  subscriptionDisabled: {
    lasting: "either",
    does: "somebody stops the subscription, and starts it again or leaves that to the playbook",
    draw: (random) => ({ startedBy: random.pick(["somebody", "playbook"]) }),
  },
  auditingOff: { lasting: [2 * hourMs, 30 * hourMs], does: "nothing is audited or published" },
  vaultThrottled: { lasting: "either", does: "the vault answers 429" },
  vaultForbidden: { lasting: "either", does: "the playbook may not read the secret" },
  storageDown: {
    lasting: "either",
    does: "a storage account answers 503",
    draw: (random) => ({
      account: random.pick(["checkpoint", "both", "workspace"]),
      share: share(random),
    }),
  },
  checkpointChanged: {
    lasting: "moment",
    does: "in the middle of a run somebody else writes the checkpoint: as it is, or as it was",
    draw: (random) => ({
      afterActions: random.whole(1, 120),
      form: random.pick(["same", "earlier"]),
    }),
  },
  checkpointMissing: { lasting: "moment", does: "the checkpoint is deleted" },
  checkpointEmpty: { lasting: "moment", does: "the checkpoint has no content" },
  checkpointBroken: {
    lasting: "moment",
    does: "the checkpoint cannot be read: half of it is missing, or a time is none",
    draw: (random) => ({ form: random.pick(["half", "text", "times"]) }),
  },
  ingestionTooLarge: {
    lasting: "either",
    does: "the ingestion answers 413 to smaller calls than it should",
    draw: (random) => ({ bytes: random.pick([4, 16, 64, 256]) * 1024 }),
  },
  roleNotEffective: {
    lasting: [5 * 60_000, 30 * 60_000],
    does: "the playbook's role on the rule, on storage or on the vault is not in force",
    draw: (random) => ({ role: random.pick(["rule", "rule", "storage", "vault"]) }),
  },
  ingestionPartialOutage: {
    lasting: "either",
    does: "the ingestion takes some calls and answers 503 to others",
    draw: (random) => ({ share: random.pick([0.2, 0.5, 0.8]), status: random.pick([500, 503]) }),
  },
  rowsDropped: {
    lasting: "either",
    does: "the ingestion answers 204 and drops the rows",
    draw: (random) => ({ share: random.pick([0.2, 0.5, 1]) }),
  },
  dailyCap: {
    lasting: "hours",
    does: "the workspace has reached its daily cap: 204, and every row is dropped",
  },
  pageLost: {
    lasting: "either",
    does: "the next page begins after its first entries",
    draw: (random) => ({ entries: random.whole(1, 3) }),
  },
  pageTwice: {
    lasting: "either",
    does: "the listing leads to the same page twice, or repeats entries in a page",
    draw: (random) => ({ form: random.pick(["page", "entries"]) }),
  },
  partialAtWindowStart: {
    // Windows start two hours back, where there has to be content.
    lasting: [4 * hourMs, 12 * hourMs],
    does: "a blob listed from the second of its creation on comes with half of its records",
  },
  listedLate: {
    lasting: "hours",
    does: "blobs are listed hours after their creation",
    draw: (random) => ({ share: ofBlobs(random), hours: random.pick([1, 3, 12, 48]) }),
  },
  listedAgain: {
    lasting: "hours",
    does: "blobs come again days later under another id",
    draw: (random) => ({ share: ofBlobs(random), days: random.pick([0.2, 1, 2]) }),
  },
  recordsRepeated: {
    lasting: "hours",
    does: "records are repeated in their blob and in later ones",
    draw: (random) => ({ inside: random.pick([0, 0.1]), across: random.pick([0.1, 0.5]) }),
  },
  blobGone: {
    lasting: "hours",
    does: "blobs are listed and gone: 404 AF20050, or 400 AF20051",
    draw: (random) => ({ share: ofBlobs(random), form: random.pick(["gone", "expired"]) }),
  },
  blobBroken: {
    lasting: "hours",
    does: "blobs can never be read",
    draw: (random) => ({
      share: ofBlobs(random),
      form: random.pick(["truncated", "html", "error"]),
    }),
  },
  foreignContentUri: {
    lasting: "either",
    does: "contentUri is on a foreign host",
    draw: (random) => ({ share: share(random) }),
  },
  foreignNextPage: { lasting: "either", does: "NextPageUri is on a foreign host" },
  playbookDisabled: {
    lasting: [hourMs, 2 * dayMs, 8 * dayMs],
    does: "the playbook is disabled",
  },
  runCancelled: {
    lasting: "moment",
    does: "somebody cancels the run after one of its actions",
    draw: (random) => ({
      afterActions: random.chance(0.5)
        ? random.whole(1, routineActions)
        : random.whole(routineActions + 1, backlogActions),
    }),
  },
  twoRuns: {
    lasting: "moment",
    does: "somebody starts a second run beside the scheduled one",
    draw: (random) => ({ afterSeconds: random.pick([0, 0, 1, 5, 20]) }),
  },
  clockOff: {
    lasting: "hours",
    does: "the playbook's clock is minutes off",
    draw: (random) => ({ minutes: random.pick([-15, -8, -3, 3, 8, 15]) }),
  },
  redeployed: {
    lasting: "hours",
    does: "the playbook is disabled, and redeployed in the middle of the run that then has a backlog",
    draw: (random) => ({ afterActions: random.whole(40, 250) }),
  },
  firstStart: {
    lasting: [12.5 * hourMs],
    does: "the subscription has never been started, and gives nothing in its first 12 hours",
    draw: (random) => ({ contentBeforeHours: random.pick([0, 22]) }),
  },
} satisfies Record<string, FaultKindProps>;

/** The name of a kind of fault. */
export type FaultKind = keyof typeof faultKinds;

/** One fault of a case. */
export interface Fault {
  readonly kind: FaultKind;
  readonly from: Date;
  /** The first instant at which it is over; `from` for what happens in a moment. */
  readonly to: Date;
  readonly parameters: FaultParameters;
}

/** Whether a fault holds at an instant, in ms. */
export const holds = ({ from, to }: Fault, at: number) => from.getTime() <= at && at < to.getTime();
