import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from "@azure/core-rest-pipeline";
import type { StoragePipelineOptions } from "@azure/storage-blob";

/** A client of core-rest-pipeline in the older form that the storage library takes. */
export function storageHttpClient(
  client: HttpClient,
): NonNullable<StoragePipelineOptions["httpClient"]> {
  return {
    sendRequest: async (request) => {
      const { headers, ...response } = await client.sendRequest(
        createPipelineRequest({
          url: request.url,
          method: request.method,
          headers: createHttpHeaders(request.headers.toJson({ preserveCase: true })),
          body: request.body as string,
          abortSignal: request.abortSignal,
          timeout: request.timeout,
          streamResponseStatusCodes: request.streamResponseStatusCodes,
        }),
      );
      // The older headers have no constructor that can be imported.
      const answered = request.headers.clone();
      answered.headerNames().forEach((name) => answered.remove(name));
      for (const [name, value] of headers) {
        answered.set(name, value);
      }
      return { ...response, request, headers: answered };
    },
  };
}
