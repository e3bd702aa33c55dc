import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import type { Service } from "../service.ts";

/** A request of Terraform's providers to the control planes, and what came of it. */
export interface RecordedRequest {
  /** Milliseconds since the first one. */
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  /** The tenant that its token was issued in; undefined without a token. */
  readonly tenantId?: string;
  readonly body?: Json;
  readonly status: number;
  /** Values of the answer that later requests repeat, by where they stand. */
  readonly assigned?: Readonly<Record<string, string>>;
}

/** What the providers asked for in one deployment. */
export interface Recording {
  /** Object ids of the deployer, by the ids of the tenants. */
  readonly deployer: Readonly<Record<string, string>>;
  readonly requests: readonly RecordedRequest[];
}

interface Seen {
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly tenantId: string | undefined;
  readonly text: string;
  readonly status: number;
  readonly answer: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** In place of the template of a deployment, which the stacks have. */
export const templateMark = "(the template of the stack)";

const controlPlanes = /(^management\.|graph\.microsoft|\.vault\.)/;
const handedOn = ["location", "azure-asyncoperation"];

/** Members of answers and requests that hold keys and secrets. */
const secretNames = ["secretText", "primarySharedKey", "secondarySharedKey"];

/** Notes what the providers of Terraform ask of the control planes. */
export class RequestRecorder {
  private readonly seen: Seen[] = [];
  private readonly deployer = new Map<string, string>();
  private firstMs: number | undefined;

  constructor(private readonly now: () => number) {}

  /** The service, with every request of Terraform to it noted. */
  around(service: Service): Service {
    return {
      serves: (host) => service.serves(host),
      handle: async (request) => {
        const isTerraform = /Terraform/i.test(request.headers.get("user-agent") ?? "");
        const { hostname } = new URL(request.url);
        if (!isTerraform || !controlPlanes.test(hostname)) {
          return service.handle(request);
        }
        const { method, url } = request;
        const tenantId = this.note(request.headers.get("authorization"));
        const text = await request.clone().text();
        const now = this.now();
        this.firstMs ??= now;
        const atMs = now - this.firstMs;
        const response = await service.handle(request);
        const answer = await response.clone().text();
        const headers = Object.fromEntries(
          handedOn.flatMap((name) => {
            const value = response.headers.get(name);
            return value === null ? [] : [[name, value] as const];
          }),
        );
        const { status } = response;
        this.seen.push({ ...{ atMs, method, url, tenantId, text, answer, headers, status } });
        return response;
      },
    };
  }

  /** Notes who calls; gives the tenant of the token. */
  private note(authorization: string | null): string | undefined {
    const payload = authorization?.split(".")[1];
    if (payload === undefined) {
      return undefined;
    }
    const { oid, tid } = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
      readonly oid: string;
      readonly tid: string;
    };
    this.deployer.set(tid, oid);
    return tid;
  }

  /** All that was noted. */
  recording(): Recording {
    return { deployer: Object.fromEntries(this.deployer), requests: this.requests() };
  }

  /** All requests without any key or secret, in the order in which they were answered. */
  private requests(): RecordedRequest[] {
    const hidden = secretsIn(this.seen);
    const hide = (text: string) =>
      [...hidden].reduce((shown, [secret, mark]) => shown.replaceAll(secret, mark), text);
    const seen = this.seen.map((each) => ({
      ...each,
      text: hide(each.text),
      answer: hide(each.answer),
    }));
    return seen.map((each, index) => {
      const before = seen.slice(0, index + 1).map(asked);
      const later = seen.slice(index + 1).map(asked);
      const leaves = [
        ...Object.entries(each.headers).map(([name, value]) => [`header ${name}`, value] as const),
        ...leavesOf("", parsed(each.answer)),
      ];
      const assigned = leaves.filter(
        ([, value]) =>
          value.length >= 8 &&
          !before.some((text) => text.includes(value)) &&
          later.some((text) => text.includes(value)),
      );
      const { atMs, method, url, status, tenantId } = each;
      return {
        ...{ atMs, method, url },
        ...(tenantId !== undefined && { tenantId }),
        ...(each.text !== "" && { body: withoutTemplate(parsed(each.text)) }),
        status,
        ...(assigned.length > 0 && { assigned: Object.fromEntries(assigned) }),
      };
    });
  }
}

const asked = ({ url, text }: Pick<Seen, "url" | "text">) => `${url} ${text}`;

/** The JSON of a text; null for what is none. */
export function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Every text in a value, by where it stands. */
export function* leavesOf(path: string, value: Json): Generator<readonly [string, string]> {
  if (typeof value === "string") {
    yield [path, value];
  } else if (isJsonArray(value)) {
    for (const [index, each] of value.entries()) {
      yield* leavesOf(`${path}/${index}`, each);
    }
  } else if (isJsonObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      yield* leavesOf(`${path}/${key}`, each);
    }
  }
}

/** Every key and secret, with what stands in its place. */
function secretsIn(seen: readonly Seen[]): Map<string, string> {
  const found = new Set<string>();
  for (const { url, text, answer } of seen) {
    const isVault = /\.vault\./.test(new URL(url).hostname);
    const isKeys = /\/listKeys/i.test(url);
    for (const part of [text, answer]) {
      for (const [path, value] of leavesOf("", parsed(part))) {
        const name = path.split("/").at(-1)!;
        if (
          value !== "" &&
          (secretNames.includes(name) || (name === "value" && (isVault || isKeys)))
        ) {
          found.add(value);
        }
      }
    }
  }
  return new Map([...found].map((secret, index) => [secret, `redacted-secret-${index + 1}`]));
}

function withoutTemplate(body: Json): Json {
  if (!isJsonObject(body) || !isJsonObject(body["properties"] ?? null)) {
    return body;
  }
  const { properties } = body as { properties: Record<string, Json> };
  return "template" in properties
    ? { ...body, properties: { ...properties, template: templateMark } }
    : body;
}
