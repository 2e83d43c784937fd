import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PulledLayer, RegistryCredential } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { openContentStore } from "../content/directory-content-store.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "../layer/tar-encoder.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";
import { openOutbound } from "../outbound/guarded-outbound.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { plainHosts, type RegistrySettings, trustedHosts } from "../registry/endpoints.ts";
import { PATIENCE, type Patience } from "../registry/registry.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import type { Image, ImageStore } from "./image-store.ts";
import type { ImageTransfer } from "./image-transfer.ts";
import { openImageStore } from "./oci-image-store.ts";
import { openImageTransfer } from "./registry-transfer.ts";

/** Patience for tests, in which nobody is far away. */
export const SHORT: Patience = {
  ...PATIENCE,
  connectMs: 1_000,
  headersMs: 700,
  idleMs: 700,
  answerMs: 2_000,
  attempts: 3,
  firstDelayMs: 10,
  longestRetryAfterMs: 1_500,
  unreachableForMs: 2_000,
  transferMs: 30_000,
};

export interface Machine {
  readonly directory: string;
  readonly content: ContentStore;
  readonly snapshotter: OverlaySnapshotter;
  readonly images: ImageStore;
  readonly transfer: ImageTransfer;
  readonly outbound: Outbound;
  /** Layers as the last transfer told of them. */
  readonly layers: Map<string, PulledLayer>;
  options(credentials?: readonly RegistryCredential[]): Parameters<ImageTransfer["pull"]>[1];
  close(): Promise<void>;
}

export interface MachineOptions {
  /** Hosts of registries that are asked over http. */
  readonly insecure: readonly string[];
  readonly mirrors?: RegistrySettings["mirrors"];
  /** Hosts that are asked over https at whatever address. */
  readonly private?: readonly string[];
  readonly authorities?: readonly string[];
  readonly patience?: Partial<Patience>;
  readonly imageBytes?: number;
  /** An earlier machine's, which is still there. */
  readonly directory?: string;
  readonly layerLimits?: { readonly maxBytes: number; readonly maxEntries: number };
}

/** A store and its way to registries, in a directory of its own. */
export async function openMachine(options: MachineOptions): Promise<Machine> {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), "slipway-transfer-")));
  const content = await openContentStore(path.join(directory, "content"));
  const snapshotter = await OverlaySnapshotter.open(path.join(directory, "snapshots"));
  const images = await openImageStore({
    directory: path.join(directory, "content"),
    content,
    snapshotter,
    mountDirectory: path.join(directory, "mounts"),
    ...(options.layerLimits && { layerLimits: options.layerLimits }),
  });
  const registries: RegistrySettings = {
    mirrors: options.mirrors ?? new Map(),
    insecure: new Set(options.insecure),
    private: new Set(options.private ?? []),
  };
  const plain = plainHosts(registries);
  const outbound = openOutbound({
    openedAddresses: [],
    refusedAddresses: [],
    trustedHosts: trustedHosts(registries),
    allowsPlainHttp: (host) => plain.has(host),
    connectMs: SHORT.connectMs,
    authorities: options.authorities,
  });
  const transfer = await openImageTransfer({
    directory: path.join(directory, "transfer"),
    images,
    content,
    outbound,
    registries,
    imageBytes: options.imageBytes ?? 1024 ** 3,
    patience: { ...SHORT, ...options.patience },
  });
  const layers = new Map<string, PulledLayer>();
  return {
    directory,
    content,
    snapshotter,
    images,
    transfer,
    outbound,
    layers,
    options: (credentials = []) => ({
      credentials,
      signal: new AbortController().signal,
      onProgress: (changed) => {
        for (const layer of changed) layers.set(layer.digest, layer);
      },
    }),
    close: async () => {
      await outbound.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface TarFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

export function tarOf(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap(({ path: name, content }) => {
    const body = Buffer.from(content);
    const header = encodeTarHeader({
      path: name,
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeSeconds: 1,
      sizeBytes: body.length,
    });
    return [header, body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

/** An image as a build makes it: layers that are stored as they are. One layer for each list of files. */
export async function makeImage(
  { content, images }: Pick<Machine, "content" | "images">,
  layers: readonly (readonly TarFile[])[],
): Promise<Image> {
  const stored = [];
  for (const files of layers) {
    const blob = await content.put(tarOf(files));
    stored.push({ ...blob, diffId: blob.digest, mediaType: MEDIA_TYPE_LAYER });
  }
  return await images.create(
    {
      architecture: GO_ARCHITECTURE,
      os: "linux",
      created: "2020-01-01T00:00:00Z",
      config: { Env: ["A=b"] },
      rootfs: { type: "layers", diff_ids: stored.map(({ diffId }) => diffId) },
    },
    stored,
  );
}

/** Of this machine. */
export const GO_ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

/** Bytes that no compression makes smaller. */
export const noise = (bytes: number): Buffer => randomBytes(bytes);

export const partialFiles = (machine: Pick<Machine, "directory">): Promise<string[]> =>
  readdir(path.join(machine.directory, "transfer/partial"));
