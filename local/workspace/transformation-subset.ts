import { KustoAnalyzer, type Analysis, type KustoColumn } from "./kusto-analyzer.ts";

/**
 * Kinds of syntax that a transformation may consist of, by the parser's names, after
 * https://learn.microsoft.com/en-us/azure/azure-monitor/data-collection/data-collection-transformations-kql.
 * Whatever is not here is refused, new syntax included.
 */
const kinds = new Set([
  ...["QueryBlock", "List", "SeparatedElement", "ExpressionStatement", "ExpressionList"],
  ...["LetStatement", "FunctionDeclaration", "FunctionParameters", "FunctionParameter"],
  ...["FunctionBody", "NameAndTypeDeclaration", "PrimitiveTypeExpression"],
  ...["NameDeclaration", "NameReference", "TokenName", "BracketedName", "WildcardedName"],
  ...["PipeExpression", "DataTableExpression", "RowSchema"],
  ...["FilterOperator", "ExtendOperator", "ProjectOperator", "ProjectAwayOperator"],
  ...["ProjectRenameOperator", "ParseOperator", "PrintOperator"],
  ...["SimpleNamedExpression", "FunctionCallExpression", "ParenthesizedExpression"],
  ...["PathExpression", "ElementExpression", "BracketedExpression"],
  ...["BooleanLiteralExpression", "IntLiteralExpression", "LongLiteralExpression"],
  ...["RealLiteralExpression", "DecimalLiteralExpression", "StringLiteralExpression"],
  ...["CompoundStringLiteralExpression", "DateTimeLiteralExpression"],
  ...["TimespanLiteralExpression", "GuidLiteralExpression", "NullLiteralExpression"],
  ...["UnaryPlusExpression", "UnaryMinusExpression", "AddExpression", "SubtractExpression"],
  ...["MultiplyExpression", "DivideExpression", "ModuloExpression"],
  ...["AndExpression", "OrExpression", "InExpression", "NotInExpression"],
  ...["LessThanExpression", "LessThanOrEqualExpression"],
  ...["GreaterThanExpression", "GreaterThanOrEqualExpression"],
  ...["EqualExpression", "NotEqualExpression", "EqualTildeExpression", "BangTildeExpression"],
  ...["Contains", "Has", "StartsWith", "EndsWith"].flatMap((name) => [
    `${name}Expression`,
    `${name}CsExpression`,
    `Not${name}Expression`,
    `Not${name}CsExpression`,
  ]),
  "MatchesRegexExpression",
]);

/**
 * Functions that a transformation may call, after the same page. `parse_cef_dictionary` and
 * `geo_location` exist in the service alone and cannot run here, so they are refused too.
 */
const functions = new Set([
  ...["tobool", "todatetime", "todouble", "toreal", "toguid", "toint", "tolong", "tostring"],
  ...["totimespan", "columnifexists"],
  ...["ago", "datetime_add", "datetime_diff", "datetime_part", "dayofmonth", "dayofweek"],
  ...["dayofyear", "endofday", "endofmonth", "endofweek", "endofyear", "getmonth", "getyear"],
  ...["hourofday", "make_datetime", "make_timespan", "now", "startofday", "startofmonth"],
  ...["startofweek", "startofyear", "weekofyear"],
  ...["array_concat", "array_length", "pack_array", "pack", "parse_json", "parse_xml", "zip"],
  ...["abs", "bin", "floor", "ceiling", "exp", "exp2", "exp10", "isfinite", "isinf", "isnan"],
  ...["log", "log2", "log10", "pow", "round", "sign"],
  ...["binary_and", "binary_not", "binary_or", "binary_shift_left", "binary_shift_right"],
  "binary_xor",
  ...["case", "iif", "max_of", "min_of"],
  ...["base64_encodestring", "base64_decodestring", "countof", "extract", "extract_all"],
  ...["indexof", "isempty", "isnotempty", "split", "strcat", "strcat_delim", "strlen"],
  ...["substring", "tolower", "toupper", "hash_sha256"],
  ...["gettype", "isnull", "isnotnull"],
]);

/** Columns that one `parse` may make, after the same page. */
const parsedColumnsLimit = 10;

/**
 * Checks that data collection rules support a transformation and that it gives exactly the columns of
 * the table, in any order. Fails with every problem at once.
 */
export function checkTransformation(
  kql: string,
  stream: readonly KustoColumn[],
  table: readonly KustoColumn[],
): void {
  const key = JSON.stringify([kql, stream, table]);
  if (passed.has(key)) {
    return;
  }
  const analysis = new KustoAnalyzer([{ name: "source", columns: stream }]).analyze(kql);
  const problems = [
    ...analysis.diagnostics,
    ...new Set(unsupported(analysis)),
    ...(analysis.diagnostics.length > 0 ? [] : differences(analysis.columns, table)),
  ];
  if (problems.length > 0) {
    throw new Error(
      `transformation must be one that the rule can run, got\n${problems.join("\n")}`,
    );
  }
  passed.add(key);
}

/** What passed before: a check takes a quarter of a second, and every local cloud has the same rule. */
const passed = new Set<string>();

function* unsupported({ kind, nodes }: Analysis): Generator<string> {
  if (kind !== "Query") {
    yield "a control command";
  }
  const declared = nodes
    .filter(({ kind, parent }) => kind === "NameDeclaration" && parent?.kind === "LetStatement")
    .map(({ text }) => text);
  for (const node of nodes) {
    if (node.kind === "StarExpression" ? !isWithin(node, "ParseOperator") : !kinds.has(node.kind)) {
      yield `${node.kind}: ${firstLine(node.text)}`;
    }
    const { calledFunction } = node;
    if (calledFunction && !functions.has(calledFunction) && !declared.includes(calledFunction)) {
      yield `function ${calledFunction}`;
    }
    if (node.kind === "ParseOperator") {
      const parsed = nodes.filter(
        (other) => other.kind === "NameDeclaration" && isWithin(other, node),
      ).length;
      if (parsed > parsedColumnsLimit) {
        yield `parse into ${parsed} columns, more than ${parsedColumnsLimit}`;
      }
    }
  }
}

function* differences(
  got: readonly KustoColumn[],
  table: readonly KustoColumn[],
): Generator<string> {
  const written = ({ name, type }: KustoColumn) => `${name}:${type}`;
  const [given, wanted] = [got.map(written), table.map(written)];
  yield* wanted.filter((column) => !given.includes(column)).map((column) => `no column ${column}`);
  yield* given
    .filter((column) => !wanted.includes(column))
    .map((column) => `column ${column}, which the table does not have`);
}

function isWithin(node: Analysis["nodes"][number], ancestor: string | typeof node): boolean {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (outer === ancestor || outer.kind === ancestor) {
      return true;
    }
  }
  return false;
}

const firstLine = (text: string) => text.trim().split("\n")[0]!;
