import { TerraformError } from "./terraform.ts";

/** A resource that is there, and that the state does not know. */
export interface ExistingResource {
  readonly address: string;
  /** By which it is imported. */
  readonly id: string;
}

/**
 * What Terraform wanted to create and found to be there, as after an apply that was killed; none when
 * anything else went wrong as well.
 */
export function existingResources(error: unknown): ExistingResource[] {
  if (!(error instanceof TerraformError)) {
    return [];
  }
  const errors = error.diagnostics.filter(({ severity }) => severity === "error");
  const found = errors.flatMap(({ summary, detail, address }) => {
    const [, id] = /with the ID "([^"]+)" already exists/.exec(`${summary} ${detail}`) ?? [];
    return id === undefined || address === undefined ? [] : [{ address, id }];
  });
  return found.length === errors.length ? found : [];
}

/**
 * Whether all of them are in resource groups of a stack's own, or role assignments, whose names are made
 * from its names: nobody else has made them.
 */
export const areOwn = (found: readonly ExistingResource[], resourceGroups: readonly string[]) =>
  found.length > 0 &&
  found.every(({ id }) => {
    if (/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i.test(id)) {
      return true;
    }
    const [, group] = /\/resourceGroups\/([^/]+)/i.exec(id) ?? [];
    return resourceGroups.some((own) => own.toLowerCase() === group?.toLowerCase());
  });
