import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { zipSync } from "fflate";
import { Hono, type Context } from "hono";

/** A comment or an issue. */
export interface Written {
  readonly id: number;
  readonly number: number;
  readonly user: { readonly type: string };
  title?: string;
  body: string;
  state: string;
  readonly pull_request?: object;
}

export interface Pull {
  readonly number: number;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string;
  readonly head: { readonly sha: string; readonly ref: string };
  /** Names of the files that it changes. */
  readonly files: readonly string[];
  /** What has happened to it, such as `merged`. */
  readonly events?: readonly string[];
  /** What people said of it; `a-reader` may not write, and `an-app` is nobody who could. */
  readonly reviews?: readonly Review[];
}

export interface Review {
  readonly state: string;
  readonly commit_id: string;
  readonly submitted_at: string;
  readonly user: { readonly login: string };
}

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly expired: boolean;
  readonly created_at: string;
  readonly workflow_run: { readonly id: number; readonly head_sha: string };
  /** Texts by the names of files. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Run {
  readonly event: string;
  readonly path: string;
  readonly head_branch: string;
  /** When its job `comment` ended, and how. */
  readonly told: { readonly completed_at: string; readonly conclusion: string };
}

const repository = "/repos/owner/name";

/** A repository at GitHub as far as the workflows ask for it. Its lists come in pages. */
export class LocalGithub {
  readonly comments: Written[] = [];
  readonly issues: Written[] = [];
  readonly pulls: Pull[] = [];
  readonly artifacts: Artifact[] = [];
  /** By its id. */
  readonly runs = new Map<number, Run>();
  readonly token = "planted-token";
  /** What was done, such as `POST /issues`. */
  readonly done: string[] = [];
  private readonly app = new Hono();
  private server: Server | undefined;

  constructor() {
    const { app } = this;
    app.use(async (context, next) => {
      if (context.req.header("authorization") !== `token ${this.token}`) {
        return context.json({ message: "Bad credentials" }, 401);
      }
      if (context.req.method !== "GET") {
        this.done.push(`${context.req.method} ${context.req.path.slice(repository.length)}`);
      }
      return next();
    });
    app.get(`${repository}/issues/7/comments`, (context) => paged(context, this.comments));
    app.post(`${repository}/issues/7/comments`, (context) => this.add(context, this.comments));
    app.patch(`${repository}/issues/comments/:id`, (context) =>
      this.edit(context, this.comments, ({ id }) => `${id}`),
    );
    app.get(`${repository}/issues`, (context) => {
      const state = context.req.query("state");
      return paged(
        context,
        this.issues.filter((issue) => issue.state === state),
      );
    });
    app.post(`${repository}/issues`, (context) => this.add(context, this.issues));
    app.patch(`${repository}/issues/:id`, (context) =>
      this.edit(context, this.issues, ({ number }) => `${number}`),
    );
    app.get(`${repository}/commits/:sha/pulls`, (context) => paged(context, this.pulls));
    app.get(`${repository}/pulls`, (context) => {
      const { head, state } = context.req.query();
      const found = this.pulls.filter((pull) => `owner:${pull.head.ref}` === head);
      return paged(context, state === "all" ? found : []);
    });
    app.get(`${repository}/pulls/:number/files`, (context) => {
      const pull = this.pulls.find(({ number }) => `${number}` === context.req.param("number"));
      return paged(
        context,
        pull!.files.map((filename) => ({ filename })),
      );
    });
    app.get(`${repository}/issues/:number/events`, (context) => {
      const pull = this.pulls.find(({ number }) => `${number}` === context.req.param("number"));
      return paged(
        context,
        (pull?.events ?? ["merged"]).map((event) => ({ event })),
      );
    });
    app.get(`${repository}/pulls/:number/reviews`, (context) => {
      const pull = this.pulls.find(({ number }) => `${number}` === context.req.param("number"));
      return paged(context, pull?.reviews ?? []);
    });
    app.get(`${repository}/collaborators/:login/permission`, (context) =>
      context.req.param("login") === "an-app"
        ? context.json({ message: "an-app is not a user" }, 404)
        : context.json({
            permission: context.req.param("login") === "a-reader" ? "read" : "write",
          }),
    );
    app.get(`${repository}/actions/runs/:id/jobs`, (context) => {
      const { told } = this.runs.get(Number(context.req.param("id")))!;
      const jobs = [{ name: "plan (prod)" }, { name: "comment", ...told }];
      return paged(context, jobs, (page) => ({ total_count: jobs.length, jobs: page }));
    });
    app.get(`${repository}/actions/artifacts`, (context) => {
      const artifacts = this.artifacts.filter(({ name }) => name === context.req.query("name"));
      return paged(context, artifacts, (page) => ({
        ...{ total_count: artifacts.length, artifacts: page },
      }));
    });
    app.get(`${repository}/actions/artifacts/:id/zip`, (context) => {
      const { files } = this.artifacts.find(({ id }) => `${id}` === context.req.param("id"))!;
      const entries = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]);
      const zip = zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>);
      return context.body(new Uint8Array(zip), 200, { "content-type": "application/zip" });
    });
    app.get(`${repository}/actions/runs/:id`, (context) =>
      context.json({ ...this.runs.get(Number(context.req.param("id"))) }),
    );
  }

  /** Adds what somebody has written. */
  write(to: Written[], written: Partial<Written>): Written {
    const id = 1 + this.comments.length + this.issues.length;
    const added = { id, number: id, user: { type: "Bot" }, body: "", state: "open", ...written };
    to.push(added);
    return added;
  }

  /** The variables that GitHub gives to a job, and its token. */
  async variables(): Promise<Record<string, string>> {
    this.server ??= await listening((request) => this.app.fetch(request));
    const { port } = this.server.address() as AddressInfo;
    return {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_REPOSITORY: "owner/name",
      GITHUB_TOKEN: this.token,
    };
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async add(context: Context, to: Written[]) {
    const given = await context.req.json<Partial<Written>>();
    const added = this.write(to, given);
    return context.json({ ...added, html_url: `https://github.com/${added.id}` }, 201);
  }

  private async edit(context: Context, all: Written[], key: (each: Written) => string) {
    const found = all.find((each) => key(each) === context.req.param("id"));
    if (!found) {
      return context.json({ message: "Not Found" }, 404);
    }
    Object.assign(found, await context.req.json<Partial<Written>>());
    return context.json({ ...found, html_url: `https://github.com/${found.id}` });
  }
}

/** A page of a list, with the address of the next one. */
function paged<T>(
  context: Context,
  all: readonly T[],
  shown: (page: readonly T[]) => object = (page) => page,
): Response {
  const size = Number(context.req.query("per_page") ?? 30);
  const page = Number(context.req.query("page") ?? 1);
  const next = new URL(context.req.url);
  next.searchParams.set("page", `${page + 1}`);
  const isLast = page * size >= all.length;
  return context.json(
    shown(all.slice((page - 1) * size, page * size)),
    200,
    isLast ? {} : { link: `<${next.href}>; rel="next"` },
  );
}

async function listening(
  handle: (request: Request) => Response | Promise<Response>,
): Promise<Server> {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const response = await handle(await requestOf(incoming));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method!,
    headers: incoming.headers as Record<string, string>,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
}
