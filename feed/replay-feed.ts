import { createHash } from "node:crypto";
import { parse, stringify } from "lossless-json";
import { z } from "zod";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedReport } from "./feed-report.ts";
import type { RowsAddress } from "./row-sender.ts";
import type { SetAsideBlob } from "./set-aside-store.ts";
import type { SignedInFeed, TenantFeed } from "./tenant-feed.ts";

/** Bytes of a record that a column of 64 KB surely holds, however the service writes it. */
const columnBytes = 65_000;
/** Bytes of a record whose row surely fits one call. */
const rowBytes = 890_000;
/** Bytes of a field that stays in the row of a record too long for any call. */
const fieldBytes = 4_000;

const count = z
  .unknown()
  .optional()
  .transform((value) => Number(value ?? 0));

/** What the playbook writes for content that it sets aside; numbers are kept as they were written. */
const documentSchema = z.looseObject({
  contentType: z.string().min(1),
  contentId: z.string().min(1),
  contentUri: z.string().nullish(),
  contentCreated: z.iso.datetime({ offset: true }).nullish(),
  /** The records that are not in the table; without them the blob is fetched anew. */
  records: z
    .array(z.object({ index: z.unknown().transform(Number), record: z.unknown() }))
    .nullish(),
  /** How many records the blob has, and what became of those that are not here. */
  recordsIn: count,
  recordsFiltered: count,
  rowsOut: count,
});
type SetAsideDocument = z.output<typeof documentSchema>;

interface PlacedRecord {
  readonly index: number;
  readonly record: unknown;
}

/**
 * Brings what a tenant's playbook set aside into the table, and deletes it then. Safe to repeat: what
 * was sent twice is one record in M365Audit. What cannot be replayed stays, and is reported.
 */
export async function replayFeed(
  feed: TenantFeed,
  { dryRun }: { readonly dryRun: boolean },
  report: FeedReport,
): Promise<void> {
  const tenant = { tenant: feed.tenantName };
  const names = await feed.setAside.list();
  if (names.length === 0) {
    report.result(tenant, "nothing is set aside");
  }
  let session: Promise<SignedInFeed> | undefined;
  const signIn = () => (session ??= feed.signIn?.());
  for (const name of names) {
    await report.attempt({ ...tenant, blob: name }, async () => {
      const blob = await feed.setAside.read(name);
      const document = documentIn(blob);
      const facts = { contentId: document.contentId };
      const subject = { ...tenant, contentType: document.contentType, blob: name };
      if (dryRun) {
        const how = document.records ? `${document.records.length} records` : "fetched anew";
        report.result(subject, `would be replayed, ${how}`, facts);
        return;
      }
      const address = addressIn(blob, document);
      const records = document.records ?? (await fetched(document, signIn()));
      await sendRecords(feed, address, document, records);
      await tell(feed, address, name, document, records.length);
      await feed.setAside.delete(name);
      report.result(subject, `replayed, ${records.length} rows`, {
        ...facts,
        rows: records.length,
      });
    });
  }
}

function documentIn({ text }: SetAsideBlob): SetAsideDocument {
  const document = documentSchema.safeParse(parsed(text));
  if (!document.success) {
    throw new FeedProblem(
      "stays, because it is not what the playbook writes: look at it and delete it by hand",
    );
  }
  return document.data;
}

/** Where the playbook posted the collector's rows: in the blob's metadata, or in the document. */
function addressIn({ metadata }: SetAsideBlob, document: SetAsideDocument): RowsAddress {
  const named = (name: string) => {
    const value = metadata[name.toLowerCase()] ?? document[name];
    return typeof value === "string" ? value : "";
  };
  return {
    ingestionEndpoint: named("ingestionEndpoint"),
    dataCollectionRuleId: named("dataCollectionRuleId"),
  };
}

async function fetched(
  { contentUri }: SetAsideDocument,
  session: Promise<SignedInFeed> | undefined,
): Promise<PlacedRecord[]> {
  if (session === undefined) {
    throw new FeedProblem(
      "stays, because the playbook's managed identity alone can fetch it: search the audit log in Purview for what it held, and delete it by hand",
    );
  }
  if (!contentUri?.includes("/api/")) {
    throw new FeedProblem(
      "stays, because its contentUri is no address of the audit API: look at it and delete it by hand",
    );
  }
  const content = parsed(await (await session).api.content(contentUri));
  const records = isRecord(content) ? [content] : content;
  if (!Array.isArray(records) || !records.every(isObject)) {
    throw new FeedProblem(
      "stays, because the feed still answers with something else than records: repeat the command while the feed has it, for seven days",
    );
  }
  return records.map((record: unknown, index) => ({ index, record }));
}

/** Sends what goes to the table, after the originals of records that are too long for it. */
async function sendRecords(
  feed: TenantFeed,
  address: RowsAddress,
  { contentType, contentId }: SetAsideDocument,
  records: readonly PlacedRecord[],
): Promise<void> {
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
  await feed.rows.send(address, "Custom-M365Audit", rows);
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
  const fields = Object.entries(record as object).filter(
    ([, value]) => Buffer.byteLength(written(value)) <= fieldBytes,
  );
  return {
    Record: Object.fromEntries(fields.slice(0, 50)),
    OriginalBlob: original,
    OriginalLength: text.length,
    OriginalHash: createHash("sha256").update(text).digest("hex"),
  };
}

/** Closes the row of the kind setAside, and tells how many rows of the blob the table must hold. */
async function tell(
  feed: TenantFeed,
  address: RowsAddress,
  name: string,
  document: SetAsideDocument,
  sent: number,
): Promise<void> {
  const common = {
    TimeGenerated: feed.clock.now().toISOString(),
    Collector: feed.names.collector,
    M365TenantId: feed.tenant.tenantId,
    ContentType: document.contentType,
    ContentId: document.contentId,
    ContentCreated: document.contentCreated ?? null,
    Reason: "replayed by an operator",
    Details: { blob: name },
  };
  // With the records at hand, the blob's other rows were told before; a blob fetched anew is whole.
  const isPart = Boolean(document.records);
  const rows = [
    { ...common, Kind: "setAside", Status: "Replayed" },
    {
      ...common,
      Kind: "blob",
      Status: "Collected",
      RecordsIn: isPart ? Math.max(document.recordsIn, sent) : sent,
      RowsOut: isPart ? document.rowsOut + sent : sent,
      RecordsFiltered: isPart ? document.recordsFiltered : 0,
      RecordsSetAside: 0,
    },
  ];
  await feed.rows.send(address, "Custom-M365AuditHealth", rows.map(written));
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

/** A bare record in place of an array of one. */
const isRecord = (value: unknown) => isObject(value) && "Id" in value;
