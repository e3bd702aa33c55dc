/** A piece of a records file that should be one audit record. */
export interface SourceText {
  /** Line of the file on which the piece starts, from 1. */
  readonly line: number;
  /** Which piece of the file it is, from 1, where one before it starts on the same line. */
  readonly record?: number;
  readonly bytes: Buffer;
  /** Whether the file ends within the piece or right behind it. */
  readonly endsFile: boolean;
  /** Why the piece cannot be a record, where that is known without reading it. */
  readonly reason?: string;
}

/**
 * Bytes beyond which a piece is not gathered any further, so that a bracket or a quote that is never
 * closed does not put the rest of the file into memory.
 */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/** What is reported for a piece beyond `MAX_RECORD_BYTES`. */
export const TOO_LONG =
  "record must be at most 32 MiB long, got more: a quote or a bracket before it may never be closed";
