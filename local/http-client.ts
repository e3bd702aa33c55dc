import { Readable } from "node:stream";
import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";

/**
 * A client for Azure's client libraries that stays in this process: `send` answers each request, and
 * what it throws is a lost connection.
 */
export function localHttpClient(send: (request: Request) => Promise<Response>): HttpClient {
  return {
    sendRequest: async (request) => {
      let response: Response;
      try {
        response = await send(webRequest(request));
      } catch (error) {
        const { message, code } = error as Error & { code?: string };
        throw new RestError(message, { code: code ?? "ECONNRESET", request });
      }
      return pipelineResponse(request, response);
    },
  };
}

function webRequest({ url, method, headers, body }: PipelineRequest): Request {
  if (body !== undefined && body !== null && typeof body !== "string") {
    throw new Error(`body must be text, got ${typeof body}`);
  }
  return new Request(url, { method, headers: headers.toJSON(), body: body || undefined });
}

async function pipelineResponse(
  request: PipelineRequest,
  response: Response,
): Promise<PipelineResponse> {
  const { status } = response;
  const headers = createHttpHeaders(Object.fromEntries(response.headers));
  const wanted = request.streamResponseStatusCodes;
  if (wanted?.has(status) || wanted?.has(Number.POSITIVE_INFINITY)) {
    const bytes = Buffer.from(await response.arrayBuffer());
    return { request, status, headers, readableStreamBody: Readable.from([bytes]) };
  }
  return { request, status, headers, bodyAsText: await response.text() };
}
