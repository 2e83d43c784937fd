import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema, SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { errnoOf } from "../../content/atomic-file.ts";
import type { Image, ImageStore, Lease } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";

/** Images of one session. */
const MAX_IMAGES = 512;
/** Names of one session, digests that registries gave included. */
const MAX_NAMES = 2048;

const bookSchema = z.object({
  images: z.array(
    z.object({
      id: digestSchema,
      manifest: digestSchema,
      /** When a name was put on the image last, milliseconds since the epoch; 0 for never. */
      taggedAt: z.number().int().nonnegative(),
      /** The image that a commit made it of; null where nobody knows. */
      parent: digestSchema.nullable().default(null),
    }),
  ),
  /** `docker.io/library/node:latest` or `docker.io/library/node@sha256:…` → image id. */
  names: z.record(z.string(), digestSchema),
});
type Written = z.infer<typeof bookSchema>;

export interface BookedImage {
  readonly id: Digest;
  readonly manifest: Digest;
  readonly taggedAt: number;
  readonly parent: Digest | null;
  /** `docker.io/library/node:latest`, sorted. */
  readonly tags: readonly string[];
  /** `docker.io/library/node@sha256:…`, sorted. */
  readonly digests: readonly string[];
}

/**
 * What one session calls images: its names and the ids of what it has, in a file of its own, so that no session sees another
 * one's. The images themselves are in the worker's store, once for all; a lease keeps them there for as long as they are in
 * the book. Changes are synchronous and whole: a kill leaves the book before or the book after.
 */
export class ImageBook {
  readonly #file: string;
  readonly #store: ImageStore;
  #lease: Lease;
  readonly #images = new Map<Digest, Omit<Written["images"][number], "id">>();
  readonly #names = new Map<string, Digest>();

  private constructor(file: string, store: ImageStore) {
    this.#file = file;
    this.#store = store;
    this.#lease = store.lease("held");
  }

  /** Opens the book of a session; `isNew` is true where nobody had written one. */
  static async open(directory: string, store: ImageStore): Promise<{ book: ImageBook; isNew: boolean }> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const book = new ImageBook(path.join(directory, "images.json"), store);
    return { book, isNew: !book.#read() };
  }

  /** Lets go of all images. The file stays; it goes with its directory. */
  close(): void {
    this.#lease.release();
  }

  list(): BookedImage[] {
    return [...this.#images.keys()].map((id) => this.#booked(id));
  }

  has(id: Digest): boolean {
    return this.#images.has(id);
  }

  /** The image that the store has for an id of the book. */
  async image(id: Digest): Promise<Image> {
    const entry = this.#images.get(id);
    const image = entry && (await this.#store.get(entry.manifest));
    if (!image) throw new SlipwayError("image-missing", `The image ${id} is not on this worker any more.`);
    return image;
  }

  get(id: Digest): BookedImage | null {
    return this.#images.has(id) ? this.#booked(id) : null;
  }

  /** The id that a full name means: with a tag, or with a digest that a registry gave. */
  named(full: string): Digest | null {
    return this.#names.get(full) ?? null;
  }

  /** Takes an image into the book, with or without a name; a name that meant something else moves. */
  add(
    image: Pick<Image, "digest" | "imageId">,
    names: readonly string[] = [],
    parent: Digest | null = null,
  ): BookedImage {
    const known = this.#images.get(image.imageId);
    const added = names.filter((name) => !this.#names.has(name)).length;
    if ((!known && this.#images.size >= MAX_IMAGES) || this.#names.size + added > MAX_NAMES) {
      throw new SlipwayError("store-full", "This session has as many images and names as it may.");
    }
    this.#images.set(image.imageId, {
      // One id may come with several manifests; the first one keeps the files.
      manifest: known?.manifest ?? image.digest,
      taggedAt: names.length > 0 ? Date.now() : (known?.taggedAt ?? 0),
      parent: parent ?? known?.parent ?? null,
    });
    for (const name of names) this.#names.set(name, image.imageId);
    this.#lease.hold(image.digest);
    this.#write();
    return this.#booked(image.imageId);
  }

  /** Takes a name away; the image stays. False where there is no such name. */
  untag(full: string): boolean {
    const removed = this.#names.delete(full);
    if (removed) this.#write();
    return removed;
  }

  /** Takes an image with all its names out of the book. */
  remove(id: Digest): void {
    this.#images.delete(id);
    for (const [name, named] of this.#names) if (named === id) this.#names.delete(name);
    this.#write();
    // A lease lets go of everything only: what is left is held by a new one before that.
    const former = this.#lease;
    this.#holdAll();
    former.release();
  }

  #booked(id: Digest): BookedImage {
    const entry = this.#images.get(id);
    if (!entry) throw new SlipwayError("internal", `The image ${id} is not in the book.`);
    const names = [...this.#names].filter(([, named]) => named === id).map(([name]) => name);
    const isDigest = (name: string): boolean => parseReference(name).digest !== null;
    return {
      id,
      ...entry,
      tags: names.filter((name) => !isDigest(name)).sort(),
      digests: names.filter(isDigest).sort(),
    };
  }

  #holdAll(): void {
    this.#lease = this.#store.lease("held");
    for (const { manifest } of this.#images.values()) this.#lease.hold(manifest);
  }

  /** False where there is no book, or one that can't be read: names are lost then, images are not. */
  #read(): boolean {
    let written: Written;
    try {
      written = bookSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError)
        return false;
      throw error;
    }
    for (const { id, ...entry } of written.images) this.#images.set(id, entry);
    for (const [name, id] of Object.entries(written.names)) {
      if (this.#images.has(id)) this.#names.set(name, id);
    }
    this.#holdAll();
    return true;
  }

  #write(): void {
    const written: Written = {
      images: [...this.#images].map(([id, entry]) => ({ id, ...entry })),
      names: Object.fromEntries(this.#names),
    };
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.partial`, JSON.stringify(written), { mode: 0o600 });
    renameSync(`${this.#file}.partial`, this.#file);
  }
}
