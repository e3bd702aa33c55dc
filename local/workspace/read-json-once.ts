/** One step of the translated SQL, all on one line: a common table expression over the step before. */
const step = /^(.*\b_s\d+ AS \(SELECT )(.*)( FROM )(_s\d+)(\),?)$/gm;

const property = /json_extract\("(\w+)", '(\$\.\w+)'\)/g;

/**
 * Lets a step of translated SQL read all properties of a JSON column in one go. DuckDB parses the text
 * for each `json_extract` anew; the rows of a day's records take less than half the time this way.
 */
export function readJsonOnce(sql: string): string {
  return sql.replace(
    step,
    (line, start: string, select: string, from: string, ...rest: string[]) => {
      const paths = new Map<string, string[]>();
      for (const [, column, path] of select.matchAll(property)) {
        const known = paths.get(column!) ?? [];
        paths.set(column!, known.includes(path!) ? known : [...known, path!]);
      }
      // With a star the step would hand on the list of fields as a column of its own.
      if (paths.size === 0 || /(?:^|[ .])\*(?:[ ,]|$)/.test(select)) {
        return line;
      }
      const fields = [...paths].map(([column, list]) => {
        const quotedList = list.map((path) => `'${path}'`).join(", ");
        return `json_extract("${column}", [${quotedList}]) AS "${column} fields"`;
      });
      const read = select.replace(
        property,
        (_, column: string, path: string) =>
          `"${column} fields"[${paths.get(column)!.indexOf(path) + 1}]`,
      );
      const [source, end] = rest as [string, string];
      return `${start}${read}${from}(SELECT *, ${fields.join(", ")} FROM ${source})${end}`;
    },
  );
}
