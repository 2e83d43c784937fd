import type {
  DirectoryPage,
  FilePart,
  ImageComparison,
  ImageDifference,
  ImageLayer,
  LayerEntry,
  PathStep,
  SearchResult,
  WastedFile,
} from "@slipway/protocol";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Comparisons } from "./comparisons.ts";
import type { EntryPage, Image } from "./image-store.ts";
import { type DirectoryWindow, readDirectory } from "./layer-directory.ts";
import { readFilePart } from "./layer-file.ts";
import { chainOf, type LayerView, noLayer } from "./layer-view.ts";
import { pathHistory } from "./path-history.ts";
import { searchPaths } from "./path-search.ts";

/**
 * A look into images: what is in their layers, and which layer did what. Layers count from 0, the lowest. Nothing of it grows
 * with the image in memory, and while it lasts the image is held. A layer that is not there rejects with `request-invalid`.
 */
export interface ImageView {
  /** From the lowest up, each with the instruction that made it. Worked out at the first call, in seconds for a large image. */
  layers(image: Image): Promise<ImageLayer[]>;
  /** Files of which copies are in the image that nobody sees, the worst first. Worked out with `layers`. */
  wasted(image: Image): Promise<WastedFile[]>;
  /** What one layer does, each directory right before what is in it: at most `limit` entries after the path `after`. */
  entries(image: Image, layer: number, page: EntryPage): Promise<LayerEntry[]>;
  /** A part of a directory as of a layer; at once. Rejects with `file-missing`. */
  directory(image: Image, layer: number, path: string, window: DirectoryWindow): Promise<DirectoryPage>;
  /** What each layer did to a path; at once. Rejects with `file-missing` where none did. */
  history(image: Image, path: string): Promise<PathStep[]>;
  /** Paths that hold a text, as of a layer. Stands on what `layers` works out. */
  search(image: Image, layer: number, text: string, signal: AbortSignal): Promise<SearchResult>;
  /** A part of a regular file as of a layer; links are followed as a container would. Rejects with `file-missing`. */
  filePart(image: Image, layer: number, path: string, offset: number): Promise<FilePart>;
  /** What differs in the files of two images, in numbers. */
  compare(before: Image, after: Image): Promise<ImageComparison>;
  /** The same path by path: at most `limit` after the path `after`. */
  differences(before: Image, after: Image, page: EntryPage): Promise<ImageDifference[]>;
}

export interface ImageViewParts {
  readonly view: LayerView;
  readonly comparisons: Comparisons;
  readonly snapshotter: Snapshotter;
  /** Keeps images from being collected while work lasts. */
  readonly holding: <Result>(images: readonly Image[], work: () => Promise<Result>) => Promise<Result>;
}

export function createImageView({ view, comparisons, snapshotter, holding }: ImageViewParts): ImageView {
  /** Directories of the layers up to one, the lowest first. */
  const upTo = async (image: Image, layer: number): Promise<string[]> => {
    const chain = chainOf(image)[layer];
    if (chain === undefined) throw noLayer(layer);
    return (await snapshotter.layers(chain)).reverse();
  };
  return {
    layers: (image) => holding([image], () => view.layers(image)),
    wasted: (image) => holding([image], () => view.wasted(image)),
    entries: (image, layer, page) => holding([image], () => view.entries(image, layer, page)),
    directory: (image, layer, path, window) =>
      holding([image], async () => readDirectory(await upTo(image, layer), path, window)),
    history: (image, path) =>
      holding([image], async () => pathHistory(await upTo(image, image.layers.length - 1), path)),
    search: (image, layer, text, signal) =>
      holding([image], async () => searchPaths(await view.entryFiles(image, layer), text, signal)),
    filePart: (image, layer, path, offset) =>
      holding([image], async () => readFilePart((await upTo(image, layer)).reverse(), path, offset)),
    compare: (before, after) => holding([before, after], () => comparisons.compare(before, after)),
    differences: (before, after, page) =>
      holding([before, after], () => comparisons.differences(before, after, page)),
  };
}
