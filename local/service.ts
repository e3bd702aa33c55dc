/**
 * One service of the local cloud: a web-standard handler that answers under the real host names.
 * A test calls it in process; the proxy puts it behind HTTPS for programs outside.
 */
export interface Service {
  /** Whether requests to this host (lower case, no port) are for this service. */
  serves(host: string): boolean;
  /** Answers one request. Never throws for a request that is merely wrong. */
  handle(request: Request): Promise<Response>;
}
