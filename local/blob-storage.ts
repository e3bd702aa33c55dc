import { createHash, randomUUID } from "node:crypto";

import { blobError, blobRefusal, type BlobService, type StorageAccount } from "./blob-access.ts";
import type { Clock } from "./clock.ts";
import { crc64 } from "./crc64.ts";

interface Blob {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly modified: Date;
  readonly md5: string;
  readonly contentType: string;
  /** Headers `x-ms-meta-*`, as they were sent. */
  readonly metadata: readonly (readonly [string, string])[];
  /** Blocks of an append blob; a block blob has none that can be counted here. */
  readonly appended?: number;
}

type Container = Map<string, Blob>;

const LARGEST_PAGE = 5000;

// https://learn.microsoft.com/en-us/rest/api/storageservices/append-block
const MOST_BLOCKS = 50_000;
const LARGEST_BLOCK = 4 * 1024 * 1024;

// https://learn.microsoft.com/en-us/rest/api/storageservices/put-blob
const FIRST_CRC64_VERSION = "2019-02-02";

/** Headers that would change what a request does, and that are not understood here. */
const UNKNOWN_HEADERS = [
  "x-ms-lease-id",
  "x-ms-if-tags",
  "x-ms-copy-source",
  "x-ms-encryption-key",
  "x-ms-tags",
  "x-ms-blob-condition-appendpos",
  "x-ms-blob-condition-maxsize",
];

/**
 * The Blob service of one storage account, in memory: Put, Get, Head, Delete and List Blobs for block
 * and append blobs, and Append Block, with conditions on ETag and time and role-based access
 * (https://learn.microsoft.com/en-us/rest/api/storageservices/blob-service-rest-api). A request with
 * anything else is refused, never half understood.
 */
export class BlobStorage implements BlobService {
  before?: (request: Request) => Promise<Response | undefined>;
  private readonly clock: Clock;
  private readonly account: StorageAccount;
  private readonly containers = new Map<string, Container>();
  private writes = 0;

  constructor({ clock, ...account }: StorageAccount & { clock: Clock }) {
    this.clock = clock;
    this.account = account;
  }

  serves(host: string): boolean {
    return host === this.account.host;
  }

  async createContainer(name: string): Promise<void> {
    this.containers.set(name, this.containers.get(name) ?? new Map<string, Blob>());
  }

  /** Deletes a container with its blobs, as Resource Manager does. */
  deleteContainer(name: string): void {
    this.containers.delete(name);
  }

  async handle(request: Request): Promise<Response> {
    const planned = await this.before?.(request);
    if (planned) {
      return planned;
    }
    const response = await this.answer(request);
    response.headers.set("date", this.clock.now().toUTCString());
    response.headers.set("server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0");
    response.headers.set("x-ms-version", request.headers.get("x-ms-version") ?? "2009-09-19");
    const clientRequestId = request.headers.get("x-ms-client-request-id");
    if (clientRequestId !== null) {
      response.headers.set("x-ms-client-request-id", clientRequestId);
    }
    if (!response.headers.has("x-ms-request-id")) {
      response.headers.set("x-ms-request-id", randomUUID());
    }
    // A HEAD has no body, and its error is in the header alone.
    return request.method === "HEAD" ? new Response(null, response) : response;
  }

  private async answer(request: Request): Promise<Response> {
    const refusal = blobRefusal(this.account, request);
    if (refusal) {
      return refusal;
    }
    const unknown = UNKNOWN_HEADERS.find((header) => request.headers.has(header));
    if (unknown) {
      return blobError(
        400,
        "UnsupportedHeader",
        `The local cloud does not know the header ${unknown}.`,
      );
    }
    const url = new URL(request.url);
    const path = decoded(url.pathname);
    if (path === undefined) {
      return blobError(
        400,
        "InvalidUri",
        "The requested URI does not represent any resource on the server.",
      );
    }
    const [, containerName = "", ...rest] = path.split("/");
    const container = this.containers.get(containerName);
    if (!container) {
      return blobError(404, "ContainerNotFound", "The specified container does not exist.");
    }
    const name = rest.join("/");
    const operation = `${request.method} ${name ? "blob" : "container"} ${url.searchParams.get("restype") ?? ""} ${url.searchParams.get("comp") ?? ""}`;
    switch (operation.trim()) {
      case "PUT blob":
        return this.put(container, name, request);
      case "PUT blob  appendblock":
        return this.append(container, name, request);
      case "GET blob":
      case "HEAD blob":
        return get(container, name, request);
      case "DELETE blob":
        return remove(container, name, request);
      case "GET container container list":
        return this.list(container, containerName, url.searchParams);
      default:
        return blobError(
          400,
          "UnsupportedOperation",
          "The local cloud does not know this operation.",
        );
    }
  }

  private async put(container: Container, name: string, request: Request): Promise<Response> {
    const { headers } = request;
    const blobType = headers.get("x-ms-blob-type");
    const isAppend = blobType === "AppendBlob";
    if (!isAppend && blobType !== "BlockBlob") {
      return blobType
        ? invalidHeaderValue()
        : blobError(
            400,
            "MissingRequiredHeader",
            "An HTTP header that's mandatory for this request is not specified.",
          );
    }
    const body = new Uint8Array(await request.arrayBuffer());
    if (isAppend && body.byteLength > 0) {
      return invalidHeaderValue();
    }
    const md5 = hashOf(body);
    for (const header of ["content-md5", "x-ms-blob-content-md5"]) {
      if (headers.has(header) && headers.get(header) !== md5) {
        return blobError(
          400,
          "Md5Mismatch",
          "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
        );
      }
    }
    const crc = crc64(body);
    if (headers.has("x-ms-content-crc64") && headers.get("x-ms-content-crc64") !== crc) {
      return blobError(
        400,
        "Crc64Mismatch",
        "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
      );
    }
    // After the body has been read, so that two writers of one blob cannot both meet the condition.
    const problem = writeProblem(container.get(name), headers);
    if (problem) {
      return problem;
    }
    const metadata: [string, string][] = [];
    headers.forEach((value, header) => {
      if (header.startsWith("x-ms-meta-")) {
        metadata.push([header, value]);
      }
    });
    const blob: Blob = {
      body,
      md5,
      etag: this.nextEtag(),
      modified: this.clock.now(),
      contentType:
        headers.get("x-ms-blob-content-type") ??
        headers.get("content-type") ??
        "application/octet-stream",
      metadata,
      ...(isAppend && { appended: 0 }),
    };
    container.set(name, blob);
    const tellsCrc64 =
      !headers.has("content-md5") && headers.get("x-ms-version")! >= FIRST_CRC64_VERSION;
    return new Response(null, {
      status: 201,
      headers: {
        etag: blob.etag,
        "last-modified": blob.modified.toUTCString(),
        "content-length": "0",
        "content-md5": md5,
        ...(tellsCrc64 && { "x-ms-content-crc64": crc }),
        "x-ms-request-server-encrypted": "true",
      },
    });
  }

  private async append(container: Container, name: string, request: Request): Promise<Response> {
    const block = new Uint8Array(await request.arrayBuffer());
    const blob = container.get(name);
    if (!blob) {
      return matchProblem(blob, request.headers) ?? blobNotFound();
    }
    const problem = appendProblem(blob, block, request.headers);
    if (problem) {
      return problem;
    }
    const offset = blob.body.byteLength;
    const body = new Uint8Array(offset + block.byteLength);
    body.set(blob.body);
    body.set(block, offset);
    const appended = blob.appended! + 1;
    const changed: Blob = {
      ...blob,
      body,
      appended,
      md5: hashOf(body),
      etag: this.nextEtag(),
      modified: this.clock.now(),
    };
    container.set(name, changed);
    return new Response(null, {
      status: 201,
      headers: {
        etag: changed.etag,
        "last-modified": changed.modified.toUTCString(),
        "content-length": "0",
        "x-ms-blob-append-offset": String(offset),
        "x-ms-blob-committed-block-count": String(appended),
        "x-ms-request-server-encrypted": "true",
      },
    });
  }

  private list(container: Container, containerName: string, query: URLSearchParams): Response {
    const unknown = [...query.keys()].find(
      (key) => !["restype", "comp", "prefix", "marker", "maxresults", "timeout"].includes(key),
    );
    if (unknown) {
      return blobError(
        400,
        "UnsupportedQueryParameter",
        `The local cloud does not know the query parameter ${unknown} of this operation.`,
      );
    }
    const maxResults = Number(query.get("maxresults") ?? LARGEST_PAGE);
    if (!Number.isInteger(maxResults) || maxResults < 1) {
      return blobError(
        400,
        "OutOfRangeQueryParameterValue",
        "One of the query parameters specified in the request URI is outside the permissible range.",
      );
    }
    const prefix = query.get("prefix") ?? "";
    const marker = query.get("marker") ?? "";
    const names = [...container.keys()]
      .filter((name) => name.startsWith(prefix) && name > marker)
      .sort((a, b) => (a < b ? -1 : 1));
    const page = names.slice(0, Math.min(maxResults, LARGEST_PAGE));
    const blobs = page.map((name) => listed(name, container.get(name)!)).join("");
    const next = page.length < names.length ? xmlText(page.at(-1)!) : "";
    return new Response(
      `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://${this.account.host}/" ContainerName="${containerName}">` +
        `<Prefix>${xmlText(prefix)}</Prefix><Marker>${xmlText(marker)}</Marker><MaxResults>${maxResults}</MaxResults>` +
        `<Blobs>${blobs}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
      { headers: { "content-type": "application/xml" } },
    );
  }

  private nextEtag(): string {
    const number = this.clock.now().getTime() * 1000 + this.writes++;
    return `"0x8D${number.toString(16).toUpperCase()}"`;
  }
}

function get(container: Container, name: string, { method, headers }: Request): Response {
  if (headers.get("if-none-match") === "*") {
    return blobError(
      400,
      "UnsatisfiableCondition",
      "The request includes an unsatisfiable condition for this operation.",
    );
  }
  const blob = container.get(name);
  const problem = matchProblem(blob, headers);
  if (problem) {
    return problem;
  }
  if (!blob) {
    return blobNotFound();
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (
    (ifNoneMatch !== null && matches(ifNoneMatch, blob)) ||
    !isNewer(blob, headers.get("if-modified-since"))
  ) {
    return conditionNotMet(304);
  }
  const range = method === "GET" ? rangeOf(headers) : undefined;
  const part = range ? blob.body.subarray(range.first, range.last + 1) : blob.body;
  if (range && part.byteLength === 0) {
    return blobError(416, "InvalidRange", "The range specified is invalid for the current size.");
  }
  const end = range && range.first + part.byteLength - 1;
  return new Response(part, {
    status: range ? 206 : 200,
    headers: {
      ...Object.fromEntries(blob.metadata),
      ...(range && { "content-range": `bytes ${range.first}-${end}/${blob.body.byteLength}` }),
      "accept-ranges": "bytes",
      etag: blob.etag,
      "last-modified": blob.modified.toUTCString(),
      "content-type": blob.contentType,
      "content-length": String(part.byteLength),
      // Of a part the hash is told under another name.
      ...(range ? { "x-ms-blob-content-md5": blob.md5 } : { "content-md5": blob.md5 }),
      "x-ms-blob-type": blobTypeOf(blob),
      ...(blob.appended !== undefined && {
        "x-ms-blob-committed-block-count": String(blob.appended),
      }),
      "x-ms-creation-time": blob.modified.toUTCString(),
      "x-ms-lease-state": "available",
      "x-ms-lease-status": "unlocked",
      "x-ms-server-encrypted": "true",
      ...(method === "HEAD" && {
        "x-ms-access-tier": "Hot",
        "x-ms-access-tier-change-time": blob.modified.toUTCString(),
        "x-ms-access-tier-inferred": "true",
      }),
    },
  });
}

/** The bytes that a request asks for; https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations */
function rangeOf(headers: Headers): { first: number; last: number } | undefined {
  const range = headers.get("x-ms-range") ?? headers.get("range");
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  return first === undefined
    ? undefined
    : { first: Number(first), last: last ? Number(last) : Infinity };
}

function remove(container: Container, name: string, { headers }: Request): Response {
  const blob = container.get(name);
  const problem = writeProblem(blob, headers);
  if (problem) {
    return problem;
  }
  if (!blob) {
    return blobNotFound();
  }
  container.delete(name);
  return new Response(null, {
    status: 202,
    headers: { "content-length": "0", "x-ms-delete-type-permanent": "true" },
  });
}

/**
 * Why a condition forbids a write,
 * https://learn.microsoft.com/en-us/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations.
 */
function writeProblem(blob: Blob | undefined, headers: Headers): Response | undefined {
  const problem = matchProblem(blob, headers);
  if (problem) {
    return problem;
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (blob && ifNoneMatch !== null && matches(ifNoneMatch, blob)) {
    return ifNoneMatch === "*"
      ? blobError(409, "BlobAlreadyExists", "The specified blob already exists.")
      : conditionNotMet(412);
  }
  return blob && !isNewer(blob, headers.get("if-modified-since"))
    ? conditionNotMet(412)
    : undefined;
}

/** Why `If-Match` or `If-Unmodified-Since` forbids a request, or more ETags than there can be. */
function matchProblem(blob: Blob | undefined, headers: Headers): Response | undefined {
  for (const header of ["if-match", "if-none-match"]) {
    if (headers.get(header)?.includes(",")) {
      return blobError(
        400,
        "MultipleConditionHeadersNotSupported",
        "Multiple condition headers are not supported.",
      );
    }
  }
  const ifMatch = headers.get("if-match");
  const unmodifiedSince = headers.get("if-unmodified-since");
  const fails =
    (ifMatch !== null && !(blob && matches(ifMatch, blob))) ||
    (unmodifiedSince !== null && blob !== undefined && isNewer(blob, unmodifiedSince));
  return fails ? conditionNotMet(412) : undefined;
}

/** Why a block cannot be appended, https://learn.microsoft.com/en-us/rest/api/storageservices/append-block. */
function appendProblem(blob: Blob, block: Uint8Array, headers: Headers): Response | undefined {
  if (blob.appended === undefined) {
    return blobError(409, "InvalidBlobType", "The blob type is invalid for this operation.");
  }
  if (block.byteLength === 0) {
    return invalidHeaderValue();
  }
  if (block.byteLength > LARGEST_BLOCK) {
    return blobError(
      413,
      "RequestBodyTooLarge",
      "The request body is too large and exceeds the maximum permissible limit.",
    );
  }
  if (blob.appended >= MOST_BLOCKS) {
    return blobError(
      409,
      "BlockCountExceedsLimit",
      "The committed block count cannot exceed the maximum limit of 50,000 blocks.",
    );
  }
  return writeProblem(blob, headers);
}

/** Whether a blob was changed after an instant, in whole seconds as HTTP has them. */
function isNewer({ modified }: Blob, since: string | null): boolean {
  return since === null || Math.floor(modified.getTime() / 1000) * 1000 > Date.parse(since);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

const matches = (condition: string, { etag }: Blob) =>
  condition === "*" || condition.replaceAll('"', "") === etag.replaceAll('"', "");

const hashOf = (body: Uint8Array) => createHash("md5").update(body).digest("base64");

const blobTypeOf = ({ appended }: Blob) => (appended === undefined ? "BlockBlob" : "AppendBlob");

const invalidHeaderValue = () =>
  blobError(
    400,
    "InvalidHeaderValue",
    "The value for one of the HTTP headers is not in the correct format.",
  );

const blobNotFound = () => blobError(404, "BlobNotFound", "The specified blob does not exist.");

const conditionNotMet = (status: 304 | 412) =>
  blobError(
    status,
    "ConditionNotMet",
    "The condition specified using HTTP conditional header(s) is not met.",
  );

const listed = (name: string, blob: Blob) =>
  `<Blob><Name>${xmlText(name)}</Name><Properties>` +
  `<Last-Modified>${blob.modified.toUTCString()}</Last-Modified><Etag>${blob.etag.replaceAll('"', "")}</Etag>` +
  `<Content-Length>${blob.body.byteLength}</Content-Length><Content-Type>${xmlText(blob.contentType)}</Content-Type>` +
  `<Content-MD5>${blob.md5}</Content-MD5><BlobType>${blobTypeOf(blob)}</BlobType></Properties></Blob>`;

const xmlText = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
