import { dispatch } from "./cloud.ts";
import type { DeployedTenant } from "./deployed-tenant.ts";

const audience = "https://storage.azure.com/";

/** A request to Blob Storage with the identity of the tenant's playbook; a body is put as JSON, none as a list to append to. */
export async function requestStorage(
  { host, identity, services }: Pick<DeployedTenant, "host" | "identity" | "services">,
  method: string,
  uri: string,
  body?: string,
): Promise<Response> {
  const token = await host.managedIdentityToken(identity.resourceId, audience);
  return dispatch(
    services,
    new Request(uri, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-ms-blob-type": body === undefined ? "AppendBlob" : "BlockBlob",
        "x-ms-version": "2021-08-06",
      },
    }),
  );
}
