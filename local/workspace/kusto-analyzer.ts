// The order matters: the second needs the globals that the first sets.
import "@kusto/language-service-next/bridge.js";
import "@kusto/language-service-next";

/** A table as the checker sees it; types in KQL's spelling. */
export interface KustoTable {
  readonly name: string;
  readonly columns: readonly KustoColumn[];
}

/** A column's name and type in KQL's spelling. */
export interface KustoColumn {
  readonly name: string;
  readonly type: string;
}

/** A saved function. */
export interface KustoFunction {
  readonly name: string;
  readonly parameters: readonly KustoColumn[];
  readonly body: string;
}

/** What Microsoft's own parser says about a query. */
export interface Analysis {
  /** `Query`, or `Command` for a control command. */
  readonly kind: string;
  /** Such as `2:9 KS142 Error The name 'Operaton' does not refer to any known column…`. */
  readonly diagnostics: readonly string[];
  /** The columns that the query returns, in order; none when it returns no table. */
  readonly columns: readonly KustoColumn[];
  /** Every node of the syntax tree, from the outside in. */
  readonly nodes: readonly SyntaxNode[];
}

/** A node of the syntax tree. */
export interface SyntaxNode {
  /** Kind by the parser's name, such as `FilterOperator`. */
  readonly kind: string;
  readonly text: string;
  /** The function that a `FunctionCallExpression` calls, else undefined. */
  readonly calledFunction: string | undefined;
  readonly parent: SyntaxNode | undefined;
}

/**
 * Checks KQL with Microsoft's own parser against tables and saved functions. It sees names, types and
 * syntax, but not into the body of a function that a query calls: check each body as a query.
 */
export class KustoAnalyzer {
  private readonly globals: Kusto.Language.GlobalState;

  constructor(tables: readonly KustoTable[], functions: readonly KustoFunction[] = []) {
    const { Symbols, GlobalState } = Kusto.Language;
    const symbols = [
      ...tables.map(({ name, columns }) => {
        const schema = columns.map((column) => `['${column.name}']:${column.type}`).join(", ");
        return Symbols.TableSymbol.From(`(${schema})`)!.WithName(name)!;
      }),
      ...functions.map(
        // The numbers of the constructors come from the compiler and belong to the pinned version.
        ({ name, parameters, body }) => {
          const declared = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`);
          const list = `(${declared.join(", ")})`;
          return new Symbols.FunctionSymbol.$ctor16(name, list, `{ ${body}\n}`, null);
        },
      ),
    ];
    this.globals = GlobalState.Default!.WithDatabase(
      new Symbols.DatabaseSymbol.ctor("workspace", symbols),
    )!;
  }

  analyze(query: string): Analysis {
    const code = Kusto.Language.KustoCode.ParseAndAnalyze(query, this.globals)!;
    const diagnostics = items(code.GetDiagnostics()).map(({ Code, Severity, Message, Start }) => {
      const [line, column] = [{ v: 0 }, { v: 0 }];
      code.TryGetLineAndOffset(Start, line, column);
      return `${line.v}:${column.v} ${Code} ${Severity} ${Message}`;
    });
    const result = code.ResultType;
    const columns =
      result && "Columns" in result ? (result as Kusto.Language.Symbols.TableSymbol).Columns : null;
    const kindNames = new Map(
      Object.entries(Kusto.Language.Syntax.SyntaxKind).map(([name, number]) => [number, name]),
    );
    const nodes = new Map<Kusto.Language.Syntax.SyntaxNode, SyntaxNode>();
    code.Syntax!.WalkNodes((node) => {
      const kind = kindNames.get(node.Kind)!;
      nodes.set(node, {
        kind,
        text: node.ToString(Kusto.Language.Syntax.IncludeTrivia.Interior)!,
        calledFunction:
          kind === "FunctionCallExpression"
            ? (node as Kusto.Language.Syntax.FunctionCallExpression).Name!.SimpleName!
            : undefined,
        parent: nodes.get(node.Parent!),
      });
    });
    return {
      kind: code.Kind!,
      diagnostics,
      columns: items(columns).map(({ Name, Type }) => ({ name: Name!, type: Type!.Name! })),
      nodes: [...nodes.values()],
    };
  }
}

const items = <T>(list: System.Collections.Generic.IReadOnlyList$1<T> | null): T[] =>
  Array.from({ length: list?.Count ?? 0 }, (_, index) => list!.getItem(index));
