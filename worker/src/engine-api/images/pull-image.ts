import { type RegistryCredential, SlipwayError } from "@slipway/protocol";
import { BaseImageFinder } from "../../builder/base-image.ts";
import type { BaseImages } from "../../builder/builder.ts";
import { ARCHITECTURE } from "../../builder/platform.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import type { ImageTransfer } from "../../image-store/image-transfer.ts";
import type { Reference } from "../../image-store/reference.ts";
import { isPlatform } from "../asked-platform.ts";
import { EngineError } from "../engine-error.ts";
import { bareName, digestName, readReference } from "./image-lookup.ts";
import { LayerLines, shortId, type Tell } from "./progress-lines.ts";
import type { SessionImages } from "./session-images.ts";

export interface PullParts {
  readonly store: ImageStore;
  readonly transfer: ImageTransfer;
  readonly baseImages: BaseImages;
}

export interface PullRequest {
  /** As people write it, with a tag or a digest or neither. */
  readonly name: string;
  /** `linux/amd64`; "" for this machine's own. */
  readonly platform: string;
  readonly credentials: readonly RegistryCredential[];
  readonly signal: AbortSignal;
}

/**
 * Brings an image into the session's book, and tells what Docker tells. What the worker has costs a question to the registry
 * that it came from, and nothing where it was made here; a registry that can't be asked leaves what is here.
 */
export async function pullImage(
  parts: PullParts,
  images: SessionImages,
  request: PullRequest,
  tell: Tell,
): Promise<void> {
  const reference = readReference(request.name);
  checkPlatform(request.platform, reference);
  await images.room();
  const before = images.book.named(reference.full);
  const story = new PullStory(reference, tell);
  // Whatever comes stays until it is in the book.
  const lease = parts.store.lease("used");
  try {
    const image = await findAnywhere(parts, reference, request, story);
    const source = parts.store.pulled(reference.full)?.source ?? image.digest;
    story.has(image);
    const digest = reference.digest ?? source;
    const names = reference.digest === null ? [reference.full] : [];
    images.keep(image, [...names, digestName(reference, digest)], "pull");
    story.end(digest, before !== image.imageId);
  } finally {
    lease.release();
  }
}

async function findAnywhere(
  { store, transfer, baseImages }: PullParts,
  reference: Reference,
  { credentials, signal }: PullRequest,
  story: PullStory,
): Promise<Image> {
  // Of playgrounds nobody has an image by name; see BaseImageFinder.
  const job = {
    recordName: "",
    pull: store.pulled(reference.full) !== null,
    registryCredentials: credentials,
    images: null,
  };
  const finder = new BaseImageFinder(job, { imageStore: store, transfer, baseImages }, signal);
  try {
    return await finder.get(reference.full, {
      line: (text) => story.line(text),
      pull: (_name, layers) => story.layers.update(layers),
    });
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "base-image-missing") throw error;
    const { domain, repository, tag } = reference;
    const hub = domain === "docker.io" && repository.startsWith("library/");
    const what = hub && tag !== null ? `manifest for ${reference.familiar} not found` : deniedTo(reference);
    throw new EngineError(404, `${what}: ${error.message}`, error);
  }
}

const deniedTo = (reference: Reference): string =>
  `pull access denied for ${bareName(reference)}, repository does not exist or may require 'docker login'`;

function checkPlatform(platform: string, { familiar }: Reference): void {
  if (isPlatform(platform, { os: "linux", architecture: ARCHITECTURE })) return;
  throw new EngineError(
    404,
    `no matching manifest for ${platform.slice(0, 100)} in the manifest list entries for ${familiar}: this worker runs linux/${ARCHITECTURE}`,
  );
}

/** What is told of one pull, in Docker's order: the repository, its layers, the digest, how it ended. */
class PullStory {
  readonly layers: LayerLines;
  readonly #reference: Reference;
  readonly #tell: Tell;
  #hasBegun = false;
  #hasLayers = false;

  constructor(reference: Reference, tell: Tell) {
    this.#reference = reference;
    this.#tell = tell;
    this.layers = new LayerLines("pull", (line) => {
      this.#begin();
      this.#hasLayers = true;
      tell(line);
    });
  }

  /** What the worker has to say of an image that it makes itself. */
  line(text: string): void {
    this.#begin();
    this.#tell({ status: text });
  }

  /** The layers of an image that was here as a whole. */
  has(image: Image): void {
    this.#begin();
    if (this.#hasLayers) return;
    for (const { digest } of image.layers)
      this.#tell({ status: "Already exists", progressDetail: {}, id: shortId(digest) });
  }

  end(digest: string, isNew: boolean): void {
    const { familiar } = this.#reference;
    this.#tell({ status: `Digest: ${digest}` });
    this.#tell({
      status: isNew
        ? `Status: Downloaded newer image for ${familiar}`
        : `Status: Image is up to date for ${familiar}`,
    });
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { repository, tag, digest } = this.#reference;
    this.#tell({ status: `Pulling from ${repository}`, id: tag ?? digest ?? "latest" });
  }
}
