/** Pieces of work one after the other, each to its end, whether the one before failed or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all that was taken so far is through. Never rejects. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
