import type { Digest, RegistryCredential } from "@slipway/protocol";
import type { ImageTransfer } from "../../image-store/image-transfer.ts";
import { parseReference, type Reference } from "../../image-store/reference.ts";
import { EngineError } from "../engine-error.ts";
import { bareName, digestName, readReference } from "./image-lookup.ts";
import { LayerLines, type Tell } from "./progress-lines.ts";
import type { SessionImages } from "./session-images.ts";

/** Tags of one push. */
const MOST_TAGS = 64;

export interface PushRequest {
  /** Repository as people write it. */
  readonly name: string;
  /** "" for all tags of the repository. */
  readonly tag: string;
  readonly credentials: readonly RegistryCredential[];
  readonly signal: AbortSignal;
}

/** Sends the session's image of a name to its registry, and tells what Docker tells. */
export async function pushImage(
  transfer: ImageTransfer,
  images: SessionImages,
  request: PushRequest,
  tell: Tell,
): Promise<void> {
  const { name, tag } = request;
  const repository = readReference(name);
  const references =
    tag === "" ? tagsOf(images, repository) : [readReference(`${bareName(repository)}:${tag}`)];
  const found = references.map((reference) => {
    const id = images.book.named(reference.full);
    if (id === null) {
      throw new EngineError(404, `An image does not exist locally with the tag: ${bareName(reference)}`);
    }
    return { reference, id };
  });
  tell({ status: `The push refers to repository [${repository.domain}/${repository.repository}]` });
  for (const { reference, id } of found) await pushOne(transfer, images, { ...request, reference, id }, tell);
}

async function pushOne(
  transfer: ImageTransfer,
  images: SessionImages,
  request: PushRequest & { readonly reference: Reference; readonly id: Digest },
  tell: Tell,
): Promise<void> {
  const { reference, id, credentials, signal } = request;
  const image = await images.book.image(id);
  const lines = new LayerLines("push", tell);
  const pushed = await transfer.push(reference.full, {
    image: image.digest,
    credentials,
    onProgress: lines.update,
    signal,
  });
  images.keep(image, [digestName(reference, pushed.digest)], "push");
  const tag = reference.tag ?? "latest";
  tell({ status: `${tag}: digest: ${pushed.digest} size: ${pushed.manifestBytes}` });
  tell({ progressDetail: {}, aux: { Tag: tag, Digest: pushed.digest, Size: pushed.manifestBytes } });
}

function tagsOf(images: SessionImages, { domain, repository }: Reference): Reference[] {
  const tags = images.book.list().flatMap((image) => image.tags.map(parseReference));
  const own = tags.filter((other) => other.domain === domain && other.repository === repository);
  if (own.length === 0) {
    const shown = bareName(readReference(`${domain}/${repository}`));
    throw new EngineError(404, `An image does not exist locally with the tag: ${shown}`);
  }
  if (own.length > MOST_TAGS)
    throw new EngineError(400, `More than ${MOST_TAGS} tags are not pushed at once.`);
  return own;
}
