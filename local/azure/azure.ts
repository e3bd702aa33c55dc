import type { Clock } from "../clock.ts";
import { Directory } from "../directory.ts";
import { Graph } from "../graph.ts";
import { Login } from "../login.ts";
import type { Service } from "../service.ts";
import { LogQueries } from "./log-queries.ts";
import { ResourceManager, type Subscription } from "./resource-manager.ts";

export interface AzureProps {
  readonly clock: Clock;
  readonly subscriptions: readonly Subscription[];
  /** Ids of Entra tenants beside those that the subscriptions trust. */
  readonly tenantIds: readonly string[];
  /**
   * Milliseconds until a new role assignment works.
   *
   * @default 60000
   */
  readonly rolePropagationMs?: number;
  /**
   * Milliseconds until what was written to Microsoft Graph is read.
   *
   * @default 3000
   */
  readonly replicationMs?: number;
}

/**
 * Azure and Entra ID as a deployment finds them: subscriptions in which there is nothing yet, and behind
 * the real host names whatever is deployed to them.
 */
export class Azure {
  readonly directory: Directory;
  readonly login: Login;
  readonly graph: Graph;
  readonly manager: ResourceManager;
  /** Everything that answers requests, those of resources included. */
  readonly services: readonly Service[];

  constructor(props: AzureProps) {
    const { clock, subscriptions, tenantIds, rolePropagationMs, replicationMs } = props;
    this.directory = new Directory({ clock });
    for (const id of new Set([...subscriptions.map(({ tenantId }) => tenantId), ...tenantIds])) {
      this.directory.addTenant(id);
    }
    const { directory } = this;
    this.login = new Login({ clock, directory });
    this.graph = new Graph({
      clock,
      directory,
      ...(replicationMs !== undefined && { replicationMs }),
    });
    this.manager = new ResourceManager({
      ...{ clock, directory, subscriptions },
      ...(rolePropagationMs !== undefined && { rolePropagationMs }),
    });
    const { access, hosts, logs, store } = this.manager;
    const ofResources: Service = {
      serves: (host) => hosts.has(host),
      handle: (request) => hosts.get(new URL(request.url).hostname)!.handle(request),
    };
    const queries = new LogQueries({ access, clock, directory, logs, store });
    this.services = [this.login, this.graph, this.manager, queries, ofResources];
  }

  /** Closes what holds rows. */
  async close(): Promise<void> {
    await this.manager.logs.close();
  }
}
