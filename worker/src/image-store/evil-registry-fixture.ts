import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { digestOf } from "../content/digest.ts";
import { MEDIA_TYPE_CONFIG, MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_MANIFEST } from "../oci/image-spec.ts";
import { listening } from "./registry-fixture.ts";
import { GO_ARCHITECTURE, tarOf } from "./transfer-fixture.ts";

/* A registry that attacks whoever asks it. */

/** What it hands out; each part can be made to lie. */
export interface Wares {
  manifest: Record<string, unknown>;
  manifestType: string;
  /** By digest. */
  readonly blobs: Map<string, Buffer>;
}

type Layer = { readonly bytes: Buffer; readonly mediaType?: string; readonly diffId?: string };

const honestTar = tarOf([{ path: "file", content: "honest" }]);
export const honestLayer = (): Layer => ({ bytes: gzipSync(honestTar), diffId: digestOf(honestTar) });

/** An image that nothing is wrong with, but for what its layers hold. */
export function waresOf(layers: readonly Layer[] = [honestLayer()], config: object = {}): Wares {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer) => {
    blobs.set(digestOf(bytes), bytes);
    return { digest: digestOf(bytes), size: bytes.length };
  };
  const document = {
    architecture: GO_ARCHITECTURE,
    os: "linux",
    rootfs: { type: "layers", diff_ids: layers.map(({ bytes, diffId }) => diffId ?? digestOf(bytes)) },
    ...config,
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    config: { mediaType: MEDIA_TYPE_CONFIG, ...put(Buffer.from(JSON.stringify(document))) },
    layers: layers.map(({ bytes, mediaType = MEDIA_TYPE_LAYER_GZIP }) => ({ mediaType, ...put(bytes) })),
  };
  return { manifest, manifestType: MEDIA_TYPE_MANIFEST, blobs };
}

/** True when it has answered. */
export type Attack = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface EvilRegistry {
  readonly host: string;
  wares: Wares;
  attack: Attack;
  readonly seen: { readonly url: string; readonly authorization: string | undefined }[];
  stop(): void;
}

export async function startEvilRegistry(): Promise<EvilRegistry> {
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    evil.seen.push({ url, authorization: request.headers.authorization });
    if (evil.attack(request, response)) return;
    const { manifest, manifestType, blobs } = evil.wares;
    if (url.includes("/manifests/")) {
      response.writeHead(200, { "content-type": manifestType }).end(JSON.stringify(manifest));
      return;
    }
    const blob = blobs.get(url.slice(url.indexOf("/blobs/") + "/blobs/".length));
    if (blob) response.writeHead(200, { "content-length": blob.length }).end(blob);
    else response.writeHead(404).end();
  });
  const evil: EvilRegistry = {
    host: await listening(server),
    wares: waresOf(),
    attack: () => false,
    seen: [],
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return evil;
}

/** An attack on the parts of the registry whose URL contains `part`. */
export const at =
  (part: string, answer: (response: ServerResponse, request: IncomingMessage) => void): Attack =>
  (request, response) => {
    if (!request.url?.includes(part)) return false;
    answer(response, request);
    return true;
  };

/** Writes for as long as anybody reads. */
export function endless(response: ServerResponse, chunk = Buffer.alloc(65_536, "a")): void {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
}
