import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { BuildEvent } from "@slipway/protocol";
import { expect } from "vitest";
import { BUILD_DISK_PREFIX } from "./build-space.ts";
import type { Fixture } from "./builder-fixture.ts";
import { cacheMountsOf } from "./mounts/cache-mounts.ts";

/* What tests of builds look at. */

export const last = (events: readonly BuildEvent[]): BuildEvent | undefined => events.at(-1);

export const logOf = (events: readonly BuildEvent[]): string =>
  events.map((event) => (event.type === "log" ? event.text : "")).join("");

/** What the steps came to, by number: `unchanged`, `first-time`, `file-changed app.js`, with `shared` where it was. */
export function outcomes(events: readonly BuildEvent[]): string[] {
  const steps: string[] = [];
  for (const event of events) {
    if (event.type === "step-cached") steps[event.step] = event.hit;
    if (event.type !== "step-started") continue;
    const path = "path" in event.miss ? ` ${event.miss.path}` : "";
    steps[event.step] = `${event.miss.reason}${path}${event.shared ? " shared" : ""}`;
  }
  return steps;
}

/** The image of a build that went well. */
export async function imageOf(fixture: Fixture, events: readonly BuildEvent[]) {
  const event = last(events);
  expect(event, JSON.stringify(event)).toMatchObject({ type: "image" });
  const image = event?.type === "image" ? await fixture.imageStore.get(event.image.digest) : null;
  if (!image) throw new Error("no image");
  return image;
}

/** A file of an image, topmost layer first; null where there is none. */
export async function fileOf(
  fixture: Fixture,
  events: readonly BuildEvent[],
  name: string,
): Promise<string | null> {
  const { snapshot } = await imageOf(fixture, events);
  for (const layer of snapshot === null ? [] : await fixture.snapshotter.layers(snapshot)) {
    const text = await readFile(path.join(layer, name), "utf8").catch(() => null);
    if (text !== null) return text;
  }
  return null;
}

/** Nothing of a build is left on the machine. */
export async function expectNothingLeft(fixture: Fixture): Promise<void> {
  const at = (name: string) => path.join(fixture.root, name);
  await cacheMountsOf(fixture).settled();
  expect(await readdir(at("builds/running"))).toEqual([]);
  expect(await readdir(at("snapshots/active"))).toEqual([]);
  expect(await readdir(at("snapshots/scrap"))).toEqual([]);
  expect(await readdir(at("content/ingest"))).toEqual([]);
  expect((await fixture.disks.list()).filter((name) => name.startsWith(BUILD_DISK_PREFIX))).toEqual([]);
  expect(await fixture.runtime.list()).toEqual([]);
  expect(await fixture.cgroups.list()).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);
  const trees = await readdir(at("snapshots/trees"));
  expect(trees).toHaveLength((await fixture.snapshotter.list()).length);
}

let playgrounds = 0;
/** A playground that nobody else has. */
export const someone = (): string => {
  playgrounds += 1;
  return `person${String(playgrounds).padStart(5, "0")}`;
};
