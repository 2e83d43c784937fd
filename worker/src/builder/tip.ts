import type { ActiveSnapshot, Snapshotter, Staging } from "../snapshot/snapshotter.ts";

/**
 * The files that a stage has at one point: a committed snapshot, or the snapshot of a step whose work is done while its
 * layer is still being made. The next step can be put on both.
 */
export class Tip {
  /** Name of the committed snapshot, null for no files; undefined until there is one. */
  #name: string | null | undefined;
  readonly #key: string | null;
  /** Resolves with the committed snapshot's name; rejects when the layer could not be made. */
  readonly settled: Promise<string | null>;

  private constructor(name: string | null | undefined, key: string | null, settled: Promise<string | null>) {
    this.#name = name;
    this.#key = key;
    this.settled = settled;
  }

  static committed(name: string | null): Tip {
    return new Tip(name, null, Promise.resolve(name));
  }

  /** Of the active snapshot `key`, which nobody writes any more, until it is committed. */
  static pending(key: string, settled: Promise<string | null>): Tip {
    const tip = new Tip(undefined, key, settled);
    settled.then(
      (name) => {
        tip.#name = name;
      },
      // Whoever needs the layer hears of it by `settled` itself.
      () => {},
    );
    return tip;
  }

  /** Undefined while it is pending. */
  get name(): string | null | undefined {
    return this.#name;
  }

  /** True if both are the very same files. */
  is(other: Tip): boolean {
    return this === other || (this.#name !== undefined && this.#name === other.#name);
  }

  /** An empty active snapshot on top, which `staging` belongs to in any case. */
  async prepare(snapshotter: Snapshotter, key: string, staging?: Staging): Promise<ActiveSnapshot> {
    const below = this.#key;
    // Looked up in the same turn: it may have been committed a moment ago.
    if (this.#name === undefined && below !== null && snapshotter.activeKeys().includes(below))
      return await snapshotter.stack(key, below, staging);
    let parent: string | null;
    try {
      parent = await this.settled;
    } catch (error) {
      await staging?.release();
      throw error;
    }
    return await snapshotter.prepare(key, parent, staging);
  }
}
