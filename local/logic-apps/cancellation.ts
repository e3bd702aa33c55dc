/** Ends waiting early: of a whole run, or of one action within it. */
export class Cancellation {
  private readonly listeners = new Set<(reason: Error) => void>();
  private cancelledBy: Error | undefined;

  /** Why it was cancelled; `undefined` while it was not. */
  get reason(): Error | undefined {
    return this.cancelledBy;
  }

  /** Rejects whatever waits now or later with the reason; only the first call counts. */
  cancel(reason: Error): void {
    if (this.cancelledBy) {
      return;
    }
    this.cancelledBy = reason;
    for (const listener of this.listeners) {
      listener(reason);
    }
  }

  /** Throws the reason once it was cancelled. */
  throwIfCancelled(): void {
    if (this.cancelledBy) {
      throw this.cancelledBy;
    }
  }

  /** Calls the listener on cancellation; the returned function takes it back. */
  onCancel(listener: (reason: Error) => void): () => void {
    if (this.cancelledBy) {
      listener(this.cancelledBy);
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Waits for the work or the cancellation. A promise of the cancellation itself, raced again and
   * again, would keep the results of all races until the end of the run.
   */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.onCancel(reject);
      work.then(
        (value) => {
          forget();
          resolve(value);
        },
        (error: Error) => {
          forget();
          reject(error);
        },
      );
    });
  }
}
