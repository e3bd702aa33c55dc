import { AppRoleAssignment } from "@cdktf/provider-azuread/lib/app-role-assignment/index.js";
import { DataAzureadServicePrincipal } from "@cdktf/provider-azuread/lib/data-azuread-service-principal/index.js";
import { Construct } from "constructs";
import { feedApplication, neededPermissions } from "../config/feed-permissions.ts";

export interface FeedPermissionsProps {
  /** Content types to collect, such as `Audit.General`. */
  readonly contentTypes: readonly string[];
}

/**
 * What a collector is permitted on the Office 365 Management APIs of a tenant, and nothing more:
 * `ActivityFeed.Read`, and with `DLP.All` also `ActivityFeed.ReadDlp`.
 *
 * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
 */
export class FeedPermissions extends Construct {
  /** Client id of the API, for an application that declares the permissions it asks for. */
  public readonly apiClientId = feedApplication.clientId;
  /** Ids of the permissions. */
  public readonly roleIds: readonly string[];
  private readonly api: DataAzureadServicePrincipal;
  private readonly names: readonly string[];

  constructor(scope: Construct, id: string, props: FeedPermissionsProps) {
    super(scope, id);

    const { contentTypes } = props;

    // Only ever read: a resource with use_existing would delete Microsoft's own principal on destroy,
    // https://github.com/hashicorp/terraform-provider-azuread/issues/1141
    this.api = new DataAzureadServicePrincipal(this, "api", {
      clientId: feedApplication.clientId,
    });
    this.names = neededPermissions(contentTypes).map(({ name }) => name);
    // By name, because wrong ids circulate.
    this.roleIds = this.names.map((name) => this.api.appRoleIds.lookup(name));
  }

  /** Grants the permissions to a service principal: the administrator's consent, as a resource. */
  public grantTo(principalObjectId: string): void {
    for (const name of this.names) {
      new AppRoleAssignment(this, name, {
        appRoleId: this.api.appRoleIds.lookup(name),
        principalObjectId,
        resourceObjectId: this.api.objectId,
      });
    }
  }
}
