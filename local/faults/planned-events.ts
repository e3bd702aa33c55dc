import { clientSecretName } from "../../config/names.ts";
import type { ContentType } from "../audit-feed.ts";
import type { VirtualClock } from "../clock.ts";
import type { DeployedTenant } from "../deployed-tenant.ts";
import { requestStorage } from "../playbook-storage.ts";
import type { FaultCase } from "./fault-case.ts";
import type { Fault } from "./fault-kinds.ts";
import type { Observations } from "./observations.ts";

interface Event {
  readonly at: number;
  readonly happen: () => Promise<void> | void;
}

/** The secrets that the application of a case has had; to be recognized where they must not be. */
export const rotatedSecret = (times: number) => `rotated~client~secret~${times}~Qw7R`;

/** Whether an application has got a secret in the middle of a case. */
export const isRotatedSecret = (secret: string) => secret.startsWith("rotated~client~secret~");

/** What a broken checkpoint has in the place of times. */
export const noTime = "yesterday";

const minuteMs = 60_000;
const role = "ActivityFeed.Read";

/**
 * What somebody does to the services of a case at its time, or in the middle of a run. Whether it takes
 * effect is seen by the answers that the playbook gets.
 */
export class PlannedEvents {
  private rotations = 0;
  private earlierCheckpoint: string | undefined;

  constructor(
    private readonly props: {
      readonly clock: VirtualClock;
      readonly deployed: DeployedTenant;
      readonly faultCase: FaultCase;
      readonly observations: Observations;
    },
  ) {}

  /** Lets everything happen that has a time of its own. */
  async run(): Promise<void> {
    const { clock } = this.props;
    for (const { at, happen } of this.events()) {
      await clock.sleep(at - clock.now().getTime());
      await clock.busy(happen());
    }
  }

  /** What a fault does in the middle of a run. */
  intervention(index: number): (() => Promise<void>) | undefined {
    const { faultCase, observations } = this.props;
    const { kind, parameters } = faultCase.faults[index]!;
    switch (kind) {
      case "secretRotated":
        return async () => this.rotateSecret();
      case "checkpointChanged":
        return async () => {
          const current = await this.readCheckpoint();
          const written = parameters["form"] === "earlier" ? this.earlierCheckpoint : current;
          if (written !== undefined) {
            await this.storage("PUT", written);
            observations.injected[index]!++;
          }
        };
      default:
        return undefined;
    }
  }

  /** Starts or stops the subscription of a content type with the application's credential. */
  async switchSubscription(contentType: ContentType, isOn: boolean): Promise<void> {
    const { clock, deployed, observations } = this.props;
    const { directory, feed, parameters } = deployed;
    const value = (name: string) => parameters[name]!.value as string;
    const reader = directory.application(value("clientId"))!;
    const operation = isOn ? "start" : "stop";
    const response = await feed.handle(
      new Request(
        `${value("feedUri")}/api/v1.0/${value("m365TenantId")}/activity/feed/subscriptions/${operation}?contentType=${contentType}`,
        {
          method: "POST",
          headers: {
            authorization: `Bearer ${directory.issueToken(reader, value("feedAudience"))}`,
          },
        },
      ),
    );
    if (response.ok) {
      observations.subscriptionChanges.push({ contentType, at: clock.now().getTime(), isOn });
    }
  }

  private events(): Event[] {
    return this.props.faultCase.faults
      .flatMap((fault) => this.eventsOf(fault))
      .sort((a, b) => a.at - b.at);
  }

  private eventsOf({ kind, from, to, parameters }: Fault): Event[] {
    const { deployed, faultCase } = this.props;
    const { directory, feed, tenant, parameters: given } = deployed;
    const begin = from.getTime();
    const end = to.getTime();
    const both = (happen: () => Promise<void> | void, undo: () => Promise<void> | void) => [
      { at: begin, happen },
      { at: end, happen: undo },
    ];
    switch (kind) {
      case "consentWithdrawn": {
        const { principalId } = directory.application(given["clientId"]!.value as string)!;
        return both(
          () => directory.revokeAppRole(principalId, role),
          () => directory.grantAppRole(principalId, role),
        );
      }
      case "subscriptionDisabled": {
        const contentType = faultCase.tenant.contentTypes[0]!;
        const isSomebody = parameters["startedBy"] === "somebody";
        return [
          { at: begin, happen: () => this.switchSubscription(contentType, false) },
          ...(isSomebody
            ? [{ at: end, happen: () => this.switchSubscription(contentType, true) }]
            : []),
        ];
      }
      case "auditingOff":
        return both(
          () => void (directory.tenant(tenant.tenantId)!.auditing = false),
          () => void (directory.tenant(tenant.tenantId)!.auditing = true),
        );
      case "partialAtWindowStart":
        return both(
          () => void (feed.traits = { ...feed.traits, partialAtWindowStart: true }),
          () => void (feed.traits = { ...feed.traits, partialAtWindowStart: false }),
        );
      case "checkpointMissing":
        return [{ at: begin, happen: () => this.storage("DELETE") }];
      case "checkpointEmpty":
        return [{ at: begin, happen: () => this.storage("PUT", "") }];
      case "checkpointBroken":
        return [{ at: begin, happen: () => this.breakCheckpoint(parameters["form"] as string) }];
      case "checkpointChanged":
        return [
          {
            at: begin - 45 * minuteMs,
            happen: async () => {
              this.earlierCheckpoint = await this.readCheckpoint();
            },
          },
        ];
      default:
        return [];
    }
  }

  private rotateSecret(): void {
    const { clock, deployed } = this.props;
    const { directory, parameters, tenant, vault } = deployed;
    const clientId = parameters["clientId"]!.value as string;
    const application = directory.application(clientId)!;
    const value = rotatedSecret(++this.rotations);
    const expires = new Date(clock.now().getTime() + 180 * 24 * 60 * minuteMs);
    application.secrets.splice(0, application.secrets.length, { value, expires, keyId: clientId });
    vault.setSecret(clientSecretName, {
      value,
      attributes: { exp: Math.floor(expires.getTime() / 1000) },
      tags: { clientId, m365TenantId: tenant.tenantId },
    });
  }

  private async breakCheckpoint(form: string): Promise<void> {
    const text = (await this.readCheckpoint()) ?? "{}";
    const broken: Record<string, string> = {
      half: text.slice(0, Math.floor(text.length / 2)),
      text: "not a checkpoint",
      times: text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, noTime),
    };
    await this.storage("PUT", broken[form]);
  }

  private async readCheckpoint(): Promise<string | undefined> {
    const response = await this.request("GET");
    return response.ok ? response.text() : undefined;
  }

  private async storage(method: string, body?: string): Promise<void> {
    await this.request(method, body);
  }

  private request(method: string, body?: string): Promise<Response> {
    const { deployed } = this.props;
    const root = deployed.parameters["checkpointUri"]!.value as string;
    return requestStorage(deployed, method, `${root}/checkpoint.json`, body);
  }
}
