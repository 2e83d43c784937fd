import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FILES_KEPT_MS, KeptFiles } from "./kept-files.ts";
import { newPlace } from "./place.ts";
import { screen, type } from "./screen-fixture.ts";
import type { Sessions } from "./session.ts";
import { TestMachine } from "./test-machine.ts";

let machine: TestMachine;
let sessions: Sessions;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterEach(() => sessions.endAll());
afterAll(() => machine.dispose());

async function launch(cmd: readonly string[], changes: Parameters<TestMachine["request"]>[1] = {}) {
  sessions = await machine.sessions();
  return await start(machine.request(await machine.image(cmd), changes));
}

async function start(request: ReturnType<TestMachine["request"]>) {
  await sessions.launch(request);
  const main = await sessions.awaitTerminal(request.sessionId, request.terminals.main);
  return { request, id: request.sessionId, main };
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What tar(1) says of an archive: mode, owner, size and name of each entry. */
async function listed(archive: Buffer): Promise<string[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-tar-"));
  try {
    await writeFile(path.join(directory, "changes.tar"), archive);
    const args = ["--numeric-owner", "-tvf", path.join(directory, "changes.tar")];
    const lines = execFileSync("tar", args, { encoding: "utf8" }).trim().split("\n");
    return lines.filter((line) => line !== "").map((line) => line.replace(/ +/g, " "));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("an export holds what was written and removed, with the ids of the image, and nothing of ours", async () => {
  const { id, main } = await launch(["sh"]);
  await type(
    main,
    "echo hi > /new; mkdir /d; adduser -D -H u 2>/dev/null; chown 1000:1000 /d; rm /bin/wget; echo set-$((1+1))",
    /set-2/,
  );
  const entries = (await listed(await bytesOf(await sessions.exportChanges(id)))).map((line) => {
    const [mode, owner, size, , , ...name] = line.split(" ");
    return `${mode} ${owner} ${size} ${name.join(" ")}`;
  });
  expect(entries).toContain("-rw-r--r-- 0/0 3 new");
  expect(entries).toContain("drwxr-xr-x 1000/1000 0 d/");
  expect(entries.some((entry) => entry.endsWith("bin/.wh.wget"))).toBe(true);
  const names = entries.map((entry) => entry.split(" ").at(-1));
  expect(
    names.filter((name) => /^(dev|proc|sys|etc\/(hosts|hostname|resolv.conf))/.test(name ?? "")),
  ).toEqual([]);
  // It goes on as if nothing had been.
  await type(main, "echo on-$((1+1))", /on-2/);
});

test("a saved image is the image of the session with one more layer, and starts as it does", async () => {
  const { id, main, request } = await launch(["sh"]);
  await type(main, "echo kept > /kept; echo set-$((1+1))", /set-2/);
  const saved = await sessions.saveImage(id, "slipway/test/one:v1");
  expect(saved).toMatchObject({ layerCount: 2, cmd: ["sh"], exposedPorts: ["9000/tcp"] });
  const image = await machine.parts.images.resolve("slipway/test/one:v1");
  expect(image?.digest).toBe(saved.digest);
  expect(image?.config.history).toHaveLength(2);
  expect(image?.config.history?.[1]).toMatchObject({ created_by: "sh" });
  expect(image?.config.history?.[1]?.created).toBe(image?.config.created);
  const before = await machine.parts.images.get(request.image);
  expect(image?.layers.slice(0, 1)).toEqual(before?.layers);
  const again = await start(machine.request(saved.digest));
  await type(again.main, "cat /kept", /kept\r\n/);
});

test("a paused session can be saved, and stays paused", async () => {
  const { id, main } = await launch(["sh"]);
  await type(main, "echo kept > /kept; echo set-$((1+1))", /set-2/);
  await sessions.pause(id, true);
  expect((await sessions.saveImage(id, "slipway/test/paused")).layerCount).toBe(2);
  expect(sessions.reports().find(({ sessionId }) => sessionId === id)?.paused).toBe(true);
});

test("what is written while it is copied is in it or is not, but never half", async () => {
  const { id, main } = await launch([
    "sh",
    "-c",
    "while true; do echo one > /a; cp /a /b; echo two > /a; cp /a /b; done & echo up; wait",
  ]);
  await screen(main, /up/);
  const archive = await bytesOf(await sessions.exportChanges(id));
  const text = archive.toString("latin1");
  expect(await listed(archive)).toHaveLength(2);
  expect(text.match(/(one|two)\n/g)?.length ?? 0).toBeGreaterThanOrEqual(1);
});

test("after the end the files can be saved and exported, also by the worker process that comes next", async () => {
  const { id, main } = await launch(["sh"]);
  await type(main, "echo kept > /kept; echo set-$((1+1))", /set-2/);
  await sessions.stop(id);
  const ended = await machine.report(id, ({ state }) => state === "ended");
  expect(ended.filesKeptUntil).toBeGreaterThan(Date.now() + FILES_KEPT_MS / 2);
  const first = await bytesOf(await sessions.exportChanges(id));
  await sessions.release();
  sessions = await machine.sessions();
  await sessions.recover();
  expect((await bytesOf(await sessions.exportChanges(id))).equals(first)).toBe(true);
  const saved = await sessions.saveImage(id, "slipway/test/late");
  const again = await start(machine.request(saved.digest));
  await type(again.main, "cat /kept", /kept\r\n/);
  // Unmounted while nobody reads it.
  expect(await readdir(path.join(machine.directory, "disks/mounts"))).toHaveLength(1);
});

test("a session that wrote nothing leaves nothing, and a saved one of it has an empty layer", async () => {
  const { id } = await launch(["sleep", "1000"]);
  const saved = await sessions.saveImage(id, "slipway/test/empty");
  expect(saved.layerCount).toBe(2);
  expect(await listed(await bytesOf(await sessions.exportChanges(id)))).toEqual([]);
  await sessions.stop(id);
  expect((await machine.report(id, ({ state }) => state === "ended")).filesKeptUntil).toBeNull();
});

test("names that other people's images have are refused", async () => {
  const { id } = await launch(["sleep", "1000"]);
  const image = await machine.parts.images.resolve("busybox");
  for (const name of [
    "busybox",
    "node:20",
    "slipway",
    "example.com/slipway/x",
    "slipway/../x",
    "slipway/X",
  ]) {
    await expect(sessions.saveImage(id, name)).rejects.toMatchObject({ code: "request-invalid" });
  }
  expect(await machine.parts.images.resolve("busybox")).toEqual(image);
});

test("a disk full of hostile names is exported as it is", async () => {
  const { id, main } = await launch(["sh"]);
  const script = [
    "cd /tmp",
    "touch -- '-rf' 'a b' \"$(printf 'new\\nline')\" \"$(printf '\\033]0;x')\"",
    "ln -s /../../../../etc/passwd out",
    "ln -s . loop",
    "mkfifo pipe",
    "i=0; d=d; while [ $i -lt 40 ]; do mkdir $d; d=$d/d; i=$((i+1)); done",
    "echo set-$((1+1))",
  ].join("; ");
  await type(main, script, /set-2/);
  const entries = await listed(await bytesOf(await sessions.exportChanges(id)));
  expect(entries.some((entry) => entry.includes("out -> /../../../../etc/passwd"))).toBe(true);
  expect(entries.some((entry) => entry.endsWith("d/".repeat(40)))).toBe(true);
  expect(entries.some((entry) => entry.startsWith("p"))).toBe(true);
});

test("a reader that goes away lets go of what it read", async () => {
  const { id, main } = await launch(["sh"]);
  await type(main, "dd if=/dev/urandom of=/big bs=1M count=4 2>/dev/null; echo set-$((1+1))", /set-2/);
  const stream = await sessions.exportChanges(id);
  stream.once("readable", () => stream.destroy());
  await new Promise((resolve) => stream.once("close", resolve));
  const { blobs } = await machine.parts.images.collect();
  expect(blobs).toBeGreaterThan(0);
});

test("an end does not wait for a copy, and processes are not left standing", async () => {
  const { id, main } = await launch(["sh"], {});
  await type(main, "dd if=/dev/urandom of=/big bs=1M count=10 2>/dev/null; echo set-$((1+1))", /set-2/);
  const copy = sessions.exportChanges(id).then(
    (stream) => void stream.destroy(),
    (error: unknown) => expect(error).toMatchObject({ code: "session-not-running" }),
  );
  await sessions.stop(id);
  await copy;
  expect((await machine.report(id, ({ state }) => state === "ended")).end?.cause).toBe("stopped-by-owner");
  expect(await machine.leftOvers()).toEqual([]);
});

test("of kept files the oldest go first, when there are too many or too large ones", async () => {
  sessions = await machine.sessions();
  const { disks } = machine.parts;
  const kept = new KeptFiles(machine.parts, { sessions: 2, bytes: 1_000 });
  const dropped: number[] = [];
  const places = [newPlace(), newPlace(), newPlace(), newPlace()];
  const keep = async (number: number, usedBytes: number) => {
    const place = places[number] ?? newPlace();
    await disks.create(place.name, 16 * 1024 ** 2);
    const disk = { place, diskBytes: 16 * 1024 ** 2, usedBytes, until: Date.now() + 60_000 };
    return await kept.keep(disk, () => dropped.push(number));
  };
  expect(await keep(0, 10)).toBe(true);
  expect(await keep(1, 10)).toBe(true);
  expect(await keep(2, 10)).toBe(true);
  expect(dropped).toEqual([0]);
  expect(await keep(3, 985)).toBe(true);
  expect(dropped).toEqual([0, 1]);
  const left = await disks.list();
  expect(places.map(({ name }) => left.includes(name))).toEqual([false, false, true, true]);
  await expect(kept.use(places[0] ?? newPlace(), async () => 1)).rejects.toMatchObject({
    code: "session-files-gone",
  });
  for (const place of places) await kept.drop(place);
  kept.release();
});
