import { spawnSync } from "node:child_process";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { digestOf } from "../content/digest.ts";
import { encodeTarHeader, TAR_END } from "../layer/tar-encoder.ts";
import { MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_LAYER_ZSTD, MEDIA_TYPE_MANIFEST } from "../oci/image-spec.ts";
import { endless, type Wares } from "./evil-registry-fixture.ts";

/* Ways to make an image lie, and layers that nobody should unpack. */

type Announced = { mediaType: string; digest: string; size: number; urls?: string[] };

export function changedLayer(wares: Wares, change: (layer: Announced) => Announced): Wares {
  const layers = (wares.manifest.layers as Announced[]).map(change);
  return { ...wares, manifest: { ...wares.manifest, layers } };
}

/** 0 is the config, 1 the first layer. */
export function replacedBlob(wares: Wares, index: number): Wares {
  const [digest = "", blob = Buffer.alloc(0)] = [...wares.blobs][index] ?? [];
  const other = Buffer.from(blob);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  wares.blobs.set(digest, other);
  return wares;
}

export function withoutBlob(wares: Wares, index: number): Wares {
  wares.blobs.delete([...wares.blobs.keys()][index] ?? "");
  return wares;
}

export function layerOf(tar: Buffer) {
  return { bytes: gzipSync(tar), mediaType: MEDIA_TYPE_LAYER_GZIP, diffId: digestOf(tar) };
}

export function zstdLayer(tar: Buffer) {
  const { stdout } = spawnSync("zstd", ["--stdout", "--quiet"], { input: tar, maxBuffer: 1024 ** 3 });
  return { bytes: stdout, mediaType: MEDIA_TYPE_LAYER_ZSTD, diffId: digestOf(tar) };
}

export function header(type: "file", { sizeBytes }: { sizeBytes: number }): Uint8Array {
  return encodeTarHeader({ path: "large", type, mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 1, sizeBytes });
}

/** A header whose type is changed to that of a block device (ustar, typeflag 4), with its checksum set right. */
export function deviceTar(): Buffer {
  const block = Buffer.from(header("file", { sizeBytes: 0 }));
  block[156] = "4".charCodeAt(0);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([block, TAR_END]);
}

export function jsonEndless(response: ServerResponse): void {
  response.writeHead(200, { "content-type": MEDIA_TYPE_MANIFEST });
  endless(response, Buffer.alloc(65_536, " "));
}
