import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openContentStore } from "../content/directory-content-store.ts";
import { openImageStore } from "../image-store/oci-image-store.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import type { SessionParts } from "./parts.ts";
import { SessionRecords } from "./record.ts";
import { createSessions } from "./sessions.ts";
import { TestMachine } from "./test-machine.ts";

let machine: TestMachine;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterAll(() => machine.dispose());

/** The parts of the worker process that comes next, with a store that keeps nothing which is not in use. */
async function partsOfNextProcess(): Promise<SessionParts> {
  const inside = (name: string) => path.join(machine.directory, name);
  const content = await openContentStore(inside("content"));
  const snapshotter = await OverlaySnapshotter.open(inside("snapshots"));
  const images = await openImageStore({
    directory: inside("content"),
    content,
    snapshotter,
    mountDirectory: inside("mounts"),
    limitBytes: 1,
  });
  return { ...machine.parts, content, images, snapshotter };
}

test("an image stays for as long as a session runs on it, across restarts; after that a launch says that it is gone", async () => {
  const before = await machine.sessions();
  const request = machine.request(await machine.image(["sleep", "1000"]));
  await before.launch(request);
  await machine.report(request.sessionId, ({ state }) => state === "running");
  await before.release();

  const parts = await partsOfNextProcess();
  const after = createSessions({
    parts,
    records: await SessionRecords.open(path.join(machine.directory, "sessions")),
    maxSessions: 4,
    onReport: (report) => void machine.reports.push(report),
  });
  await after.recover();
  await expect(parts.images.collect()).rejects.toMatchObject({ code: "store-full" });
  const image = await parts.images.get(request.image);
  expect(await parts.snapshotter.layers(image?.snapshot ?? "")).toHaveLength(1);

  await after.stop(request.sessionId);
  expect(await parts.images.collect()).toMatchObject({ images: 1, snapshots: 1 });
  const again = machine.request(request.image);
  await after.launch(again);
  const ended = await machine.report(again.sessionId, ({ state }) => state === "ended");
  expect(ended.end).toMatchObject({ cause: "launch-failed", error: { code: "image-missing" } });
});
