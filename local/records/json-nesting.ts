const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Follows JSON byte by byte and knows whether it is inside a value; never looks at what is valid. */
export class JsonNesting {
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** Whether a bracket, a brace or a string is open. */
  get isOpen(): boolean {
    return this.inString || this.depth > 0;
  }

  read(byte: number): void {
    if (this.inString) {
      if (this.escaped) {
        this.escaped = false;
      } else if (byte === BACKSLASH) {
        this.escaped = true;
      } else if (byte === QUOTE) {
        this.inString = false;
      }
    } else if (byte === QUOTE) {
      this.inString = true;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      this.depth++;
    } else if ((byte === CLOSING_BRACE || byte === CLOSING_BRACKET) && this.depth > 0) {
      this.depth--;
    }
  }
}
