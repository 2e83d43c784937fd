import { type ImageAbout, MAX_CONFIG_ITEMS, MAX_IMAGE_LAYERS } from "@slipway/protocol";
import { z } from "zod";
import type { Image } from "./image-store.ts";

/** Characters of one text of a config that are told. */
const MAX_TEXT_CHARACTERS = 4096;
const NANOSECONDS_PER_MS = 1e6;

const duration = z.number().nonnegative().nullish().catch(null);

/** Docker's extensions of the config (moby, image spec v1.2). What is malformed counts as not there: the image runs all the same. */
const extensionsSchema = z.object({
  Shell: z.array(z.string()).nullish().catch(null),
  OnBuild: z.array(z.string()).nullish().catch(null),
  Healthcheck: z
    .object({
      Test: z.array(z.string()).nullish(),
      Interval: duration,
      Timeout: duration,
      StartPeriod: duration,
      Retries: z.number().int().nonnegative().nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/** What an image's config says, cut to the bounds of the protocol. */
export function aboutImage(image: Image): ImageAbout {
  const { config: file } = image;
  const config = file.config ?? {};
  return {
    digest: image.digest,
    imageId: image.imageId,
    architecture: cut(file.architecture),
    os: cut(file.os),
    created: file.created === undefined ? null : cut(file.created),
    entrypoint: listOrNull(config.Entrypoint),
    cmd: listOrNull(config.Cmd),
    env: list(config.Env),
    exposedPorts: list(Object.keys(config.ExposedPorts ?? {}).sort()),
    user: cut(config.User ?? ""),
    workingDir: cut(config.WorkingDir ?? ""),
    volumes: list(Object.keys(config.Volumes ?? {}).sort()),
    labels: Object.entries(config.Labels ?? {})
      .slice(0, MAX_CONFIG_ITEMS)
      .map(([key, value]) => ({ key: cut(key), value: cut(value) })),
    stopSignal: config.StopSignal === undefined ? null : cut(config.StopSignal),
    ...extensionsOf(config),
    ...historyOf(image),
  };
}

function extensionsOf(config: object): Pick<ImageAbout, "shell" | "onBuild" | "healthcheck"> {
  const { Shell, OnBuild, Healthcheck } = extensionsSchema.parse(config);
  return {
    shell: listOrNull(Shell),
    onBuild: list(OnBuild),
    healthcheck: Healthcheck
      ? {
          test: list(Healthcheck.Test),
          intervalMs: milliseconds(Healthcheck.Interval),
          timeoutMs: milliseconds(Healthcheck.Timeout),
          startPeriodMs: milliseconds(Healthcheck.StartPeriod),
          retries: Healthcheck.Retries || null,
        }
      : null,
  };
}

function historyOf(image: Image): Pick<ImageAbout, "layers" | "metadata"> {
  const instructions: string[] = [];
  const metadata: ImageAbout["metadata"] = [];
  for (const entry of image.config.history ?? []) {
    const createdBy = cut(entry.created_by ?? entry.comment ?? "");
    if (entry.empty_layer !== true) instructions.push(createdBy);
    else if (metadata.length < MAX_CONFIG_ITEMS) metadata.push({ above: instructions.length, createdBy });
  }
  const layers = image.layers
    .slice(0, MAX_IMAGE_LAYERS)
    .map(({ diffId }, index) => ({ diffId, createdBy: instructions[index] ?? "" }));
  return { layers, metadata };
}

const cut = (text: string): string => text.slice(0, MAX_TEXT_CHARACTERS);
const list = (texts: readonly string[] | null | undefined): string[] =>
  (texts ?? []).slice(0, MAX_CONFIG_ITEMS).map(cut);
const listOrNull = (texts: readonly string[] | null | undefined): string[] | null =>
  texts ? list(texts) : null;
/** Docker writes 0 for its default. */
const milliseconds = (nanoseconds: number | null | undefined): number | null =>
  nanoseconds ? nanoseconds / NANOSECONDS_PER_MS : null;
