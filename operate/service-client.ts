import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { ConnectionOptions } from "../feed/connection-options.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import { parseJson } from "../feed/parse-json.ts";
import { requestPipeline } from "../feed/request-pipeline.ts";

/** An answer that a service gave. */
interface ServiceAnswer {
  readonly status: number;
  /** Undefined when it is no JSON. */
  readonly body: unknown;
}

export interface ServiceClientProps {
  /** Where it answers, without a slash at the end. */
  readonly uri: string;
  /** Signs in whoever runs the command. */
  readonly operator: TokenCredential;
  /**
   * Entra tenant to sign in to.
   *
   * @default the operator's own
   */
  readonly tenantId?: string;
  /** What somebody lacks who is refused, as a role to be given. */
  readonly neededRole: string;
}

/**
 * Resource Manager or Microsoft Graph, called in the name of whoever runs the command. Every method
 * fails with a FeedProblem for any answer but those of 2xx and, with `get`, 404.
 */
export class ServiceClient {
  private readonly request: ReturnType<typeof requestPipeline>;

  constructor(
    private readonly props: ServiceClientProps,
    options: ConnectionOptions = {},
  ) {
    this.request = requestPipeline(options);
  }

  /** What is at a path; undefined when nothing is. */
  async get(path: string): Promise<unknown> {
    const { status, body } = await this.send("GET", path);
    return status === 404 ? undefined : this.accepted(path, { status, body });
  }

  /** Does something, with a body as JSON. */
  async post(path: string, body?: object): Promise<unknown> {
    return this.accepted(path, await this.send("POST", path, body));
  }

  /** Puts a resource at a path, as JSON. */
  async put(path: string, body: object): Promise<unknown> {
    return this.accepted(path, await this.send("PUT", path, body));
  }

  private async send(
    method: "GET" | "POST" | "PUT",
    path: string,
    body?: object,
  ): Promise<ServiceAnswer> {
    const { uri, operator, tenantId } = this.props;
    const token = await operator.getToken(`${uri}/.default`, { tenantId });
    const answer = await this.request(
      createPipelineRequest({
        url: `${uri}${path}`,
        method,
        headers: createHttpHeaders({
          authorization: `Bearer ${token?.token ?? ""}`,
          ...(body && { "content-type": "application/json" }),
        }),
        ...(body && { body: JSON.stringify(body) }),
        timeout: 60_000,
      }),
    );
    return { status: answer.status, body: parseJson(answer.bodyAsText) };
  }

  private accepted(path: string, { status, body }: ServiceAnswer): unknown {
    if (status >= 200 && status < 300) {
      return body;
    }
    const { uri, neededRole } = this.props;
    const { hostname } = new URL(uri);
    const what = path.split("?")[0]!;
    switch (status) {
      case 401:
        throw new FeedProblem(
          `${hostname} takes no token of this sign-in for ${what}: sign in to the tenant of that subscription`,
        );
      case 403:
        throw new FeedProblem(
          `you may not do this at ${hostname}, ${what}: let somebody give you ${neededRole}; it can take ten minutes until that works`,
        );
      case 404:
        throw new FeedProblem(`${hostname} has no ${what}: deploy the environment first`);
      default:
        throw new FeedProblem(
          `${hostname} gave no answer that can be used for ${what} (HTTP ${status}): repeat the command`,
        );
    }
  }
}
