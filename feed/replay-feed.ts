import { createHash } from "node:crypto";
import { isLosslessNumber, parse, stringify } from "lossless-json";
import { z } from "zod";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedReport } from "./feed-report.ts";
import type { SignedInFeed, TenantFeed } from "./tenant-feed.ts";

/** Bytes of a record that a column of 64 KB surely holds, however the service writes it. */
const columnBytes = 65_000;
/** Bytes of a record whose row surely fits one call. */
const rowBytes = 890_000;
/** Bytes of a field that stays in the row of a record too long for any call. */
const fieldBytes = 4_000;

const address = z.string().catch("");

/** What the playbook writes for content that it sets aside; numbers are kept as they were written. */
const documentSchema = z.looseObject({
  contentType: z.string().min(1),
  contentId: z.string().min(1),
  contentUri: z.string().nullish(),
  contentCreated: z.iso.datetime({ offset: true }).nullish().catch(null),
  ingestionEndpoint: address,
  dataCollectionRuleId: address,
  /** Records that the ingestion refused; without them the document is of a whole blob. */
  records: z
    .array(z.object({ index: z.unknown().transform(Number), record: z.unknown() }))
    .nullish(),
  /** What the feed answered for a whole blob. */
  content: z.unknown().optional(),
  /** Whether the feed said that its answer was only a part. */
  isPart: z.boolean().catch(false),
});
type SetAsideDocument = z.output<typeof documentSchema>;

interface PlacedRecord {
  readonly index: number;
  readonly record: unknown;
}

/** What a replay takes from a document, or from the feed in its stead. */
interface Replayed {
  /** Records of the document or of the blob. */
  readonly count: number;
  /** Those of them that the configuration asks for. */
  readonly kept: readonly PlacedRecord[];
}

/**
 * Brings what a tenant's playbook set aside into the table. An accepted call proves nothing, so what was
 * sent is kept apart for a while, from where `again` sends it once more. Safe to repeat: what was sent
 * twice is one record in M365Audit. What cannot be replayed stays, and is reported.
 */
export async function replayFeed(
  feed: TenantFeed,
  { dryRun, again = false }: { readonly dryRun: boolean; readonly again?: boolean },
  report: FeedReport,
): Promise<void> {
  const { setAside } = feed;
  const tenant = { tenant: feed.tenantName };
  const names = await (again ? setAside.listReplayed() : setAside.list());
  if (names.length === 0) {
    report.result(tenant, again ? "nothing was replayed lately" : "nothing is set aside");
  }
  let toldAt = 0;
  // Never the same time twice: of several documents of a blob the last one told counts.
  const nextTime = () => {
    toldAt = Math.max(feed.clock.now().getTime(), toldAt + 1);
    return new Date(toldAt);
  };
  let session: Promise<SignedInFeed> | undefined;
  const signIn = () => (session ??= feed.signIn?.());
  for (const name of names) {
    await report.attempt({ ...tenant, blob: name }, async () => {
      const text = await (again ? setAside.readReplayed(name) : setAside.read(name));
      const document = documentIn(text);
      const facts = { contentId: document.contentId };
      const subject = { ...tenant, contentType: document.contentType, blob: name };
      const held = heldIn(feed, document);
      if (dryRun) {
        const how = held ? `${held.kept.length} rows` : "fetched anew";
        report.result(subject, `would be replayed${again ? " again" : ""}, ${how}`, facts);
        return;
      }
      const content = held ? undefined : await fetched(document, signIn());
      const replayed = held ?? keptOf(feed, content!);
      const rows = replayed.kept.length;
      await sendRecords(feed, document, replayed.kept);
      await tell(feed, name, document, replayed, nextTime());
      if (!again) {
        const kept = content ? written({ ...document, content, isPart: false }) : text;
        await setAside.keepReplayed(name, kept);
        await setAside.delete(name);
      }
      report.result(subject, `replayed${again ? " again" : ""}, ${rows} rows`, { ...facts, rows });
    });
  }
}

function documentIn(text: string): SetAsideDocument {
  const document = documentSchema.safeParse(parsed(text));
  if (!document.success) {
    throw new FeedProblem(
      "stays, because it is not what the playbook writes: look at it and delete it by hand",
    );
  }
  return document.data;
}

/** What the document itself holds; undefined when only the feed can help. */
function heldIn(
  feed: TenantFeed,
  { records, content, isPart }: SetAsideDocument,
): Replayed | undefined {
  if (records) {
    // The playbook sets aside only what the configuration asks for.
    return { count: records.length, kept: records };
  }
  const whole = isPart ? undefined : recordsIn(content);
  return whole && keptOf(feed, whole);
}

/** The records of a blob's content, in whichever form it came; undefined when there are none in it. */
function recordsIn(content: unknown): object[] | undefined {
  const value = typeof content === "string" ? parsed(content) : content;
  if (!isObject(value)) {
    return Array.isArray(value) && value.every(isObject) ? value : undefined;
  }
  if ("$content" in value && typeof value.$content === "string") {
    // How Logic Apps writes what does not say that it is JSON.
    return recordsIn(Buffer.from(value.$content, "base64").toString());
  }
  return "Id" in value ? [value] : undefined; // a bare record in place of an array of one
}

/** Leaves out what the configuration does not ask for, as the playbook does. */
function keptOf({ tenant }: TenantFeed, records: readonly object[]): Replayed {
  const workloads: readonly unknown[] = tenant.keepWorkloads;
  const recordTypes: readonly unknown[] = tenant.keepRecordTypes;
  const isKept = (record: { Workload?: unknown; RecordType?: unknown }) =>
    workloads.length + recordTypes.length === 0 ||
    workloads.includes(record.Workload) ||
    (isLosslessNumber(record.RecordType) && recordTypes.includes(Number(record.RecordType)));
  return {
    count: records.length,
    kept: records
      .map((record, index) => ({ index, record }))
      .filter(({ record }) => isKept(record)),
  };
}

async function fetched(
  { contentUri }: SetAsideDocument,
  session: Promise<SignedInFeed> | undefined,
): Promise<object[]> {
  if (session === undefined) {
    throw new FeedProblem(
      "stays, because its content cannot be read and the playbook's managed identity alone can fetch it anew: search the audit log in Purview for what it held, and delete it by hand",
    );
  }
  if (!contentUri?.includes("/api/")) {
    throw new FeedProblem(
      "stays, because its content cannot be read and its contentUri is no address of the audit API: look at it and delete it by hand",
    );
  }
  const content = await (await session).api.content(contentUri);
  if (content === undefined) {
    throw new FeedProblem(
      "stays, because its content cannot be read and the feed has it no more: search the audit log in Purview for what it held, and delete it by hand",
    );
  }
  const records = recordsIn(content);
  if (records === undefined) {
    throw new FeedProblem(
      "stays, because the feed still answers with something else than records: repeat the command while the feed has it, for seven days",
    );
  }
  return records;
}

/** Sends what goes to the table, after the originals of records that are too long for it. */
async function sendRecords(
  feed: TenantFeed,
  document: SetAsideDocument,
  records: readonly PlacedRecord[],
): Promise<void> {
  const { contentType, contentId } = document;
  const { tenantId } = feed.tenant;
  const rows: string[] = [];
  for (const { index, record } of records) {
    const text = written(record);
    const original = `${tenantId}/${contentType}/${contentId}/${index}.json`;
    if (Buffer.byteLength(text) > columnBytes) {
      await feed.setAside.keepOriginal(original, text);
    }
    rows.push(
      written({
        ...recordColumns(record, text, original),
        ContentId: contentId,
        ContentType: contentType,
        CollectedTime: feed.clock.now().toISOString(),
        M365TenantId: tenantId,
        Collector: feed.names.collector,
        RecordIndex: index,
      }),
    );
  }
  await feed.rows.send(document, "Custom-M365Audit", rows);
}

/** The record as its row holds it: whole, or what fits a call with where the rest is. */
function recordColumns(record: unknown, text: string, original: string): object {
  const length = Buffer.byteLength(text);
  if (length <= columnBytes) {
    return { Record: record };
  }
  if (length <= rowBytes) {
    return { Record: record, OriginalBlob: original };
  }
  const fields = Object.entries(isObject(record) ? record : {}).filter(
    ([, value]) => Buffer.byteLength(written(value)) <= fieldBytes,
  );
  return {
    Record: Object.fromEntries(fields.slice(0, 50)),
    OriginalBlob: original,
    OriginalLength: text.length,
    OriginalHash: createHash("sha256").update(text).digest("hex"),
  };
}

/**
 * Tells what is still set aside of the blob, by which the ledger expects the rows of records that were
 * replayed; and how many rows of it the table must hold, when it is replayed as a whole.
 */
async function tell(
  feed: TenantFeed,
  name: string,
  document: SetAsideDocument,
  { count, kept }: Replayed,
  at: Date,
): Promise<void> {
  const left = (await feed.setAside.list(document)).filter((other) => other !== name);
  const common = {
    TimeGenerated: at.toISOString(),
    Collector: feed.names.collector,
    M365TenantId: feed.tenant.tenantId,
    ContentType: document.contentType,
    ContentId: document.contentId,
    ContentCreated: document.contentCreated ?? null,
    RowsOut: kept.length,
  };
  const setAside = {
    ...common,
    Kind: "setAside",
    Status: left.length === 0 ? "Replayed" : "SetAside",
    Reason: left.length === 0 ? "replayed by an operator" : "replayed in part by an operator",
    RecordsSetAside: left.length,
    Details: { blob: left[0] ?? name },
  };
  const blob = {
    ...common,
    Kind: "blob",
    Status: "Collected",
    Reason: "replayed by an operator",
    RecordsIn: count,
    RecordsFiltered: count - kept.length,
    RecordsSetAside: 0,
    Details: { blob: name },
  };
  const rows = document.records ? [setAside] : [setAside, blob];
  await feed.rows.send(document, "Custom-M365AuditHealth", rows.map(written));
}

/** Keeps every number as it is written, and the last of fields with the same name. */
function parsed(text: string): unknown {
  try {
    return parse(text, null, { onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    return undefined;
  }
}

const written = (value: unknown) => stringify(value) ?? "null";

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
