import type { Clock } from "../clock.ts";
import { allows, builtInRoles, type RoleDefinition } from "./built-in-roles.ts";
import type { ResourceStore } from "./resource-store.ts";

/** The type of role assignments. */
export const roleAssignmentType = "Microsoft.Authorization/roleAssignments";

/** A role that somebody holds from the beginning, as `az role assignment create` gives it. */
export interface StandingRole {
  readonly principalId: string;
  /** Name of a built-in role. */
  readonly role: string;
  /** Id of a resource, a group or a subscription. */
  readonly scope: string;
}

interface Held {
  readonly principalId: string;
  readonly roleId: string;
  readonly scope: string;
}

/**
 * Who may do what. A role takes a while until it works, and one that was taken away works no more: up to
 * ten minutes are documented, and the ingestion API asks for half an hour
 * (https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected).
 */
export class Access {
  private readonly standing: Held[] = [];
  private readonly roles: RoleDefinition[] = [...builtInRoles];

  constructor(
    private readonly clock: Clock,
    private readonly store: ResourceStore,
    /** Milliseconds until a new assignment works; may change at any time. */
    public propagationMs: number,
  ) {}

  /** Defines a role of somebody's own. */
  define(role: RoleDefinition): void {
    this.roles.push(role);
  }

  /** Gives a role that works at once. Fails for one that is neither built in nor defined. */
  grant({ principalId, role, scope }: StandingRole): void {
    this.standing.push({ principalId, roleId: this.roleNamed(role).id, scope });
  }

  /** Whether a principal may do something on a resource, by its roles there and above. */
  mayAct(principalId: string, action: string, scope: string): boolean {
    return this.held(principalId, scope).some(({ roleId }) => {
      const role = this.roles.find(({ id }) => id === roleId);
      return role !== undefined && allows(role, action);
    });
  }

  /** Whether a principal holds one of the roles, by name, on a resource or above. */
  hasRole(principalId: string, roles: readonly string[], scope: string): boolean {
    const ids = roles.flatMap((name) => this.roles.find((role) => role.name === name)?.id ?? []);
    return this.held(principalId, scope).some(({ roleId }) => ids.includes(roleId));
  }

  private held(principalId: string, scope: string): Held[] {
    const at = `${scope.toLowerCase()}/`;
    return [...this.standing, ...this.assigned()].filter(
      (each) =>
        each.principalId.toLowerCase() === principalId.toLowerCase() &&
        at.startsWith(`${each.scope.toLowerCase()}/`),
    );
  }

  private assigned(): Held[] {
    const now = this.clock.now().getTime();
    return this.store.ofType(roleAssignmentType).flatMap(({ body }) => {
      const properties = body["properties"] as unknown as {
        readonly principalId: string;
        readonly roleDefinitionId: string;
        readonly scope: string;
        readonly createdOn: string;
      };
      const { principalId, roleDefinitionId, scope, createdOn } = properties;
      return now - Date.parse(createdOn) >= this.propagationMs
        ? [{ principalId, roleId: roleDefinitionId.split("/").at(-1)!.toLowerCase(), scope }]
        : [];
    });
  }

  private roleNamed(name: string): RoleDefinition {
    const role = this.roles.find((each) => each.name === name);
    if (!role) {
      const names = this.roles.map((each) => each.name).join(", ");
      throw new Error(`role must be one of ${names}, got ${name}`);
    }
    return role;
  }
}
