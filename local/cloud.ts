import type { Service } from "./service.ts";

/** Thrown for a host that the local cloud does not serve: nothing is ever forwarded. */
export class UnknownHostError extends Error {}

/** Sends a request to the service that answers under its host name. */
export async function dispatch(services: readonly Service[], request: Request): Promise<Response> {
  const { hostname } = new URL(request.url);
  const service = services.find((candidate) => candidate.serves(hostname));
  if (!service) {
    throw new UnknownHostError(`the local cloud does not serve ${hostname}`);
  }
  return service.handle(request);
}
