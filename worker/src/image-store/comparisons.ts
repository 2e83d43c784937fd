import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { type ImageComparison, type ImageDifference, imageDifferenceSchema } from "@slipway/protocol";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { EntryFileWriter, readEntries } from "./entry-file.ts";
import { imageDifferences } from "./image-differences.ts";
import type { EntryPage, Image } from "./image-store.ts";
import { PATHS_PER_TURN } from "./layer-view.ts";

/** Comparisons whose lists are kept, the ones used last. */
const KEPT_COMPARISONS = 32;

export interface ComparisonsOptions {
  /** Owned by this; emptied when it is opened. */
  readonly directory: string;
  readonly snapshotter: Snapshotter;
}

/** What differs between two images, worked out once for as long as it is among the last that were asked for. */
export class Comparisons {
  readonly #options: ComparisonsOptions;
  readonly #known = new Map<
    string,
    { readonly file: string; readonly comparison: Promise<ImageComparison> }
  >();
  #made = 0;

  private constructor(options: ComparisonsOptions) {
    this.#options = options;
  }

  static async open(options: ComparisonsOptions): Promise<Comparisons> {
    await rm(options.directory, { recursive: true, force: true });
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    return new Comparisons(options);
  }

  async compare(before: Image, after: Image): Promise<ImageComparison> {
    return await this.#comparisonOf(before, after).comparison;
  }

  /** What differs after a path, in the order of lists of entries. */
  async differences(
    before: Image,
    after: Image,
    { after: last, limit }: EntryPage,
  ): Promise<ImageDifference[]> {
    const { file, comparison } = this.#comparisonOf(before, after);
    await comparison;
    return await readEntries(file, imageDifferenceSchema, last, limit);
  }

  #comparisonOf(before: Image, after: Image) {
    const key = `${before.snapshot} ${after.snapshot}`;
    const known = this.#known.get(key);
    this.#known.delete(key);
    const entry = known ?? this.#begin(before, after);
    this.#known.set(key, entry);
    if (known === undefined) {
      entry.comparison.catch(() => this.#known.delete(key));
      this.#forgetOldest();
    }
    return entry;
  }

  #begin(before: Image, after: Image) {
    this.#made += 1;
    const file = path.join(this.#options.directory, `${this.#made}.differences`);
    return { file, comparison: this.#workOut(before, after, file) };
  }

  #forgetOldest(): void {
    for (const [key, { file }] of this.#known) {
      if (this.#known.size <= KEPT_COMPARISONS) return;
      this.#known.delete(key);
      void rm(file, { force: true });
    }
  }

  async #workOut(before: Image, after: Image, file: string): Promise<ImageComparison> {
    const layers = { before: await this.#directories(before), after: await this.#directories(after) };
    const writer = await EntryFileWriter.open(file, this.#options.directory);
    try {
      const differences = imageDifferences(layers);
      for (let paths = 1; ; paths += 1) {
        const { done, value } = await differences.next();
        if (done) {
          await writer.commit();
          return value;
        }
        if (value) await writer.write(value);
        if (paths % PATHS_PER_TURN === 0) await turn();
      }
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  async #directories({ snapshot }: Image): Promise<string[]> {
    return snapshot === null ? [] : (await this.#options.snapshotter.layers(snapshot)).reverse();
  }
}
