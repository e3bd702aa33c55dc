import type { Directory } from "../directory.ts";
import { LogQuery } from "../log-query.ts";
import type { Clock } from "../clock.ts";
import type { Service } from "../service.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Access } from "./access.ts";
import { dataAccess } from "./data-access.ts";
import type { LogWorkspaces } from "./log-workspaces.ts";
import type { ResourceStore } from "./resource-store.ts";

const hosts = ["api.loganalytics.azure.com", "api.loganalytics.us"];
const path = /^\/v1(\/subscriptions\/.*\/workspaces\/[^/]+)\/query$/i;

export interface LogQueriesProps {
  readonly access: Access;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly logs: LogWorkspaces;
  readonly store: ResourceStore;
}

/** The query API of Azure Monitor Logs for all workspaces that there are. */
export class LogQueries implements Service {
  /** By the rows that they ask: those of a workspace that was deleted for good are others. */
  private readonly queries = new WeakMap<Workspace, LogQuery>();

  constructor(private readonly props: LogQueriesProps) {}

  serves(host: string): boolean {
    return hosts.includes(host);
  }

  async handle(request: Request): Promise<Response> {
    const { clock, logs, store } = this.props;
    const [, asked = ""] = path.exec(new URL(request.url).pathname) ?? [];
    const resource = store.get(asked);
    if (!resource) {
      const error = { code: "PathNotFoundError", message: "The requested path does not exist" };
      return Response.json({ error }, { status: 404 });
    }
    const { id: resourceId } = resource;
    const workspace = await logs.at(resourceId);
    const query =
      this.queries.get(workspace) ??
      new LogQuery({
        ...{ clock, resourceId, workspace },
        directory: dataAccess(this.props, resourceId),
      });
    this.queries.set(workspace, query);
    return query.handle(request);
  }
}
