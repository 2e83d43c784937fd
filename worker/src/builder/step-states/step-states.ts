import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type BuildId, digestSchema, type PlaygroundId, SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { type ExecutionConfig, executionConfigSchema, imageConfigSchema } from "../../oci/image-spec.ts";
import type { BuiltImages } from "../built-images.ts";
import { ARCHITECTURE } from "../platform.ts";
import type { StagePoints } from "./step-notes.ts";

/** For so long after a build its steps can be opened. */
export const STEPS_KEPT_MS = 24 * 60 * 60_000;
/** Builds whose steps are known; those built longest ago are forgotten. */
const MAX_BUILDS = 2000;
/** Characters that are kept of one build; a build with more has no steps that can be opened. */
const MAX_CHARACTERS = 1024 * 1024;

const layerSchema = z.object({
  digest: digestSchema,
  diffId: digestSchema,
  sizeBytes: z.number(),
  mediaType: z.string(),
});
const stageSchema = z.object({
  layers: z.array(layerSchema),
  history: imageConfigSchema.shape.history.unwrap(),
  points: z.array(
    z.object({
      after: z.number(),
      before: z.number().nullable(),
      config: executionConfigSchema,
      layers: z.number(),
      lines: z.number(),
    }),
  ),
});
const recordSchema = z.object({ owner: z.string(), stages: z.array(stageSchema) });
type StepRecord = z.infer<typeof recordSchema>;

/** A place in a build: right before a step, or right after it. */
export interface StepPlace {
  readonly buildId: BuildId;
  /** Nobody else's steps are opened. */
  readonly playgroundId: PlaygroundId;
  readonly step: number;
  readonly side: "before" | "after";
}

export interface StepStatesOptions {
  readonly directory: string;
  readonly content: ContentStore;
  readonly imageStore: ImageStore;
  readonly images: BuiltImages;
}

/**
 * What the steps of builds stand on, failed builds included, for STEPS_KEPT_MS: one small file each with the layers and the
 * config of every point. The layers themselves are those of the build cache and are not held: what was collected to make room
 * can't be opened any more, and says so.
 */
export class StepStates {
  readonly #options: StepStatesOptions;
  /** Ids by age, the oldest first. */
  readonly #known: Set<string>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: StepStatesOptions, known: readonly string[]) {
    this.#options = options;
    this.#known = new Set(known);
  }

  static async open(options: StepStatesOptions): Promise<StepStates> {
    const { directory } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const times: [string, number][] = [];
    for (const name of await readdir(directory)) {
      const file = path.join(directory, name);
      const { mtimeMs } = await stat(file);
      if (!name.endsWith(".json") || isOver(mtimeMs)) await rm(file, { force: true });
      else times.push([name.slice(0, -".json".length), mtimeMs]);
    }
    times.sort(([, left], [, right]) => left - right);
    return new StepStates(
      options,
      times.map(([id]) => id),
    );
  }

  /** Keeps what is known of a build; the disk has it a moment later. */
  write(buildId: string, owner: string, stages: readonly StagePoints[]): void {
    const text = JSON.stringify({ owner, stages });
    if (stages.length === 0 || text.length > MAX_CHARACTERS) return;
    this.#writing = this.#writing.then(() => this.#write(buildId, text)).catch(() => undefined);
  }

  /** Resolves when the disk has all. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /**
   * The files, the environment, the user and the directory of a place, as an image without a name: it goes as older builds of a
   * playground do. Rejects with `step-state-gone` when the place was never reached, is too old, or was collected.
   */
  async image({ buildId, playgroundId, step, side }: StepPlace): Promise<Image> {
    await this.#writing;
    const { content, imageStore, images } = this.#options;
    const lease = imageStore.lease("used");
    try {
      const record = await this.#read(buildId);
      if (record?.owner !== playgroundId) throw gone(step);
      const found = pointOf(record, step, side);
      if (!found) throw gone(step);
      const { stage, point } = found;
      const layers = stage.layers.slice(0, point.layers);
      for (const { digest, sizeBytes } of layers)
        if ((await content.size(digest)) !== sizeBytes) throw gone(step);
      const history = stage.history.slice(0, point.lines);
      return await images.create(
        {
          created: history.at(-1)?.created ?? new Date(0).toISOString(),
          architecture: ARCHITECTURE,
          os: "linux",
          config: shellConfig(point.config),
          rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
          history,
        },
        layers,
      );
    } finally {
      lease.release();
    }
  }

  async #write(buildId: string, text: string): Promise<void> {
    const half = `${this.#file(buildId)}.half`;
    await writeFile(half, text, { mode: 0o600 });
    await rename(half, this.#file(buildId));
    this.#known.delete(buildId);
    this.#known.add(buildId);
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_BUILDS) break;
      this.#known.delete(oldest);
      await rm(this.#file(oldest), { force: true });
    }
  }

  async #read(buildId: string): Promise<StepRecord | null> {
    const file = this.#file(buildId);
    try {
      if (isOver((await stat(file)).mtimeMs)) return null;
      return recordSchema.parse(JSON.parse(await readFile(file, "utf8")));
    } catch {
      return null;
    }
  }

  #file(buildId: string): string {
    return path.join(this.#options.directory, `${buildId}.json`);
  }
}

const isOver = (writtenMs: number): boolean => Date.now() - writtenMs > STEPS_KEPT_MS;

function pointOf({ stages }: StepRecord, step: number, side: StepPlace["side"]) {
  for (const stage of stages) {
    const point = stage.points.find((one) => (side === "before" ? one.before : one.after) === step);
    if (point) return { stage, point };
  }
  return null;
}

/** A shell and nothing else: what the image would start is not there yet, or is what failed. */
function shellConfig(config: ExecutionConfig): ExecutionConfig {
  const { Healthcheck: _healthcheck, OnBuild: _onBuild, ...rest } = config;
  return { ...rest, Entrypoint: null, Cmd: null };
}

function gone(step: number): SlipwayError {
  return new SlipwayError("step-state-gone", "The files of this step are not kept any more.", {
    params: { step },
  });
}
