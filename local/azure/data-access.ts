import type { DataAccess } from "../directory.ts";
import type { AzureContext } from "./resource-type.ts";

/** Who may touch the data of a resource: by the roles there, or where `scopeIn` finds what is asked for. */
export const dataAccess = (
  { access, directory }: Pick<AzureContext, "access" | "directory">,
  id: string,
  scopeIn: (asked: string) => string = () => id,
): DataAccess => ({
  verifyToken: (...given) => directory.verifyToken(...given),
  hasRole: (principalId, roles, asked) => access.hasRole(principalId, roles, scopeIn(asked)),
});
