import { type PulledLayer, SlipwayError } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import { parseReference, type Reference } from "../image-store/reference.ts";
import type { BuildJob } from "./build-run.ts";
import type { BuilderOptions } from "./builder.ts";
import type { OwnImages } from "./own-build.ts";

/** Repository of the images that builds of playgrounds give: docker.io/slipway/<playground id>. */
export const PLAYGROUND_REPOSITORY = "slipway/";
/** Names that a map may lead through. */
const MAX_NAMES = 8;
/** Errors of a pull that say all there is to say; any other makes the search go on. */
const FINAL_ERRORS = new Set([
  "image-invalid",
  "image-too-large",
  "platform-missing",
  "registry-address-refused",
  "disk-full",
  "store-full",
]);

/** Who is told how a base image comes here. */
export interface BaseImageReport {
  /** Without newline. */
  line(text: string): void;
  pull(reference: string, layers: readonly PulledLayer[]): void;
}

/** In whose name images are looked for. */
export interface FinderJob extends Pick<BuildJob, "recordName" | "pull" | "registryCredentials"> {
  readonly images: OwnImages | null;
}

const NOBODY: BaseImageReport = { line: () => {}, pull: () => {} };

/**
 * Finds the images that one build starts from: on this worker, then in a registry, then by a recipe, then by the operator's
 * map of names. Each name is looked for once a build.
 */
export class BaseImageFinder {
  readonly #job: FinderJob;
  readonly #parts: Pick<BuilderOptions, "imageStore" | "transfer" | "baseImages">;
  readonly #signal: AbortSignal;
  readonly #found = new Map<string, Promise<Image>>();

  constructor(
    job: FinderJob,
    parts: Pick<BuilderOptions, "imageStore" | "transfer" | "baseImages">,
    signal: AbortSignal,
  ) {
    this.#job = job;
    this.#parts = parts;
    this.#signal = signal;
  }

  /** The image that may be used without asking anybody; null also where a newer one is to be asked for. */
  async local(written: string): Promise<Image | null> {
    const reference = read(written);
    return this.#noted(reference, await this.#local(reference));
  }

  async #local(reference: Reference): Promise<Image | null> {
    if (isOfPlayground(reference)) {
      const isOwn = reference.repository === PLAYGROUND_REPOSITORY + this.#job.recordName;
      return isOwn && reference.digest === null ? await this.#parts.imageStore.resolve(reference.full) : null;
    }
    if (this.#job.pull && this.#parts.transfer !== null) return null;
    return (await this.#job.images?.find(reference.full)) ?? (await this.#stored(reference));
  }

  /** Rejects with `base-image-missing`, which says what was tried, and with errors of a pull or a recipe. */
  async get(written: string, report: BaseImageReport = NOBODY): Promise<Image> {
    const { full } = read(written);
    let found = this.#found.get(full);
    if (!found) {
      found = this.#find(written, report).then((image) => this.#noted(read(written), image));
      this.#found.set(full, found);
    }
    return await found;
  }

  async #find(written: string, report: BaseImageReport): Promise<Image> {
    const { baseImages } = this.#parts;
    const tried: string[] = ["images on this worker"];
    let name = written;
    for (let step = 0; step < MAX_NAMES; step += 1) {
      const reference = read(name);
      const local = await this.#local(reference);
      if (local) return local;
      if (isOfPlayground(reference)) break;
      const pulled = await this.#pull(reference, tried, report);
      if (pulled) return pulled;
      const older = this.#job.pull ? await this.#older(reference) : null;
      if (older) {
        report.line(`${reference.familiar} could not be had anew; the one on this worker is used.`);
        return older;
      }
      // What is private, or only known by its digest, may not come out of the store by another way; recipes have names.
      const isOpen = reference.digest === null && !this.#parts.imageStore.isPrivate(reference.full);
      const made = isOpen ? await baseImages.ensure(name, (line) => report.line(line), this.#signal) : null;
      if (made) return made;
      const target = await baseImages.mapped(name, () => {});
      if (target === null) break;
      tried.push(`${target}, to which this worker's map of images leads`);
      name = target;
    }
    tried.push(`images that it can make (${baseImages.names.join(", ")})`);
    throw missing(written, tried);
  }

  async #older(reference: Reference): Promise<Image | null> {
    return (await this.#job.images?.find(reference.full)) ?? (await this.#stored(reference));
  }

  /** Tells whose build it is that it stands on an image of the worker. */
  #noted<Found extends Image | null>(reference: Reference, image: Found): Found {
    if (image !== null) this.#job.images?.found(reference.full, image);
    return image;
  }

  /** An image of the store under this name, unless it is somebody's own. */
  async #stored(reference: Reference): Promise<Image | null> {
    const { imageStore } = this.#parts;
    if (imageStore.isPrivate(reference.full)) return null;
    if (reference.digest === null) return await imageStore.resolve(reference.full);
    return (await this.#isNamed(reference)) ? await imageStore.resolve(reference.full) : null;
  }

  /** A digest alone proves no right to an image: it has to be that of an image with the same repository. */
  async #isNamed({ domain, repository, digest }: Reference): Promise<boolean> {
    const { imageStore } = this.#parts;
    for (const name of await imageStore.list()) {
      const other = parseReference(name);
      if (other.domain !== domain || other.repository !== repository) continue;
      if (other.digest === digest || imageStore.pulled(name)?.source === digest) return true;
      if ((await imageStore.resolve(name))?.digest === digest) return true;
    }
    return false;
  }

  async #pull(reference: Reference, tried: string[], report: BaseImageReport): Promise<Image | null> {
    const { transfer } = this.#parts;
    if (!transfer) return null;
    try {
      return await transfer.pull(reference.full, {
        credentials: this.#job.registryCredentials,
        onProgress: (layers) => report.pull(reference.familiar, layers),
        signal: this.#signal,
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof SlipwayError) || FINAL_ERRORS.has(error.code)) throw error;
      tried.push(`a pull of ${reference.familiar} (${error.message.slice(0, 1000)})`);
      return null;
    }
  }
}

const isOfPlayground = ({ domain, repository }: Reference): boolean =>
  domain === "docker.io" && repository.startsWith(PLAYGROUND_REPOSITORY);

function read(written: string): Reference {
  try {
    return parseReference(written);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    throw new SlipwayError("dockerfile-invalid", error.message, { params: error.params, cause: error });
  }
}

function missing(written: string, tried: readonly string[]): SlipwayError {
  const reference = written.slice(0, 1000);
  const all = tried.join("; ");
  return new SlipwayError("base-image-missing", `There is no image "${reference}". Tried: ${all}.`, {
    params: { reference, tried: all.slice(0, 4000) },
  });
}
