import { type Digest, SlipwayError } from "@slipway/protocol";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { chainOf } from "../../image-store/layer-view.ts";
import type { HostEvents } from "../../session/host-events.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import type { Filters } from "../query-values.ts";
import type { BookedImage, ImageBook } from "./image-book.ts";
import { filteredImages, LIST_FILTERS, type Listed, PRUNE_FILTERS } from "./image-filters.ts";
import { historyJson, inspectJson, summaryJson } from "./image-json.ts";
import { bookName, findImage, needImage, readReference } from "./image-lookup.ts";
import type { ImageUsers } from "./image-users.ts";
import { pruneImages, type Removed, removeImage } from "./remove-image.ts";

export interface SessionImagesParts {
  readonly book: ImageBook;
  readonly store: ImageStore;
  readonly events: Pick<HostEvents, "tell">;
  readonly users: ImageUsers;
}

export interface ListOptions {
  readonly filters: Filters;
  /** Works out what images have in common. */
  readonly sharedSize: boolean;
  /** Minor version of the API. */
  readonly minor: number;
}

/** What all images of one session may take, layers that they share counted once. */
const MOST_LAYER_BYTES = 24 * 1024 ** 3;

/** Images as one session knows them: what a docker client may ask about them. */
export class SessionImages {
  readonly #parts: SessionImagesParts;

  constructor(parts: SessionImagesParts) {
    this.#parts = parts;
  }

  get book(): ImageBook {
    return this.#parts.book;
  }

  /** The image that a name or an id means, or null. */
  async find(text: string): Promise<{ readonly booked: BookedImage; readonly image: Image } | null> {
    const booked = findImage(this.book, text);
    return booked && { booked, image: await this.book.image(booked.id) };
  }

  /** As `find`, with Docker's 404. */
  async need(text: string): Promise<{ readonly booked: BookedImage; readonly image: Image }> {
    const booked = needImage(this.book, text);
    return { booked, image: await this.book.image(booked.id) };
  }

  /** All images, the newest first. */
  async all(): Promise<Listed[]> {
    const listed = await Promise.all(
      this.book.list().map(async (booked) => {
        // What the worker lost, such as by a repair of its disk, is not listed.
        const image = await this.book.image(booked.id).catch(() => null);
        return image ? [{ booked, image }] : [];
      }),
    );
    return listed.flat().sort((left, right) => created(right).localeCompare(created(left)));
  }

  async list(options: ListOptions): Promise<object[]> {
    const filters = new FilterSet(options.filters, LIST_FILTERS);
    const all = await this.all();
    const shared = options.sharedSize ? sharedBytes(all) : null;
    const shown = await filteredImages(all, filters, this.book);
    return shown.map(({ booked, image }) =>
      summaryJson(booked, image, {
        minor: options.minor,
        sharedBytes: shared?.get(booked.id) ?? -1,
        containers: options.sharedSize ? this.#parts.users(booked.id).length : -1,
      }),
    );
  }

  async inspect(text: string, minor: number): Promise<object> {
    const { booked, image } = await this.need(text);
    return inspectJson(booked, image, minor);
  }

  async history(text: string): Promise<object[]> {
    const { booked, image } = await this.need(text);
    return historyJson(booked, image, await this.#parts.store.view.layers(image));
  }

  /** One more name for an image; a name that meant another one moves. */
  tag(text: string, repository: string, tag: string): void {
    const image = needImage(this.book, text);
    const reference = readReference(tag === "" ? repository : `${repository}:${tag}`);
    if (reference.digest !== null)
      throw new EngineError(400, "refusing to create a tag with a digest reference");
    this.book.add({ imageId: image.id, digest: image.manifest }, [reference.full]);
    this.#tell("tag", image.id, reference.familiar);
  }

  /** Takes in what was built, loaded or committed, under names that have been checked. */
  keep(
    image: Image,
    names: readonly string[],
    action: string | null = null,
    parent: Digest | null = null,
  ): BookedImage {
    const booked = this.book.add(image, names, parent);
    for (const name of names) this.#tell("tag", image.imageId, readReference(name).familiar);
    if (action !== null) this.#tell(action, image.imageId, image.imageId);
    return booked;
  }

  async remove(text: string, force: boolean): Promise<Removed[]> {
    return await removeImage(this.#parts, text, force);
  }

  async prune(filters: Filters): Promise<object> {
    return await pruneImages(this.#parts, await this.all(), new FilterSet(filters, PRUNE_FILTERS));
  }

  /** Bytes that further images of the session may take. Throws `store-full` where there are none. */
  async room(): Promise<number> {
    const left = MOST_LAYER_BYTES - (await this.layerBytes());
    if (left > 0) return left;
    throw new SlipwayError("store-full", "The images of this session take as much room as they may.");
  }

  /** Bytes of all layers that the session's images have, each once. */
  async layerBytes(): Promise<number> {
    const layers = new Map<Digest, number>();
    for (const { image } of await this.all())
      for (const { diffId, sizeBytes } of image.layers) layers.set(diffId, sizeBytes);
    return [...layers.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The image of the book under exactly this name, for builds. */
  async named(reference: string): Promise<Image | null> {
    const id = this.book.named(bookName(readReference(reference)));
    return id === null ? null : await this.book.image(id);
  }

  #tell(action: string, id: Digest, name: string): void {
    this.#parts.events.tell({ type: "image", action, id, attributes: { name } });
  }
}

const created = ({ image }: Listed): string => image.config.created ?? "";

/** Bytes of the layers that another image of the session stands on too, by image id. */
function sharedBytes(images: readonly Listed[]): Map<Digest, number> {
  const owners = new Map<string, number>();
  for (const { image } of images)
    for (const chain of chainOf(image)) owners.set(chain, (owners.get(chain) ?? 0) + 1);
  return new Map(
    images.map(({ booked, image }) => {
      const chains = chainOf(image);
      const bytes = image.layers.reduce(
        (sum, layer, index) => ((owners.get(chains[index] ?? "") ?? 0) > 1 ? sum + layer.sizeBytes : sum),
        0,
      );
      return [booked.id, bytes] as const;
    }),
  );
}
