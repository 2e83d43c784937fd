import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SlipwayError } from "@slipway/protocol";
import type { LayerLimits } from "../layer/layer.ts";
import { LAYER_FORMS } from "../oci/image-spec.ts";
import { FilterFailure, filtered } from "../process/filter-program.ts";
import type { StoredLayer } from "./image-store.ts";

/** What a tar may have beside the bytes of its files: headers with their records, and padding. */
const TAR_BYTES_PER_ENTRY = 4096;

/**
 * The tar of a layer. Fails with `store-corrupt` for what can't be decompressed, and with `image-too-large` before it gives
 * more bytes than a layer within the limits can have: a bomb is an ordinary blob until it is lit.
 */
export function decompressed(
  blob: Readable,
  layer: Pick<StoredLayer, "digest" | "mediaType">,
  limits: LayerLimits,
): AsyncIterable<Uint8Array> {
  const form = LAYER_FORMS.get(layer.mediaType);
  if (form === undefined) {
    throw broken(layer, `has the type ${layer.mediaType}, which can't be unpacked`);
  }
  const most = limits.maxBytes + limits.maxEntries * TAR_BYTES_PER_ENTRY;
  if (form === "tar") return bounded(blob, layer, most);
  return bounded(form === "gzip" ? gunzipped(blob) : unzstd(blob), layer, most);
}

function gunzipped(blob: Readable): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  blob.on("error", (error) => gunzip.destroy(error));
  return blob.pipe(gunzip);
}

/**
 * Debian's zstd, because zlib of Node 20 has none; the program refuses windows above 128 MiB, and runs as nobody, as
 * it reads what strangers wrote.
 */
function unzstd(blob: Readable): AsyncIterable<Uint8Array> {
  return filtered(["zstd", "--decompress", "--stdout", "--quiet", "--no-progress"], blob);
}

async function* bounded(
  tar: AsyncIterable<Uint8Array>,
  layer: Pick<StoredLayer, "digest">,
  mostBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of tar) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) {
        throw new SlipwayError(
          "image-too-large",
          `The layer ${layer.digest} unpacks to more than ${mostBytes} bytes.`,
          { params: { digest: layer.digest, mostBytes } },
        );
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof FilterFailure || isZlibError(error))
      throw broken(layer, `: ${error.message}`, error);
    throw error;
  }
}

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && /^Z_/.test(String(error.code));

function broken(layer: Pick<StoredLayer, "digest">, what: string, cause?: unknown): SlipwayError {
  return new SlipwayError("store-corrupt", `The layer ${layer.digest} ${what}.`, {
    params: { digest: layer.digest },
    cause,
  });
}
