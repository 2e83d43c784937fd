import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import {
  type Digest,
  type ImageLayer,
  imageLayerSchema,
  type LayerEntry,
  layerEntrySchema,
  SlipwayError,
  type WastedFile,
  wastedFileSchema,
} from "@slipway/protocol";
import { z } from "zod";
import { errnoOf, writeFileAtomically } from "../content/atomic-file.ts";
import { hexOf } from "../content/digest.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { nextChainId } from "./chain-id.ts";
import { EntryFileWriter, readEntries } from "./entry-file.ts";
import type { EntryPage, Image } from "./image-store.ts";
import { parseJson } from "./index-file.ts";
import { emptyTotals, layerChanges } from "./layer-changes.ts";
import { walkLayer } from "./layer-walk.ts";
import { WorstLosses } from "./worst-losses.ts";

/** Paths that are looked at before other work of the process gets its turn; some milliseconds. */
export const PATHS_PER_TURN = 100;
/** Entries of one page at most. */
export const MAX_PAGE_ENTRIES = 1000;
const MAX_INSTRUCTION_CHARACTERS = 4096;

const totalsSchema = z.object({
  layers: z.array(imageLayerSchema.omit({ diffId: true, createdBy: true })),
  wasted: z.array(wastedFileSchema),
});
type Totals = z.infer<typeof totalsSchema>;

export interface LayerViewOptions {
  /** Owned by the view. What is in it is made again when it is gone. */
  readonly directory: string;
  readonly snapshotter: Snapshotter;
}

/**
 * What the layers of images do, from their unpacked files. It is worked out once for an image, on demand, into files:
 * `<chainID>.entries` for a layer on those below it, `<chainID>.totals` for all layers of an image.
 */
export class LayerView {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #snapshotter: Snapshotter;
  readonly #running = new Map<string, Promise<Totals>>();

  private constructor(options: LayerViewOptions) {
    this.#directory = options.directory;
    this.#temporary = path.join(options.directory, "half");
    this.#snapshotter = options.snapshotter;
  }

  static async open(options: LayerViewOptions): Promise<LayerView> {
    const view = new LayerView(options);
    await rm(view.#temporary, { recursive: true, force: true });
    await mkdir(view.#temporary, { recursive: true, mode: 0o700 });
    return view;
  }

  async layers(image: Image): Promise<ImageLayer[]> {
    const { layers: totals } = await this.#totals(image);
    const instructions = instructionsOf(image);
    return image.layers.map(({ diffId }, index) => {
      const own = totals[index] ?? emptyTotals();
      return { ...own, diffId, createdBy: (instructions[index] ?? "").slice(0, MAX_INSTRUCTION_CHARACTERS) };
    });
  }

  /** Files of which copies are in the image that nobody sees, the worst first. */
  async wasted(image: Image): Promise<WastedFile[]> {
    return (await this.#totals(image)).wasted;
  }

  async entries(image: Image, layer: number, { after, limit }: EntryPage): Promise<LayerEntry[]> {
    const file = (await this.entryFiles(image, layer)).at(-1) as string;
    return await readEntries(file, layerEntrySchema, after, Math.min(limit, MAX_PAGE_ENTRIES));
  }

  /** The lists of entries of all layers up to this one. */
  async entryFiles(image: Image, layer: number): Promise<string[]> {
    const chains = chainOf(image).slice(0, layer + 1);
    if (chains.length !== layer + 1) throw noLayer(layer);
    await this.#totals(image);
    return chains.map((chain) => this.#file(chain, "entries"));
  }

  /** Removes the files of snapshots that are not among these. */
  async keepOnly(snapshots: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const hex = /^([0-9a-f]{64})\./.exec(name)?.[1];
      if (hex === undefined || snapshots.has(`sha256:${hex}`) || this.#running.has(`sha256:${hex}`)) continue;
      await rm(path.join(this.#directory, name), { force: true });
    }
  }

  async #totals(image: Image): Promise<Totals> {
    const chains = chainOf(image);
    const top = chains.at(-1);
    if (top === undefined) return { layers: [], wasted: [] };
    const known = await this.#known(chains, top);
    if (known) return known;
    const running = this.#running.get(top);
    if (running !== undefined) return await running;
    const started = this.#workOut(chains, top).finally(() => this.#running.delete(top));
    this.#running.set(top, started);
    return await started;
  }

  async #known(chains: readonly Digest[], top: Digest): Promise<Totals | null> {
    const names = new Set(await readdir(this.#directory));
    if (!chains.every((chain) => names.has(`${hexOf(chain)}.entries`))) return null;
    try {
      const text = await readFile(this.#file(top, "totals"), "utf8");
      return totalsSchema.safeParse(parseJson(text)).data ?? null;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return null;
      throw error;
    }
  }

  async #workOut(chains: readonly Digest[], top: Digest): Promise<Totals> {
    const directories = (await this.#snapshotter.layers(top)).reverse();
    const layers = directories.map(emptyTotals);
    const losses = new WorstLosses();
    const writers: EntryFileWriter[] = [];
    try {
      for (const chain of chains) {
        writers.push(await EntryFileWriter.open(this.#file(chain, "entries"), this.#temporary));
      }
      let paths = 0;
      for (const change of layerChanges(directories.map(walkLayer), layers, losses)) {
        if (change) await writers[change.layer]?.write(change.entry);
        else if (++paths % PATHS_PER_TURN === 0) await turn();
      }
      for (const writer of writers) await writer.commit();
    } catch (error) {
      await Promise.all(writers.map((writer) => writer.abandon()));
      throw error;
    }
    const totals = { layers, wasted: losses.worst() };
    await writeFileAtomically(this.#file(top, "totals"), JSON.stringify(totals), this.#temporary);
    return totals;
  }

  #file(chain: Digest, kind: "entries" | "totals"): string {
    return path.join(this.#directory, `${hexOf(chain)}.${kind}`);
  }
}

/** chainIDs of all layers, the lowest first. */
export function chainOf(image: Pick<Image, "layers">): Digest[] {
  const chains: Digest[] = [];
  for (const { diffId } of image.layers) chains.push(nextChainId(chains.at(-1) ?? null, diffId));
  return chains;
}

/** What made each layer: history entries that made none are left out (config.md of the OCI image spec, "history"). */
function instructionsOf({ config }: Image): string[] {
  return (config.history ?? [])
    .filter((entry) => entry.empty_layer !== true)
    .map((entry) => entry.created_by ?? entry.comment ?? "");
}

export function noLayer(layer: number): SlipwayError {
  return new SlipwayError("request-invalid", `The image has no layer ${layer}.`, { params: { layer } });
}
