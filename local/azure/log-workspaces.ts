import type { ColumnType } from "../../content/tables.ts";
import { Workspace, type WorkspaceTable } from "../workspace/workspace.ts";

/** Types of columns by the names that the Tables API has for them. */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  boolean: "bool",
  datetime: "datetime",
  dynamic: "dynamic",
  guid: "string",
  int: "int",
  long: "long",
  real: "real",
  string: "string",
};

/** The data of Log Analytics workspaces, by their resource ids without regard to case. */
export class LogWorkspaces {
  private readonly opened = new Map<string, Promise<Workspace>>();

  /** The data of a workspace, which is empty at first. */
  at(id: string): Promise<Workspace> {
    const key = id.toLowerCase();
    const workspace = this.opened.get(key) ?? Workspace.open([]);
    this.opened.set(key, workspace);
    return workspace;
  }

  /** Adds a table, or to a table the columns that are new; the name is the last part of the id. */
  async setTable(
    workspaceId: string,
    name: string,
    columns: readonly { readonly name: string; readonly type: string }[],
  ): Promise<void> {
    const table: WorkspaceTable = {
      name,
      columns: columns.map((column) => ({
        name: column.name,
        type: columnTypes[column.type.toLowerCase()] ?? "string",
        description: "",
      })),
    };
    await (await this.at(workspaceId)).setTable(table);
  }

  /** Deletes the data of a workspace for good. */
  async delete(id: string): Promise<void> {
    const workspace = this.opened.get(id.toLowerCase());
    this.opened.delete(id.toLowerCase());
    (await workspace)?.close();
  }

  /** Closes all. */
  async close(): Promise<void> {
    await Promise.all([...this.opened.keys()].map((id) => this.delete(id)));
  }
}
