import { playbookParameters } from "../config/playbook-parameters.ts";
import { loadPlaybook } from "../content/load.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import { definitionChanges, fieldChanges } from "../plan/playbook-change.ts";
import type { LivePlaybook } from "./live-playbook.ts";

/** What Azure assigns, so that no file knows it. */
const assigned = { clientId: "", ingestionEndpoint: "", dataCollectionRuleId: "" };

/**
 * What differs between a tenant's playbook and its file, one sentence each. Terraform does not see it:
 * it keeps the template that it deployed, and not what became of it.
 */
export function playbookDrift(target: FeedTarget, live: LivePlaybook | undefined): string[] {
  const { environment, tenant, tenantName, names } = target;
  if (!live) {
    return ["the playbook is gone"];
  }
  const { state, definition, parameters } = live;
  const declared = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: tenant.recurrenceMinutes },
    identityId: names.identityId,
    feedCredential: tenant.credential,
  });
  const values = Object.entries(playbookParameters(environment, tenantName, assigned)).filter(
    ([name]) => !(name in assigned),
  );
  return [
    ...(state === "Enabled" ? [] : [`the playbook is ${state}, and must be Enabled`]),
    ...definitionChanges(declared, definition).map(({ kind, what, name, fields }) => {
      const paths = kind === "added" ? "" : fields.map((field) => field.path).join(", ");
      return `the ${what} ${name} is ${kind}${paths === "" ? "" : `: ${paths}`}`;
    }),
    ...values
      .filter(([name, value]) => fieldChanges("", value, parameters[name]?.value).length > 0)
      .map(([name]) => `the parameter ${name} has another value than the configuration`),
  ];
}
