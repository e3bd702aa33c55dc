import { code, escaped } from "../plan/summary-markdown.ts";
import type { Drift } from "./drift.ts";

/** The first line of an issue on drift, by which its successor finds it. */
const driftMarker = (environment: string) => `<!-- drift of ${environment} -->`;

/** What has drifted, as the text of an issue. */
export function driftMarkdown(environment: string, found: readonly Drift[]): string {
  const lines =
    found.length === 0
      ? ["Nothing has drifted."]
      : [
          `What is not as it was deployed in ${code(environment)}:`,
          "",
          ...found.map(
            ({ stack, what, says }) => `- ${code(`${stack}: ${what}`)}: ${escaped(says)}`,
          ),
          "",
          "A deployment puts resources and the playbook back. Who has changed them is in Azure's activity log. What was merged and waits for its deployment is told here as well.",
        ];
  return [driftMarker(environment), ...lines, ""].join("\n");
}
