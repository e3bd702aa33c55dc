/** Thrown for a records file that cannot be used as a whole; its message is one sentence for people. */
export class RecordsFileError extends Error {}
