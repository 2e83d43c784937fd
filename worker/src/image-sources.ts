import path from "node:path";
import { fileURLToPath } from "node:url";
import { SlipwayError } from "@slipway/protocol";
import type { Logger } from "pino";
import { createBaseImages } from "./builder/base-images/base-images.ts";
import type { BaseImages } from "./builder/builder.ts";
import { createBuilder, type ImageBuilder } from "./builder/create-builder.ts";
import { LoopDisks } from "./disk/loop-disks.ts";
import type { WorkerEnv } from "./env.ts";
import type { ImageTransfer } from "./image-store/image-transfer.ts";
import { openImageTransfer } from "./image-store/registry-transfer.ts";
import type { Machine } from "./machine.ts";
import { UNLIMITED_BYTES_PER_SECOND } from "./network/network.ts";
import { authorities } from "./outbound/authorities.ts";
import { openOutbound } from "./outbound/guarded-outbound.ts";
import { plainHosts, type RegistrySettings, trustedHosts } from "./registry/endpoints.ts";
import { PATIENCE } from "./registry/registry.ts";

/** The same from worker/src and from the bundle in worker/dist. */
const RECIPES = fileURLToPath(new URL("../../infra/images/", import.meta.url));
/** Of a base image's own build. */
const RECIPE_LIMITS = {
  memoryBytes: 2 * 1024 ** 3,
  cpus: 2,
  pids: 1024,
  diskBytes: 8 * 1024 ** 3,
  timeoutMs: 30 * 60_000,
};
const CONTEXT_ENTRIES = 100_000;

/** Where images come from. */
export interface ImageSources {
  readonly builder: ImageBuilder;
  readonly baseImages: BaseImages;
  readonly transfer: ImageTransfer;
}

/** The way to registries. */
export async function openTransfer(env: WorkerEnv, { parts, content, inside }: Machine) {
  const registries: RegistrySettings = {
    mirrors: env.SLIPWAY_REGISTRY_MIRRORS,
    insecure: env.SLIPWAY_REGISTRY_INSECURE,
    private: env.SLIPWAY_REGISTRY_PRIVATE,
  };
  const plain = plainHosts(registries);
  const outbound = openOutbound({
    openedAddresses: env.SLIPWAY_OPENED_ADDRESSES,
    refusedAddresses: [env.SLIPWAY_ADDRESS_POOL],
    trustedHosts: trustedHosts(registries),
    allowsPlainHttp: (host) => plain.has(host),
    connectMs: PATIENCE.connectMs,
    authorities: await authorities(process.env.NODE_EXTRA_CA_CERTS, env.SLIPWAY_REGISTRY_CA),
  });
  return await openImageTransfer({
    directory: inside("transfer"),
    images: parts.images,
    content,
    outbound,
    registries,
    imageBytes: env.SLIPWAY_IMAGE_BYTES,
  });
}

/** The way to what an ADD names. */
async function openAddOutbound(env: WorkerEnv) {
  return openOutbound({
    openedAddresses: env.SLIPWAY_OPENED_ADDRESSES,
    refusedAddresses: [env.SLIPWAY_ADDRESS_POOL],
    trustedHosts: new Set(),
    allowsPlainHttp: () => true,
    connectMs: PATIENCE.connectMs,
    authorities: await authorities(process.env.NODE_EXTRA_CA_CERTS),
  });
}

export async function openBuilder(env: WorkerEnv, machine: Machine, transfer: ImageTransfer) {
  const { parts, network, content, inside } = machine;
  let builder: ImageBuilder | null = null;
  const baseImages = await createBaseImages({
    recipesDirectory: RECIPES,
    mapFile: env.SLIPWAY_IMAGE_MAP ?? path.join(RECIPES, "image-map"),
    directory: inside("base-images"),
    imageStore: parts.images,
    content,
    builder: () => {
      if (!builder) throw new SlipwayError("internal", "The builder is not open yet.");
      return builder;
    },
    limits: RECIPE_LIMITS,
    extraCertificates: process.env.NODE_EXTRA_CA_CERTS ?? null,
  });
  builder = await createBuilder({
    directory: inside("builds"),
    imageStore: parts.images,
    snapshotter: parts.snapshotter,
    content,
    disks: await LoopDisks.open(inside("build-disks")),
    runtime: parts.runtime,
    cgroups: parts.cgroups,
    ids: parts.ids,
    network: {
      acquire: (name) =>
        network.create(name, { egress: "internet", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND }),
      release: (name) => network.remove(name),
    },
    baseImages,
    transfer,
    outbound: await openAddOutbound(env),
    maxRuns: env.SLIPWAY_MAX_BUILDS,
    contextLimits: { maxBytes: env.SLIPWAY_CONTEXT_BYTES, maxEntries: CONTEXT_ENTRIES },
  });
  return { builder, baseImages };
}

/**
 * Makes the images that first builds want; the lines are shown while Slipway starts. One that can't be made now is made when a
 * build asks for it, or that build says why not.
 */
export async function makeStarters(baseImages: BaseImages, log: Logger): Promise<void> {
  for (const name of baseImages.starters) {
    const tell = (line: string) => log.info({ progress: line.slice(0, 400) }, "base image");
    await baseImages.ensure(name, tell).catch((error: unknown) => {
      log.error({ err: error, name }, "a base image could not be made");
    });
  }
}
