import { SlipwayError } from "@slipway/protocol";
import { tarIn } from "../../builder/local-archive.ts";
import { ARCHITECTURE } from "../../builder/platform.ts";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { MEDIA_TYPE_LAYER } from "../../oci/image-spec.ts";

/** Characters of a message. */
const MOST_MESSAGE_CHARACTERS = 4096;

export interface ImportOptions {
  readonly limitBytes: number;
  readonly message: string;
  readonly signal: AbortSignal;
}

/** An image of one layer, which is the tar (`docker import`); compressed ones are unpacked. The caller holds a lease. */
export async function importImage(
  { store, content }: { readonly store: ImageStore; readonly content: ContentStore },
  archive: AsyncIterable<Uint8Array>,
  { limitBytes, message, signal }: ImportOptions,
): Promise<Image> {
  let left = limitBytes;
  const bounded = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of tarIn(archive)) {
      left -= chunk.byteLength;
      if (left < 0)
        throw new SlipwayError("image-too-large", "The image takes more room than the session has.");
      yield chunk;
    }
  };
  const { digest, sizeBytes } = await content.ingest(bounded(), { limitBytes, signal });
  const layer = { digest, diffId: digest, sizeBytes, mediaType: MEDIA_TYPE_LAYER };
  await store.unpack([layer]);
  const created = new Date().toISOString();
  const comment = message.slice(0, MOST_MESSAGE_CHARACTERS) || "Imported from -";
  return await store.create(
    {
      created,
      architecture: ARCHITECTURE,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digest] },
      history: [{ created, comment }],
    },
    [layer],
  );
}
