import { azureClouds, m365Clouds } from "../../config/clouds.ts";
import type { Environment } from "../../config/environment.ts";
import { VirtualClock } from "../clock.ts";
import { dispatch } from "../cloud.ts";
import type { Json } from "../json.ts";
import { emptySubscription } from "./empty-subscription.ts";
import {
  leavesOf,
  parsed,
  templateMark,
  type RecordedRequest,
  type Recording,
} from "./recorded-requests.ts";

export interface ReplayProps {
  readonly environment: Environment;
  readonly recording: Recording;
  /** Instant of the first request. */
  readonly start: Date;
  /** The template of a deployment, by its name. */
  readonly templateOf: (deployment: string) => Json;
}

/**
 * Sends what Terraform's providers once asked for to an empty subscription, each at its time and with
 * the ids that this one has assigned. Gives a line for each answer whose status is another one.
 */
export async function replayRequests(props: ReplayProps): Promise<string[]> {
  const { environment, recording, start, templateOf } = props;
  const clock = new VirtualClock(start);
  const deployer = { clientId: "00000000-0000-4000-8000-0000000000d1", assertion: "-" };
  const reader = { clientId: "00000000-0000-4000-8000-0000000000d2", assertion: "-" };
  const azure = emptySubscription(environment, clock, { deployer, reader });
  const ids = new Map<string, string>();
  for (const [tenantId, principalId] of Object.entries(recording.deployer)) {
    ids.set(principalId, azure.directory.application(deployer.clientId, tenantId)!.principalId);
  }
  const present = (text: string) =>
    [...ids].reduce((shown, [old, young]) => shown.replaceAll(old, young), text);

  const send = async ({ method, url, tenantId, body }: RecordedRequest): Promise<Response> => {
    const address = new URL(present(url));
    const deployment = /\/deployments\/([^/?]+)/i.exec(address.pathname)?.[1];
    const text = JSON.stringify(body ?? null).replace(JSON.stringify(templateMark), () =>
      deployment === undefined ? "null" : JSON.stringify(templateOf(deployment)),
    );
    const token =
      tenantId &&
      azure.directory.issueToken(
        azure.directory.application(deployer.clientId, tenantId)!,
        audienceOf(address.hostname, environment),
      );
    return dispatch(
      azure.services,
      new Request(address, {
        method,
        headers: {
          "content-type": "application/json",
          ...(token && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: present(text) }),
      }),
    );
  };

  const mismatches: string[] = [];
  await clock.run(async () => {
    for (const request of recording.requests) {
      await clock.sleep(start.getTime() + request.atMs - clock.now().getTime());
      const response = await clock.busy(send(request));
      const text = await clock.busy(response.text());
      if (response.status !== request.status) {
        const asked = `${request.method} ${present(request.url)}`;
        mismatches.push(
          `${asked}: ${response.status}, was ${request.status}: ${text.slice(0, 300)}`,
        );
      }
      const leaves = new Map([
        ...[...response.headers].map(([name, value]) => [`header ${name}`, value] as const),
        ...leavesOf("", parsed(text)),
      ]);
      for (const [path, old] of Object.entries(request.assigned ?? {})) {
        const young = leaves.get(path);
        if (young !== undefined) {
          ids.set(old, young);
        }
      }
    }
  });
  await azure.close();
  return mismatches;
}

function audienceOf(host: string, { azureCloud, tenants }: Environment): string {
  const azure = azureClouds[azureCloud];
  const graphs = Object.values(tenants).map(({ cloud }) => m365Clouds[cloud].graphUri);
  if (host.endsWith(azure.vaultSuffix)) {
    return azure.vaultAudience;
  }
  return graphs.find((uri) => new URL(uri).hostname === host) ?? azure.managementUri;
}
