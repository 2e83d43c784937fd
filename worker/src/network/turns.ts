/** Steps of one name, one after the other, so that a removal and a creation never overlap; other names don't wait. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, step: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.then(step, step);
    const settled = result.then(
      () => {},
      () => {},
    );
    this.#last.set(name, settled);
    void settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    });
    return result;
  }
}
