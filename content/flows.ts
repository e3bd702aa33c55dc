import { loadText } from "./load.ts";
import { loadTable, type Table } from "./tables.ts";

/** A table and the transformation that makes a row of it from a row of its stream. */
export interface Flow {
  readonly table: Table;
  readonly transformation: string;
}

/** The tables that a collector fills, and how; the same for every tenant. */
export function loadFlows(): Flow[] {
  return ["m365-audit", "m365-audit-health"].map((name) => ({
    table: loadTable(name),
    transformation: loadText(`transformations/${name}.kql`),
  }));
}
