import path from "node:path";
import type { BaseImages } from "../builder/builder.ts";
import { createBuilder } from "../builder/create-builder.ts";
import { LoopDisks } from "../disk/loop-disks.ts";
import { openImageTransfer } from "../image-store/registry-transfer.ts";
import { SHORT } from "../image-store/transfer-fixture.ts";
import { UNLIMITED_BYTES_PER_SECOND } from "../network/network.ts";
import { openOutbound } from "../outbound/guarded-outbound.ts";
import { plainHosts, type RegistrySettings, trustedHosts } from "../registry/endpoints.ts";
import { IdRanges } from "../runtime/id-ranges.ts";
import type { TestMachine } from "../session/test-machine.ts";

/** A worker that can make no images by recipes. */
const noRecipes: BaseImages = {
  ensure: async () => null,
  mapped: async () => null,
  names: [],
  starters: [],
};

type Sources = Awaited<ReturnType<typeof openSources>>;
const opened = new WeakMap<TestMachine, Promise<Sources>>();

/**
 * Where images come from on a test machine: real registries at hosts of loopback, one of which (`hub`) may stand for Docker Hub, and
 * a real builder. Once for each machine.
 */
export function imageSources(
  machine: TestMachine,
  registries: readonly string[],
  hub: string | null = null,
): Promise<Sources> {
  const sources = opened.get(machine) ?? openSources(machine, registries, hub);
  opened.set(machine, sources);
  return sources;
}

async function openSources(machine: TestMachine, insecure: readonly string[], hub: string | null) {
  const { parts } = machine;
  const inside = (name: string) => path.join(machine.directory, name);
  const registries: RegistrySettings = {
    mirrors: new Map(hub === null ? [] : [["docker.io", [new URL(`http://${hub}`)]]]),
    insecure: new Set(insecure),
    private: new Set(),
  };
  const plain = plainHosts(registries);
  const outbound = openOutbound({
    openedAddresses: [],
    refusedAddresses: [],
    trustedHosts: trustedHosts(registries),
    allowsPlainHttp: (host) => plain.has(host),
    connectMs: SHORT.connectMs,
  });
  const transfer = await openImageTransfer({
    directory: inside("transfer"),
    images: parts.images,
    content: parts.content,
    outbound,
    registries,
    imageBytes: 1024 ** 3,
    patience: SHORT,
  });
  const builder = await createBuilder({
    directory: inside("builds"),
    imageStore: parts.images,
    snapshotter: parts.snapshotter,
    content: parts.content,
    disks: await LoopDisks.open(inside("build-disks")),
    runtime: parts.runtime,
    cgroups: parts.cgroups,
    ids: new IdRanges(2_050_000_000),
    network: {
      acquire: (name) =>
        machine.network.create(name, { egress: "none", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND }),
      release: (name) => machine.network.remove(name),
    },
    baseImages: noRecipes,
    transfer,
    outbound: null,
    contextLimits: { maxBytes: 64 * 1024 ** 2, maxEntries: 10_000 },
  });
  return { builder, baseImages: noRecipes, transfer };
}
