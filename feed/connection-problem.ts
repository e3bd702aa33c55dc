import { FeedProblem } from "./feed-problem.ts";

const refused =
  /\b(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)\b(?: ([a-z0-9:][a-z0-9.:-]*))?/;
const untrusted =
  /SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]+|CERT_[A-Z_]+|ERR_TLS_[A-Z_]+|self[- ]signed certificate|unable to (?:verify|get)[\w ]+certificate/;

/** Whether a connection was refused, lost or not made in time, so that another try can help. */
export function isLostConnection(error: unknown): boolean {
  return !untrusted.test(textOf(error)) && refused.test(textOf(error));
}

/**
 * Why a host gave no answer, or undefined when it did. `notThere` says what to do when the name of
 * the host does not exist.
 */
export function connectionProblem(
  error: unknown,
  host: string,
  notThere = "check the name resolution of this machine",
): FeedProblem | undefined {
  const text = textOf(error);
  if (untrusted.test(text)) {
    return new FeedProblem(
      `${host} cannot be trusted, because its certificate comes from an authority that Node.js does not know: when a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its authority`,
      { cause: error },
    );
  }
  const [, code, peer = ""] = refused.exec(text) ?? [];
  if (code === undefined) {
    return /\bnetwork_error\b/.test(text)
      ? new FeedProblem(
          `${host} cannot be reached: check the network; behind a proxy set HTTPS_PROXY, and NODE_EXTRA_CA_CERTS when it inspects TLS`,
          { cause: error },
        )
      : undefined;
  }
  if (code === "ENOTFOUND" && peer === host) {
    return new FeedProblem(`${host} does not exist (${code}): ${notThere}`, { cause: error });
  }
  // Whatever else is named or has another port than 443 is the proxy.
  return isProxy(code, peer, host)
    ? new FeedProblem(
        `${host} cannot be reached, because the proxy ${peer} does not answer (${code}): check HTTPS_PROXY`,
        { cause: error },
      )
    : new FeedProblem(
        `${host} cannot be reached (${code}): check the network; behind a proxy set HTTPS_PROXY`,
        { cause: error },
      );
}

function isProxy(code: string, peer: string, host: string): boolean {
  const isName = ["ENOTFOUND", "EAI_AGAIN"].includes(code);
  return peer !== "" && peer !== host && (isName || !peer.endsWith(":443"));
}

function textOf(error: unknown): string {
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  // The message first, because it names the peer after the code.
  return `${text(message)} ${text(code)} ${cause === undefined ? "" : textOf(cause)}`;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
