import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { unmount } from "@slipway/native";
import { type BuildEvent, type BuildRequest, type ImageSummary, SlipwayError } from "@slipway/protocol";
import { checkFreeSpace, RESERVED_BYTES, watchFreeSpace } from "../disk/free-space.ts";
import type { Image } from "../image-store/image-store.ts";
import { EMPTY_DIRECTORY } from "./build-run.ts";
import type { Builder, BuilderOptions } from "./builder.ts";
import { BuildFailure, type BuildSource, buildImage } from "./image-build.ts";
import { LayerCache } from "./layer-cache.ts";
import { ContextTree } from "./source/context-tree.ts";
import { readContext } from "./source/read-context.ts";

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
}

/** Opens the builder and removes what builds of a killed worker left. */
export async function createBuilder(options: BuilderOptions): Promise<ImageBuilder> {
  const cache = new LayerCache(path.join(options.directory, "cache"), options.content, options.snapshotter);
  await cache.open();
  const running = path.join(options.directory, "running");
  await mkdir(running, { recursive: true, mode: 0o700 });
  await mkdir(path.join(options.directory, EMPTY_DIRECTORY), { recursive: true, mode: 0o755 });
  for (const id of await readdir(running)) await removeLeftOver(options, running, id);
  return new DockerfileBuilder(options, cache, running);
}

class DockerfileBuilder implements ImageBuilder {
  readonly #options: BuilderOptions;
  readonly #cache: LayerCache;
  readonly #running: string;

  constructor(options: BuilderOptions, cache: LayerCache, running: string) {
    this.#options = options;
    this.#cache = cache;
    this.#running = running;
  }

  async build(
    request: BuildRequest,
    context: Readable,
    emit: (event: BuildEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const started = performance.now();
    const timeout = AbortSignal.timeout(request.limits.timeoutMs);
    const { directory: store, reservedBytes = RESERVED_BYTES } = this.#options;
    const space = watchFreeSpace(store, reservedBytes);
    const either = AbortSignal.any([signal, timeout, space.signal]);
    try {
      await checkFreeSpace(store, reservedBytes);
      const image = await this.#inDirectory(request.buildId, async (directory) => {
        const tree = await readContext(
          context,
          path.join(directory, "context"),
          this.#options.contextLimits,
          either,
        );
        const source = {
          id: request.buildId,
          recordName: request.playgroundId,
          dockerfile: path.posix.normalize(request.dockerfile),
          context: tree,
          noCache: request.noCache,
          limits: request.limits,
          directory,
        };
        return await this.#build(source, emit, either);
      });
      await this.#options.imageStore.tag(`slipway/${request.playgroundId}:latest`, image.digest);
      emit({ type: "image", image: summaryOf(image), durationMs: performance.now() - started });
    } catch (error) {
      const thrown = space.signal.aborted && !signal.aborted ? space.signal.reason : error;
      emit(failedEvent(thrown, signal, timeout, request.limits.timeoutMs));
    } finally {
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
    const either = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
    try {
      return await this.#inDirectory(name, (directory) =>
        this.#build(
          {
            id: name,
            recordName: name,
            dockerfile: "Dockerfile",
            context,
            noCache: false,
            limits,
            directory,
          },
          emit,
          either,
        ),
      );
    } catch (error) {
      throw error instanceof BuildFailure ? error.error : error;
    }
  }

  #build(source: BuildSource, emit: (event: BuildEvent) => void, signal: AbortSignal): Promise<Image> {
    return buildImage(this.#options, this.#cache, source, emit, signal);
  }

  async #inDirectory<Result>(id: string, work: (directory: string) => Promise<Result>): Promise<Result> {
    const directory = path.join(this.#running, id);
    // Not recursive: a second build with the id of a running one fails here.
    await mkdir(directory, { mode: 0o700 });
    try {
      return await work(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** Containers are removed with everything that no session knows; see session/resources.ts. */
async function removeLeftOver(options: BuilderOptions, running: string, id: string): Promise<void> {
  const directory = path.join(running, id);
  // A mount must be gone before anything below is deleted.
  for (const mounted of await mountsBelow(directory)) await unmount(mounted, { detach: true });
  const containers = (await options.runtime.list()).filter((name) => name.startsWith(`build-${id}-`));
  for (const name of containers) await (await options.runtime.adopt(name))?.remove();
  await options.snapshotter.remove(`build-${id}`);
  await options.cgroups.remove(`build-${id}`);
  await options.network.release(id);
  await rm(directory, { recursive: true, force: true });
}

/** Mount points below a directory, the innermost first (proc_pid_mountinfo(5): spaces and the like are octal). */
async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => point.startsWith(`${directory}/`))
    .reverse();
}

function failedEvent(
  thrown: unknown,
  signal: AbortSignal,
  timeout: AbortSignal,
  timeoutMs: number,
): BuildEvent {
  const nowhere = { type: "failed" as const, step: null, exitCode: null, range: null, lastLines: [] };
  if (signal.aborted) {
    return { ...nowhere, error: new SlipwayError("build-cancelled", "The build was cancelled.").toWire() };
  }
  if (timeout.aborted) {
    const message = `The build took longer than ${timeoutMs} ms.`;
    return {
      ...nowhere,
      error: new SlipwayError("build-timeout", message, { params: { timeoutMs } }).toWire(),
    };
  }
  if (!(thrown instanceof BuildFailure)) return { ...nowhere, error: SlipwayError.from(thrown).toWire() };
  const { error, step, range } = thrown;
  const exitCode = error.code === "run-failed" ? error.params.exitCode : undefined;
  return {
    type: "failed",
    error: error.toWire(),
    step,
    exitCode: typeof exitCode === "number" ? exitCode : null,
    range,
    lastLines: [],
  };
}

/** What pages say of an image. */
export function summaryOf(image: Image): ImageSummary {
  const config = image.config.config ?? {};
  return {
    digest: image.digest,
    imageId: image.imageId,
    sizeBytes: image.sizeBytes,
    layerCount: image.layers.length,
    env: config.Env ?? [],
    entrypoint: config.Entrypoint ?? null,
    cmd: config.Cmd ?? null,
    user: config.User ?? "",
    workingDir: config.WorkingDir ?? "",
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).sort(),
  };
}
