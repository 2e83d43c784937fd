import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { type BuildEvent, type BuildId, buildRequestSchema, type PlaygroundId } from "@slipway/protocol";
import type { Image } from "../../image-store/image-store.ts";
import { FIXTURE_LIMITS, type Fixture } from "../builder-fixture.ts";
import type { BuiltImage } from "./built-image-fixture.ts";
import type { ConformanceCase } from "./case-fixture.ts";
import type { BuildOutcome } from "./docker-side-fixture.ts";
import { readLayers } from "./file-tree-fixture.ts";

let builds = 0;

/** Builds a case with Slipway's own builder. */
export async function buildWithSlipway(
  fixture: Fixture,
  of: ConformanceCase,
  context: string,
): Promise<BuildOutcome> {
  if (of.baseDockerfile !== null) {
    const directory = await mkdtemp(path.join(fixture.root, "base-"));
    await writeFile(path.join(directory, "Dockerfile"), of.baseDockerfile);
    const events = await build(fixture, { name: `base${of.name}` }, directory);
    await rm(directory, { recursive: true });
    const { image } = outcome(events);
    await fixture.imageStore.tag(of.baseName, image.digest);
  }
  const events = await build(fixture, of, context);
  const last = events.at(-1);
  if (last?.type === "failed") return { exitCode: last.exitCode, message: last.error.message };
  const image = await fixture.imageStore.get(outcome(events).image.digest);
  if (!image) throw new Error("The image is gone.");
  return { image: await read(fixture, image) };
}

function outcome(events: readonly BuildEvent[]): BuildEvent & { type: "image" } {
  const last = events.at(-1);
  if (last?.type === "image") return last;
  throw new Error(`The build ended with ${JSON.stringify(last)}.`);
}

async function build(
  fixture: Fixture,
  of: Pick<ConformanceCase, "name"> & Partial<ConformanceCase>,
  context: string,
): Promise<BuildEvent[]> {
  builds += 1;
  const request = buildRequestSchema.parse({
    buildId: `case${String(builds).padStart(6, "0")}` as BuildId,
    playgroundId: `case${of.name.replaceAll(/[^a-z0-9]/g, "")}`.slice(0, 32) as PlaygroundId,
    dockerfile: "Dockerfile",
    noCache: false,
    pull: false,
    target: of.target ?? null,
    buildArgs: of.buildArgs ?? {},
    secrets: of.secrets ?? {},
    sshKeys: {},
    registryCredentials: [],
    limits: FIXTURE_LIMITS,
  });
  const events: BuildEvent[] = [];
  const { signal } = new AbortController();
  await fixture.builder.build(request, tarOf(context), (event) => events.push(event), signal);
  return events;
}

/** A directory as a tar stream, made while it is read. */
export function tarOf(directory: string): Readable {
  const tar = spawn("tar", ["--create", "--format=pax", "--sort=name", `--directory=${directory}`, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Node throws away what a program wrote that ended before anybody read it, unless it goes into another stream.
  return tar.stdout.pipe(new PassThrough());
}

/** An image of the store. */
export async function read({ content }: Fixture, image: Image): Promise<BuiltImage> {
  const layers = await Promise.all(image.layers.map(({ digest }) => content.stream(digest)));
  return { config: image.config, tree: await readLayers(layers) };
}
