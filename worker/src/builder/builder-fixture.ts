import { chmod, mkdir, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { BuildEvent, BuildId, BuildRequest, PlaygroundId } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import { openCgroups } from "../cgroup/open.ts";
import type { ContentStore } from "../content/content-store.ts";
import { openContentStore } from "../content/directory-content-store.ts";
import { LoopDisks } from "../disk/loop-disks.ts";
import type { EvictableCache, ImageStore } from "../image-store/image-store.ts";
import type { ImageTransfer } from "../image-store/image-transfer.ts";
import { openImageStore } from "../image-store/oci-image-store.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "../layer/tar-encoder.ts";
import { HostNetwork } from "../network/host-network.ts";
import { UNLIMITED_BYTES_PER_SECOND } from "../network/network.ts";
import { ownPool } from "../network/pool-fixture.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { IdRanges } from "../runtime/id-ranges.ts";
import { OciRuntime } from "../runtime/oci-runtime.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import { createBaseImages } from "./base-images/base-images.ts";
import { withSharedImages } from "./base-images/shared-images.ts";
import type { BaseImages, BuildNetwork, ContextLimits } from "./builder.ts";
import { createBuilder, type ImageBuilder } from "./create-builder.ts";

const RECIPES = fileURLToPath(new URL("../../../infra/images/", import.meta.url));
const MEBIBYTE = 1024 ** 2;

export const FIXTURE_LIMITS: BuildRequest["limits"] = {
  memoryBytes: 1024 * MEBIBYTE,
  cpus: 2,
  pids: 512,
  diskBytes: 4 * 1024 * MEBIBYTE,
  timeoutMs: 600_000,
};

export interface TransferParts {
  readonly directory: string;
  readonly content: ContentStore;
  readonly images: ImageStore;
}

/** A builder with all its real parts in a directory of its own. */
export async function openFixture(
  options: {
    directory?: string;
    egress?: boolean;
    reservedBytes?: number;
    outbound?: Outbound;
    /** Instead of one with loopback only. */
    network?: BuildNetwork;
    contextLimits?: ContextLimits;
    /** The way to registries; none unless given. */
    openTransfer?: (parts: TransferParts) => Promise<ImageTransfer>;
    /** Instead of that of infra/images. */
    imageMap?: string;
  } = {},
) {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), "slipway-builder-")));
  // Containers' own users walk through it.
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  const at = (name: string) => path.join(directory, name);
  const marker = path
    .basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(-8);
  const content = await openContentStore(at("content"));
  const snapshotter = await OverlaySnapshotter.open(at("snapshots"));
  const imageStore = await openImageStore({
    directory: at("content"),
    content,
    snapshotter,
    mountDirectory: at("mounts"),
  });
  const offered: EvictableCache[] = [];
  const offer = imageStore.offer.bind(imageStore);
  imageStore.offer = (cache) => {
    offered.push(cache);
    offer(cache);
  };
  const cgroups: Cgroups = await openCgroups(`/slipway-test-${marker}`);
  const runtime = await OciRuntime.open({
    program: "crun",
    directory: at("containers"),
    stateDirectory: `/run/slipway-test-${marker}`,
    cgroups,
  });
  const given = options.network && { network: options.network, close: async () => {} };
  const network = given ?? (options.egress ? await egressNetwork(marker) : loopbackNetwork);
  let builder: ImageBuilder | null = null;
  const baseImages: BaseImages = await createBaseImages({
    recipesDirectory: RECIPES,
    mapFile: options.imageMap ?? path.join(RECIPES, "image-map"),
    directory: at("base-images"),
    imageStore,
    content,
    builder: () => builder as ImageBuilder,
    limits: FIXTURE_LIMITS,
    extraCertificates: process.env.NODE_EXTRA_CA_CERTS ?? null,
  });
  const parts = {
    directory: at("builds"),
    imageStore,
    snapshotter,
    content,
    disks: await LoopDisks.open(at("disks")),
    runtime,
    cgroups,
    ids: new IdRanges(1_500_000_000),
    network: network.network,
    baseImages,
    transfer:
      (await options.openTransfer?.({ content, images: imageStore, directory: at("transfer") })) ?? null,
    outbound: options.outbound ?? null,
    contextLimits: options.contextLimits ?? { maxBytes: 64 * MEBIBYTE, maxEntries: 1000 },
    ...(options.reservedBytes === undefined ? {} : { reservedBytes: options.reservedBytes }),
  };
  builder = await createBuilder(parts);
  const opened = builder;
  const close = async () => {
    await opened.close();
    await network.close();
    if (!options.directory) await rm(directory, { recursive: true, force: true });
    await rm(`/run/slipway-test-${marker}`, { recursive: true, force: true });
    await removeCgroupBase(`slipway-test-${marker}`);
  };
  const evict = async (key: string) => {
    for (const cache of offered) await cache.evict(key);
  };
  return { ...parts, root: directory, namespacePrefix: namespacePrefix(marker), builder, evict, close };
}

/** Removes the empty base group from all trees, whatever the machine's layout is. */
async function removeCgroupBase(name: string): Promise<void> {
  const trees = await readdir("/sys/fs/cgroup");
  const bases = [name, ...trees.map((tree) => path.join(tree, name))];
  for (const base of bases) await rmdir(path.join("/sys/fs/cgroup", base)).catch(() => undefined);
}

const loopbackNetwork = {
  network: {
    acquire: async () => ({ namespacePath: null, resolvConf: "" }),
    release: async () => {},
  } satisfies BuildNetwork,
  close: async () => {},
};

const namespacePrefix = (marker: string) => `swt${marker}-`;

async function egressNetwork(marker: string): Promise<{ network: BuildNetwork; close: () => Promise<void> }> {
  const names = {
    table: `slipway_${marker}`,
    namespacePrefix: namespacePrefix(marker),
    interfacePrefix: `t${marker.slice(0, 4)}-`,
  };
  const host = await HostNetwork.start({
    pool: await ownPool(names.table, "100.112.0.0/16", 20, ownNumber(16)),
    names,
  });
  const network = {
    acquire: (name: string) =>
      host.create(name, { egress: "internet", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND }),
    release: (name: string) => host.remove(name),
  };
  return { network, close: () => host.removeAll() };
}

export type Fixture = Awaited<ReturnType<typeof openFixture>>;

export interface ContextFile {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  readonly type?: "file" | "directory" | "symlink" | "link";
  readonly target?: string;
}

export function contextTar(files: readonly ContextFile[], mtimeSeconds = 1_700_000_000): Readable {
  const parts = files.flatMap(({ path: name, content = "", mode = 0o644, type = "file", target = "" }) => {
    const body = Buffer.from(content);
    const header = {
      path: name,
      type,
      mode,
      uid: 1000,
      gid: 1000,
      mtimeSeconds,
      linkTarget: target,
    };
    return [encodeTarHeader({ ...header, sizeBytes: body.byteLength }), body, tarPadding(body.byteLength)];
  });
  return Readable.from([Buffer.concat([...parts, TAR_END])], { objectMode: false });
}

let builds = 0;

/** Builds, and gives all events. */
export async function buildContext(
  { builder }: Fixture,
  files: readonly ContextFile[],
  options: {
    playground?: string;
    noCache?: boolean;
    signal?: AbortSignal;
    onEvent?: (event: BuildEvent) => void;
    request?: Partial<BuildRequest>;
    /** The tar instead of the files. */
    tar?: Readable;
  } = {},
): Promise<BuildEvent[]> {
  builds += 1;
  const events: BuildEvent[] = [];
  await builder.build(
    {
      buildId: `build${String(builds).padStart(6, "0")}` as BuildId,
      playgroundId: (options.playground ?? "playground1") as PlaygroundId,
      dockerfile: "Dockerfile",
      noCache: options.noCache ?? false,
      pull: false,
      target: null,
      buildArgs: {},
      secrets: {},
      sshKeys: {},
      registryCredentials: [],
      limits: FIXTURE_LIMITS,
      ...options.request,
    },
    options.tar ?? contextTar(files),
    (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    options.signal ?? new AbortController().signal,
  );
  return events;
}

export const dockerfile = (text: string): ContextFile => ({ path: "Dockerfile", content: text });

type FixtureOptions = Omit<Parameters<typeof openFixture>[0] & {}, "directory">;

/** A builder that has the base images which test runs share; nobody else uses them meanwhile. */
export async function withSharedFixture<Result>(
  options: FixtureOptions,
  work: (fixture: Fixture) => Promise<Result>,
): Promise<Result> {
  return await withSharedImages(async (directory) => {
    const fixture = await openFixture({ ...options, directory });
    try {
      return await work(fixture);
    } finally {
      await fixture.close();
    }
  });
}

/** A builder that has busybox, copied from a fixture that test runs share. */
export async function fixtureWithBusybox(options: FixtureOptions = {}): Promise<Fixture> {
  return await withSharedFixture({}, async (shared) => {
    const image = await shared.baseImages.ensure("busybox", () => {});
    if (!image) throw new Error("busybox is not among the recipes");
    const fixture = await openFixture(options);
    for (const layer of image.layers) {
      await fixture.content.ingest(await shared.content.stream(layer.digest), {
        limitBytes: layer.sizeBytes,
      });
    }
    const copy = await fixture.imageStore.create(image.config, image.layers);
    await fixture.imageStore.tag("busybox", copy.digest);
    return fixture;
  });
}
