import { z } from "zod";

const node = z.record(z.string(), z.unknown());

const templateSchema = z.looseObject({
  resources: z.array(z.looseObject({ type: z.string(), properties: node.default({}) })),
});

type Definition = Readonly<Record<string, unknown>>;

/** A template of Resource Manager, as far as it is read here. */
export type Template = z.output<typeof templateSchema>;

/** The type of a playbook. */
export const workflowType = "Microsoft.Logic/workflows";

/**
 * The template in the attributes of a deployment; undefined when there is none that can be read.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
 */
export function templateIn(attributes: unknown): Template | undefined {
  const { data } = z.object({ template_content: z.string() }).safeParse(attributes);
  try {
    return data && templateSchema.safeParse(JSON.parse(data.template_content)).data;
  } catch {
    return undefined;
  }
}

const playbookIn = (template: Template | undefined) =>
  template?.resources.find(({ type }) => type === workflowType);

/** The workflow definition in a template, when it has one. */
export const definitionOf = (template: Template | undefined): Definition | undefined =>
  node.safeParse(playbookIn(template)?.properties["definition"]).data;

/** A template without the definition of its playbook, each resource under its number. */
export function withoutDefinition(template: Template): Record<string, unknown> {
  const playbook = definitionOf(template) && playbookIn(template);
  const others = ({ definition: _, ...properties }: Definition) => properties;
  const resources = template.resources.map((resource) =>
    resource === playbook ? { ...resource, properties: others(resource.properties) } : resource,
  );
  return { ...template, resources: { ...resources } };
}

/**
 * Whether a value has text that Resource Manager would take for an expression, so that something else is
 * deployed than is shown.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
export function hasExpression(value: unknown): boolean {
  if (typeof value === "string") {
    return /^\[(?!\[)[^]*\]$/.test(value);
  }
  return (
    typeof value === "object" && value !== null && Object.entries(value).flat().some(hasExpression)
  );
}
