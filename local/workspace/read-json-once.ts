/** One step of the translated SQL, all on one line: a common table expression over the step before. */
const step = /^(.*\b_s\d+ AS \(SELECT )(.*)( FROM )(_s\d+)(\),?)$/gm;

/** A property of a JSON column, as JSON or, with `->> '$'`, as text. */
const property = /json_extract\("(\w+)", '(\$\.\w+)'\)( ->> '\$')?/g;

/**
 * Lets a step of translated SQL read all properties of a JSON column in one go. DuckDB parses the
 * column's text anew for each property, which takes five times as long for an audit record.
 */
export function readJsonOnce(sql: string): string {
  return sql.replace(
    step,
    (line, start: string, select: string, from: string, source: string, end: string) => {
      // With a star the step would hand on the lists below as columns of its own.
      if (/(?:^|, |\.)\*/.test(select)) {
        return line;
      }
      const lists = new Map<string, { readonly call: string; readonly paths: string[] }>();
      const read = select.replace(
        property,
        (_, column: string, path: string, asText: string | undefined) => {
          const name = `"${column} ${asText ? "texts" : "values"}"`;
          const call = `${asText ? "json_extract_string" : "json_extract"}("${column}"`;
          const paths: string[] = lists.get(name)?.paths ?? [];
          lists.set(name, { call, paths });
          const index = paths.includes(path) ? paths.indexOf(path) : paths.push(path) - 1;
          return `${name}[${index + 1}]`;
        },
      );
      if (lists.size === 0) {
        return line;
      }
      const columns = [...lists].map(
        ([name, { call, paths }]) =>
          `${call}, [${paths.map((path) => `'${path}'`).join(", ")}]) AS ${name}`,
      );
      return `${start}${read}${from}(SELECT *, ${columns.join(", ")} FROM ${source})${end}`;
    },
  );
}
