import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment/index.js";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity/index.js";
import { Construct } from "constructs";
import { assignmentName, roleDefinitionId } from "./roles.ts";
import type { BuiltInRoleKey } from "../config/built-in-roles.ts";

export interface PlaybookIdentityProps {
  readonly name: string;
  readonly resourceGroup: ResourceGroup;
  readonly subscriptionId: string;
}

/** The identity of a playbook, with the roles that it is granted one by one. */
export class PlaybookIdentity extends Construct {
  public readonly identity: UserAssignedIdentity;
  /** The roles granted so far. */
  public readonly grants: RoleAssignment[] = [];
  private readonly name: string;
  private readonly subscriptionId: string;

  constructor(scope: Construct, id: string, props: PlaybookIdentityProps) {
    super(scope, id);

    const { name, resourceGroup, subscriptionId } = props;

    this.identity = new UserAssignedIdentity(this, "identity", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: resourceGroup.tagsInput,
    });
    this.name = name;
    this.subscriptionId = subscriptionId;
  }

  /** Object id of the identity's service principal. */
  public get principalId(): string {
    return this.identity.principalId;
  }

  /** Grants a role on one resource; `id` says what for, and `condition` limits it further. */
  public grant(id: string, role: BuiltInRoleKey, scope: string, condition?: string): void {
    this.grants.push(
      new RoleAssignment(this, id, {
        name: assignmentName(this.subscriptionId, this.name, id),
        scope,
        roleDefinitionId: roleDefinitionId(subscriptionOf(scope) ?? this.subscriptionId, role),
        principalId: this.identity.principalId,
        ...(condition === undefined ? {} : { condition, conditionVersion: "2.0" }),
        // Entra may not know a new identity yet; a deployer with conditions on its rights needs it too.
        principalType: "ServicePrincipal",
      }),
    );
  }
}

/** The subscription in a resource id; none in a reference that Terraform resolves later. */
const subscriptionOf = (scope: string) => /^\/subscriptions\/([^/]+)\//.exec(scope)?.[1];
