import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { removeTree } from "@slipway/native";
import { type BuildEvent, type BuildRequest, SlipwayError } from "@slipway/protocol";
import { checkFreeSpace, RESERVED_BYTES } from "../disk/free-space.ts";
import type { Image } from "../image-store/image-store.ts";
import { summaryOf } from "../image-store/summary.ts";
import { PLAYGROUND_REPOSITORY } from "./base-image.ts";
import { BuildClock } from "./build-clock.ts";
import { BuildRecords } from "./build-records.ts";
import { EMPTY_DIRECTORY } from "./build-run.ts";
import { type Builder, type BuilderOptions, DEFAULT_MAX_RUNS } from "./builder.ts";
import { BuiltImages } from "./built-images.ts";
import { BuildFailure, failedEvent } from "./failure.ts";
import { Flights } from "./flights.ts";
import { type BuildHouse, type BuildSource, buildImage } from "./image-build.ts";
import { LayerCache } from "./layer-cache.ts";
import { removeLeftDisks, removeLeftOver } from "./left-over.ts";
import { cacheMountsOf } from "./mounts/cache-mounts.ts";
import type { OwnBuild } from "./own-build.ts";
import { Places } from "./places.ts";
import { PreparedNetworks } from "./prepared-networks.ts";
import { PlanReader } from "./read-plan.ts";
import { ContextTree } from "./source/context-tree.ts";
import { readContext } from "./source/read-context.ts";
import { SpaceWatch } from "./space-watch.ts";
import { type StepPlace, StepStates } from "./step-states/step-states.ts";

/** A builder that can also build for the worker itself: base images from recipes. */
export interface ImageBuilder extends Builder {
  /** Builds from files in memory and gives the image, without a tag. Rejects with SlipwayError. */
  buildFiles(
    name: string,
    files: ReadonlyMap<string, Uint8Array>,
    limits: BuildRequest["limits"],
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<Image>;
  /** Carries out a build in its own surroundings and gives the image, without a name. Rejects with SlipwayError. */
  buildOwn(build: OwnBuild): Promise<Image>;
  /** See StepStates.image. */
  stepImage(place: StepPlace): Promise<Image>;
  /** Lets go of what is kept ready for builds. Builds have ended before. */
  close(): Promise<void>;
}

/** Layers that are made at the same time while the next steps run. */
const LAYERS_AT_ONCE = 4;

/** For so long a look at the disk counts for builds that begin. */
const SPACE_LOOK_MS = 100;

/** Opens the builder and removes what builds of a killed worker left. */
export async function createBuilder(options: BuilderOptions): Promise<ImageBuilder> {
  const { directory, content, snapshotter, imageStore, maxRuns = DEFAULT_MAX_RUNS } = options;
  const cache = new LayerCache(path.join(directory, "cache"), content, snapshotter);
  await cache.open();
  imageStore.offer(cache);
  const running = path.join(directory, "running");
  await mkdir(running, { recursive: true, mode: 0o700 });
  await mkdir(path.join(directory, EMPTY_DIRECTORY), { recursive: true, mode: 0o755 });
  for (const id of await readdir(running)) await removeLeftOver(options, running, id);
  await removeLeftDisks(options.disks);
  // Where caches were before they had disks.
  await removeTree(path.join(directory, "cache-mounts"));
  const flights = new Flights({
    cache,
    content,
    snapshotter,
    runs: new Places(maxRuns),
    layers: new Places(LAYERS_AT_ONCE),
  });
  const networks = new PreparedNetworks(options.network);
  const records = await BuildRecords.open(path.join(directory, "records"));
  const images = new BuiltImages(imageStore);
  const states = await StepStates.open({
    directory: path.join(directory, "steps"),
    content,
    imageStore,
    images,
  });
  const shared = { cache, flights, images, networks };
  const house = { parts: options, shared, records, states, plans: new PlanReader() };
  return new DockerfileBuilder(house, running);
}

class DockerfileBuilder implements ImageBuilder {
  readonly #house: BuildHouse;
  readonly #running: string;
  readonly #spaceWatch: SpaceWatch;
  /** Of builds whose directory may be there. */
  readonly #ids = new Set<string>();
  #space: { readonly atMs: number; readonly look: Promise<void> } | null = null;

  constructor(house: BuildHouse, running: string) {
    this.#house = house;
    const { directory, reservedBytes = RESERVED_BYTES } = house.parts;
    this.#spaceWatch = new SpaceWatch(directory, reservedBytes);
    this.#running = running;
  }

  async build(
    request: BuildRequest,
    context: Readable,
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const started = performance.now();
    const { imageStore } = this.#house.parts;
    const source = {
      ...request,
      id: request.buildId,
      recordName: request.playgroundId,
      surroundings: null,
      labels: {},
      keepsSteps: true,
    };
    const keep = async (image: Image) => {
      await imageStore.tag(`${PLAYGROUND_REPOSITORY}${request.playgroundId}:latest`, image.digest);
      emit({ type: "image", image: summaryOf(image), durationMs: performance.now() - started });
    };
    await this.#carryOut(source, context, keep, emit, signal).catch(() => undefined);
  }

  async buildOwn({ emit, signal, context, ...build }: OwnBuild): Promise<Image> {
    const source = { ...NOTHING_ASKED, ...build, recordName: build.owner };
    let built: Image | null = null;
    const keep = async (image: Image) => {
      built = image;
    };
    await this.#carryOut(source, context, keep, emit, signal);
    if (built === null) throw new SlipwayError("internal", "The build has no image and no error.");
    return built;
  }

  /** Reads the context and builds; a failure is told, and thrown as a SlipwayError. */
  async #carryOut(
    source: Omit<BuildSource, "context" | "clock" | "directory" | "dispose">,
    context: Readable,
    keep: (image: Image) => Promise<void>,
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { directory: store, reservedBytes = RESERVED_BYTES, imageStore, contextLimits } = this.#house.parts;
    const { timeoutMs } = source.limits;
    const clock = new BuildClock(timeoutMs);
    const space = this.#spaceWatch.start();
    const either = AbortSignal.any([signal, clock.signal, space.signal]);
    try {
      await this.#checkSpace(store, reservedBytes);
      await imageStore.checkRoom();
      if (source.surroundings === null) this.#house.shared.networks.prepare();
      const own = this.#directory(source.id);
      const tree = await own.filled((directory) =>
        readContext(context, path.join(directory, "context"), contextLimits, either),
      );
      const whole = {
        ...source,
        dockerfile: path.posix.normalize(source.dockerfile),
        context: tree,
        clock,
        directory: own.directory,
        dispose: own.dispose,
      };
      await buildImage(this.#house, whole, keep, emit, either);
    } catch (error) {
      const thrown = space.signal.aborted && !signal.aborted ? space.signal.reason : error;
      const failed = failedEvent(thrown, { cancelled: signal, timeout: clock.signal, timeoutMs });
      emit(failed);
      throw SlipwayError.fromWire(failed.error);
    } finally {
      clock.stop();
      space.stop();
      context.destroy();
    }
  }

  async buildFiles(
    name: string,
    files: ReadonlyMap<string, Uint8Array>,
    limits: BuildRequest["limits"],
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<Image> {
    const context = new ContextTree();
    for (const [file, content] of files) context.addFile(file, content);
    const clock = new BuildClock(limits.timeoutMs);
    const either = AbortSignal.any([signal, clock.signal]);
    const own = this.#directory(name);
    const source = {
      ...NOTHING_ASKED,
      id: name,
      recordName: name,
      dockerfile: "Dockerfile",
      context,
      limits,
      clock,
      directory: own.directory,
      dispose: own.dispose,
    };
    try {
      return await buildImage(this.#house, source, async (image) => image, emit, either);
    } catch (error) {
      throw error instanceof BuildFailure ? error.error : error;
    } finally {
      clock.stop();
    }
  }

  stepImage(place: StepPlace): Promise<Image> {
    return this.#house.states.image(place);
  }

  async close(): Promise<void> {
    const { parts, shared, records, states } = this.#house;
    await Promise.all([
      shared.networks.close(),
      records.flush(),
      states.flush(),
      cacheMountsOf(parts).settled(),
    ]);
  }

  /** Builds that begin at the same moment look at the disk once. */
  async #checkSpace(store: string, reservedBytes: number): Promise<void> {
    const now = performance.now();
    if (this.#space === null || now - this.#space.atMs > SPACE_LOOK_MS)
      this.#space = { atMs: now, look: checkFreeSpace(store, reservedBytes) };
    await this.#space.look;
  }

  /** A directory of a build's own; it is made when something is put there. */
  #directory(id: string) {
    if (this.#ids.has(id)) throw new SlipwayError("internal", `The build ${id} runs already.`);
    this.#ids.add(id);
    const directory = path.join(this.#running, id);
    const dispose = async () => {
      if (existsSync(directory)) await removeTree(directory);
      this.#ids.delete(id);
    };
    const filled = async <Result>(fill: (directory: string) => Promise<Result>): Promise<Result> => {
      try {
        return await fill(directory);
      } catch (error) {
        await dispose();
        throw error;
      }
    };
    return { directory, dispose, filled };
  }
}

const NOTHING_ASKED = {
  keepsSteps: false,
  noCache: false,
  pull: false,
  target: null,
  buildArgs: {},
  secrets: {},
  sshKeys: {},
  registryCredentials: [],
  surroundings: null,
  labels: {},
};
