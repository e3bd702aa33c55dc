/** A heading of the second level and what stands below it. */
export const section = (title: string, lines: readonly string[]) =>
  [`## ${title}`, "", ...lines].join("\n");

/** The lines of a table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map(
    (row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
  );

export const link = (text: string, address: string) => `[${text}](${address})`;
