import { Application } from "@cdktf/provider-azuread/lib/application/index.js";
import { DataAzureadClientConfig } from "@cdktf/provider-azuread/lib/data-azuread-client-config/index.js";
import { ServicePrincipal } from "@cdktf/provider-azuread/lib/service-principal/index.js";
import { Construct } from "constructs";
import type { FeedPermissions } from "./feed-permissions.ts";

export interface FeedApplicationProps {
  readonly name: string;
  readonly permissions: FeedPermissions;
  /**
   * Whether the permissions are granted; if not, an administrator of the tenant grants it.
   *
   * @default false
   */
  readonly consent?: boolean;
}

/** The Entra application that reads a tenant's feed, in that tenant and for it alone. */
export class FeedApplication extends Construct {
  public readonly application: Application;

  constructor(scope: Construct, id: string, props: FeedApplicationProps) {
    super(scope, id);

    const { name, permissions, consent = false } = props;

    // Without an owner, a deployer with Application.ReadWrite.OwnedBy could never touch it again. Only
    // the first deployer is one: otherwise a plan of anybody else would want to change it.
    const lifecycle = { ignoreChanges: ["owners"] };
    const owners = [new DataAzureadClientConfig(this, "deployer").objectId];
    this.application = new Application(this, "application", {
      displayName: name,
      signInAudience: "AzureADMyOrg",
      owners,
      lifecycle,
      requiredResourceAccess: [
        {
          resourceAppId: permissions.apiClientId,
          resourceAccess: permissions.roleIds.map((roleId) => ({ id: roleId, type: "Role" })),
        },
      ],
    });
    const servicePrincipal = new ServicePrincipal(this, "service-principal", {
      clientId: this.application.clientId,
      owners,
      lifecycle,
    });
    if (consent) {
      permissions.grantTo(servicePrincipal.objectId);
    }
  }
}
