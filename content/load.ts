import { readFileSync } from "node:fs";

/** A Logic Apps workflow definition, as the portal's code view shows it. */
export type WorkflowDefinition = Record<string, unknown> & {
  readonly actions: Record<string, unknown>;
  readonly triggers: Record<string, unknown>;
  readonly parameters: Record<string, unknown>;
};

/** What the service takes no expression for, so that it is written into the definition itself. */
export interface PlaybookSettings {
  /** How often the playbook runs. */
  readonly recurrence: { readonly frequency: "Minute" | "Hour"; readonly interval: number };
  /** Resource id of the user-assigned identity; the system-assigned one when absent. */
  readonly identityId?: string;
  /** How the playbook signs in to the feed. */
  readonly feedCredential: "client-secret" | "managed-identity";
}

/** Reads a text file of this folder, for example `functions/m365-audit.kql`. */
export function loadText(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

/**
 * Reads a workflow definition of `playbooks/` and sets what cannot be a workflow parameter: the
 * recurrence, the identity of every managed-identity sign-in and how the feed's calls sign in.
 */
export function loadPlaybook(name: string, settings: PlaybookSettings): WorkflowDefinition {
  const definition = JSON.parse(loadText(`playbooks/${name}.json`)) as WorkflowDefinition;
  for (const trigger of Object.values(definition.triggers) as { recurrence?: unknown }[]) {
    trigger.recurrence = settings.recurrence;
  }
  if (settings.feedCredential === "managed-identity") {
    // The action stays, without its call, because later actions refer to it and wait for it.
    const { inputs, runAfter } = definition.actions["Get_client_secret"] as {
      inputs: { queries: unknown };
      runAfter: unknown;
    };
    definition.actions["Get_client_secret"] = {
      type: "Compose",
      inputs: inputs.queries,
      runAfter,
    };
  }
  setAuthentications(definition.actions, settings);
  return definition;
}

function setAuthentications(node: unknown, settings: PlaybookSettings): void {
  if (typeof node !== "object" || node === null) {
    return;
  }
  const holder = node as { authentication?: Record<string, unknown> };
  if (holder.authentication) {
    holder.authentication = signIn(holder.authentication, settings);
  }
  for (const child of Object.values(node)) {
    setAuthentications(child, settings);
  }
}

function signIn(authentication: Record<string, unknown>, settings: PlaybookSettings) {
  const { identityId, feedCredential } = settings;
  const identity = identityId === undefined ? {} : { identity: identityId };
  if (authentication["type"] === "ManagedServiceIdentity") {
    return { ...authentication, ...identity };
  }
  return feedCredential === "managed-identity"
    ? {
        type: "ManagedServiceIdentity",
        ...identity,
        audience: authentication["audience"],
      }
    : authentication;
}

/**
 * Doubles `$` and `%` before `{`, so that Terraform takes the text as it is.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function escapeForTerraform(text: string): string {
  return text.replace(/([$%])\{/g, "$1$1{");
}
