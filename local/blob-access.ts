import { randomUUID } from "node:crypto";

import { issuer, type DataAccess, type TokenProblem } from "./directory.ts";
import type { Service } from "./service.ts";

const AUDIENCES = ["https://storage.azure.com", "https://storage.azure.com/"];

// Bearer tokens exist since this version of the protocol:
// https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-azure-active-directory
const FIRST_BEARER_VERSION = "2017-11-09";

const WRITERS = ["Storage Blob Data Contributor", "Storage Blob Data Owner"];
const READERS = [...WRITERS, "Storage Blob Data Reader"];

const MESSAGES: Readonly<Record<Exclude<TokenProblem, "missing">, string>> = {
  malformed: "Invalid token.",
  signature: "Signature validation failed.",
  audience: "Audience validation failed. Audience did not match.",
  expired: "Lifetime validation failed. The token is expired.",
};

/** Where a storage account is and whose tokens it takes. */
export interface StorageAccount {
  /** Host name of its Blob service, such as `stexample.blob.core.windows.net`. */
  readonly host: string;
  readonly tenantId: string;
  readonly directory: DataAccess;
}

/** The Blob service of one storage account, whatever keeps the blobs. */
export interface BlobService extends Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  /** Creates an empty container as the deployment does, without a token. */
  createContainer(name: string): Promise<void>;
}

/**
 * Why a storage account without shared keys refuses a request: wrong token or no role on account or
 * container. Codes as in
 * https://learn.microsoft.com/en-us/rest/api/storageservices/common-rest-api-error-codes.
 */
export function blobRefusal(account: StorageAccount, request: Request): Response | undefined {
  const authorization = request.headers.get("authorization");
  if (new URL(request.url).searchParams.has("sig") || authorization?.startsWith("SharedKey")) {
    return blobError(
      403,
      "KeyBasedAuthenticationNotPermitted",
      "Key based authentication is not permitted on this storage account.",
    );
  }
  const { claims, problem } = account.directory.verifyToken(authorization, AUDIENCES);
  if (problem === "missing") {
    return challenge(
      account,
      "NoAuthenticationInformation",
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    );
  }
  if ((request.headers.get("x-ms-version") ?? "") < FIRST_BEARER_VERSION) {
    return blobError(
      403,
      "AuthenticationFailed",
      "Server failed to authenticate the request. Authentication scheme Bearer is not supported in this version.",
    );
  }
  if (problem) {
    return challenge(account, "InvalidAuthenticationInfo", MESSAGES[problem]);
  }
  if (claims.iss !== issuer(account.tenantId)) {
    return challenge(
      account,
      "InvalidAuthenticationInfo",
      "Issuer validation failed. Issuer did not match.",
    );
  }
  const container = new URL(request.url).pathname.split("/")[1] ?? "";
  const roles = ["GET", "HEAD"].includes(request.method) ? READERS : WRITERS;
  if (!account.directory.hasRole(claims.oid, roles, `${account.host}/${container}`)) {
    return blobError(
      403,
      "AuthorizationPermissionMismatch",
      "This request is not authorized to perform this operation using this permission.",
    );
  }
  return undefined;
}

/** An error answer of Blob Storage: XML, with the code in the header too. */
export function blobError(status: number, code: string, message: string): Response {
  const requestId = randomUUID();
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}\nRequestId:${requestId}</Message></Error>`;
  return new Response(status === 304 ? null : xml, {
    status,
    headers: {
      "content-type": "application/xml",
      "x-ms-error-code": code,
      "x-ms-request-id": requestId,
    },
  });
}

function challenge({ host, tenantId }: StorageAccount, code: string, message: string): Response {
  const response = blobError(401, code, message);
  const login = host.endsWith(".usgovcloudapi.net")
    ? "login.microsoftonline.us"
    : "login.microsoftonline.com";
  response.headers.set(
    "www-authenticate",
    `Bearer authorization_uri=https://${login}/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
  );
  return response;
}
