import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { ConnectionOptions } from "./connection-options.ts";
import { FeedProblem } from "./feed-problem.ts";
import { deployCommand, type FeedTarget } from "./feed-target.ts";
import { requestPipeline } from "./request-pipeline.ts";

/** Where rows are posted, as Azure assigned it. */
export interface RowsAddress {
  /** Address of the data collection endpoint. */
  readonly ingestionEndpoint: string;
  /** Immutable id of the data collection rule. */
  readonly dataCollectionRuleId: string;
}

/** Bytes of one call; the service takes a mebibyte. */
const callBytes = 900_000;

/**
 * Posts rows in the name of whoever runs the command. Fails with a FeedProblem.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
 */
export class RowSender {
  private readonly request: ReturnType<typeof requestPipeline>;

  constructor(
    private readonly target: FeedTarget,
    private readonly operator: TokenCredential,
    options: ConnectionOptions = {},
  ) {
    this.request = requestPipeline(options);
  }

  /** Posts rows, each given as JSON, to a stream such as `Custom-M365Audit`, in as few calls as hold them. */
  async send(address: RowsAddress, stream: string, rows: readonly string[]): Promise<void> {
    const uri = this.checked(address);
    let call: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      const length = Buffer.byteLength(row) + 1;
      if (call.length > 0 && bytes + length > callBytes) {
        await this.post(`${uri}/streams/${stream}?api-version=2023-01-01`, call);
        [call, bytes] = [[], 0];
      }
      call.push(row);
      bytes += length;
    }
    if (call.length > 0) {
      await this.post(`${uri}/streams/${stream}?api-version=2023-01-01`, call);
    }
  }

  /** The rule's address, since the token must not go wherever a blob in storage says. */
  private checked({ ingestionEndpoint, dataCollectionRuleId }: RowsAddress): string {
    const suffix = `.ingest.${new URL(this.target.azure.ingestionAudience).hostname}`;
    const url = URL.canParse(ingestionEndpoint) ? new URL(ingestionEndpoint) : undefined;
    if (url?.protocol !== "https:" || url.port !== "" || !url.hostname.endsWith(suffix)) {
      throw new FeedProblem(
        `ingestionEndpoint must be an https address that ends in ${suffix}: somebody changed the blob`,
      );
    }
    if (!/^dcr-[0-9a-f]{32}$/.test(dataCollectionRuleId)) {
      throw new FeedProblem(
        "dataCollectionRuleId must be dcr- and 32 hexadecimal digits: somebody changed the blob",
      );
    }
    return `${url.origin}/dataCollectionRules/${dataCollectionRuleId}`;
  }

  private async post(url: string, rows: readonly string[]): Promise<void> {
    const token = await this.operator.getToken(`${this.target.azure.ingestionAudience}/.default`);
    const { status } = await this.request(
      createPipelineRequest({
        url,
        method: "POST",
        headers: createHttpHeaders({
          authorization: `Bearer ${token?.token ?? ""}`,
          "content-type": "application/json",
        }),
        body: `[${rows.join(",")}]`,
        timeout: 120_000,
      }),
    );
    if (status < 200 || status >= 300) {
      throw new FeedProblem(this.problem(status, new URL(url).hostname));
    }
  }

  private problem(status: number, host: string): string {
    const { environment, names } = this.target;
    switch (status) {
      case 401:
        return `${host} takes no token of this sign-in, which is one of another tenant: sign in to tenant ${environment.homeTenantId}`;
      case 403:
        return `you may not send rows to ${host}: let somebody give you the role Monitoring Metrics Publisher on the data collection rule ${names.collectionRule}; a new role can take half an hour`;
      case 404:
        return `${host} does not know the data collection rule of the blob: run ${deployCommand(this.target)}, and set the fields of the blob to the new rule`;
      case 413:
        return `${host} takes no call of this size: leave the blob where it is and report it`;
      default:
        return `${host} did not take the rows (HTTP ${status}): repeat the command later`;
    }
  }
}
