import { randomUUID } from "node:crypto";
import { ArmError } from "./arm-error.ts";

interface Operation {
  polls: number;
  readonly error: ArmError | undefined;
}

/** Seconds that a client waits between two looks; real ones say 5 to 15. */
const retryAfterSeconds = 1;

/**
 * Operations that go on after their request was answered:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations.
 */
export class Operations {
  private readonly operations = new Map<string, Operation>();

  /**
   * Begins one that answers "in progress" to so many looks and then ends, with `error` if there is one;
   * gives the headers that tell where to look.
   */
  begin(
    request: Request,
    { polls, subscriptionId, namespace, location, error }: OperationProps,
  ): Record<string, string> {
    const name = randomUUID();
    this.operations.set(name, { polls, error });
    const { origin, searchParams } = new URL(request.url);
    const version = searchParams.get("api-version") ?? "";
    const root = `${origin}/subscriptions/${subscriptionId}/providers/${namespace}/locations/${location}`;
    return {
      "azure-asyncoperation": `${root}/operationStatuses/${name}?api-version=${version}`,
      location: `${root}/operationResults/${name}?api-version=${version}`,
      "retry-after": String(retryAfterSeconds),
    };
  }

  /** What `Azure-AsyncOperation` leads to. */
  status(name: string): Response {
    const operation = this.look(name);
    const isDone = operation.polls < 0;
    const error = isDone ? operation.error : undefined;
    return Response.json(
      {
        name,
        status: !isDone ? "InProgress" : error ? "Failed" : "Succeeded",
        ...(error && { error: { code: error.code, message: error.message } }),
      },
      { status: 200, headers: isDone ? {} : { "retry-after": String(retryAfterSeconds) } },
    );
  }

  /** What `Location` leads to: 202 while it goes on, then 200. */
  result(request: Request, name: string): Response {
    const operation = this.look(name);
    if (operation.polls >= 0) {
      return new Response(null, {
        status: 202,
        headers: { location: request.url, "retry-after": String(retryAfterSeconds) },
      });
    }
    return operation.error?.toResponse() ?? Response.json({ status: "Succeeded" });
  }

  private look(name: string): Operation {
    const operation = this.operations.get(name);
    if (!operation) {
      throw new ArmError(404, "NotFound", `The operation '${name}' was not found.`);
    }
    operation.polls--;
    return operation;
  }
}

export interface OperationProps {
  /** Looks that find it in progress. */
  readonly polls: number;
  readonly subscriptionId: string;
  /** Of the resource provider, such as `Microsoft.KeyVault`. */
  readonly namespace: string;
  readonly location: string;
  /** How it fails. */
  readonly error?: ArmError;
}
