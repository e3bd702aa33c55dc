import type { Clock } from "./clock.ts";
import { dispatch } from "./cloud.ts";
import type { Service } from "./service.ts";

/**
 * How long each kind of host takes to answer, in milliseconds of the clock. Assumed, not measured:
 * no figures are published (https://learn.microsoft.com/en-us/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api
 * promises none).
 */
export const LATENCY_MS = {
  login: 150,
  vault: 100,
  storage: 30,
  feed: 600,
  ingestion: 250,
  query: 800,
} as const;

/** Whose answer a request waits for. */
export type HostKind = keyof typeof LATENCY_MS;

/** The kind of one of the real host names. */
export function hostKind(host: string): HostKind {
  if (host.startsWith("login.")) {
    return "login";
  }
  if (host.includes(".vault.")) {
    return "vault";
  }
  if (host.includes(".blob.")) {
    return "storage";
  }
  if (host.startsWith("api.loganalytics.")) {
    return "query";
  }
  return host.includes(".ingest.") ? "ingestion" : "feed";
}

/** Sends requests to the local cloud's services, each answered after the latency of its kind. */
export class Network {
  constructor(
    private readonly clock: Clock,
    private readonly services: readonly Service[],
  ) {}

  /** Answers as the service does; fails for a host that none serves. */
  async send(request: Request): Promise<Response> {
    await this.clock.sleep(LATENCY_MS[hostKind(new URL(request.url).hostname)]);
    return this.clock.busy(dispatch(this.services, request));
  }
}
