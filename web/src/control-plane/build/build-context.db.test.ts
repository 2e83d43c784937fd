import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { promisify } from "node:util";
import { extract } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createContextsHandler } from "../http/contexts.ts";
import { type Caller, JOIN_TOKEN, openStage, type Stage } from "../test-stage.ts";

let stage: Stage;
let server: Server;
let origin: string;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage();
  caller = stage.as(await stage.enter());
  const handle = createContextsHandler(stage.database, JOIN_TOKEN);
  server = createServer((request, response) => {
    // As the front does: the answer has ended already.
    handle(request, response).catch(() => undefined);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  await stage?.close();
});

const fetchContext = (buildId: string, token = JOIN_TOKEN) =>
  fetch(`${origin}/agents/contexts/${buildId}`, { headers: { authorization: `Bearer ${token}` } });

async function entriesOf(response: Response) {
  const entries: Record<
    string,
    { content: string; bytes: Buffer; mode: number | undefined; uid: number | undefined }
  > = {};
  const tar = extract();
  Readable.fromWeb(response.body as ReadableStream<Uint8Array>).pipe(tar);
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { mode, uid } = entry.header;
    const name = entry.header.name.replace(/\/$/, "");
    const bytes = Buffer.concat(chunks);
    entries[name] = { content: bytes.toString(), bytes, mode, uid };
  }
  return entries;
}

test("the tar holds the files as they were when the build was started", async () => {
  const { id } = await caller.playground.create({});
  const script = "#!/bin/sh\necho 안녕\n";
  await caller.playground.saveFile({ id, path: "bin/run.sh", content: script });
  const long = `${"d".repeat(120)}/${"f".repeat(120)}.txt`;
  await caller.playground.saveFile({ id, path: long, content: "" });
  const { id: buildId } = await caller.build.start({ playgroundId: id, noCache: false });
  await caller.playground.saveFile({ id, path: "Dockerfile", content: "FROM later" });

  const response = await fetchContext(buildId);
  expect(response.headers.get("content-type")).toBe("application/x-tar");
  const entries = await entriesOf(response);
  const [folder = ""] = long.split("/");
  const paths = ["Dockerfile", "app.js", "bin", "bin/run.sh", folder, long];
  expect(Object.keys(entries)).toEqual(paths);
  expect(entries.Dockerfile?.content).toMatch(/^FROM node\n/);
  expect(entries["bin/run.sh"]).toMatchObject({ content: script, mode: 0o755, uid: 0 });
  expect(entries["app.js"]).toMatchObject({ mode: 0o644, uid: 0 });
});

test("binary files, empty folders and rights arrive as they are", async () => {
  const { id } = await caller.playground.create({});
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  await stage.controlPlane.services.playgrounds.importFiles(id, [
    { path: "bin/tool", content: bytes, executable: true },
    { path: "empty/folder", content: null, executable: false },
    { path: "none", content: Buffer.alloc(0), executable: false },
  ]);
  const { id: buildId } = await caller.build.start({ playgroundId: id });
  const entries = await entriesOf(await fetchContext(buildId));
  expect(entries["bin/tool"]).toEqual({ content: bytes.toString(), bytes, mode: 0o755, uid: 0 });
  expect(entries["empty/folder"]).toMatchObject({ mode: 0o755, uid: 0 });
  expect(entries.none?.bytes).toEqual(Buffer.alloc(0));
});

test("contents stay for a build although the playground needs them no more", async () => {
  const { id } = await caller.playground.create({});
  await caller.playground.saveFile({ id, path: "gone", content: "still here" });
  const { id: buildId } = await caller.build.start({ playgroundId: id });
  await caller.playground.remove({ id, path: "gone" });
  await stage.database.playgroundVersion.deleteMany({ where: { playgroundId: id } });
  await stage.database.playgroundBlob.updateMany({
    where: { playgroundId: id },
    data: { isVersioned: false },
  });
  await caller.playground.keepVersion({ id, name: "now" });
  expect((await entriesOf(await fetchContext(buildId))).gone?.content).toBe("still here");
});

test("nobody gets a context without the join token, and no one that of a build that is over", async () => {
  const { id } = await caller.playground.create({});
  const { id: buildId } = await caller.build.start({ playgroundId: id, noCache: false });
  expect((await fetchContext(buildId, "another-token")).status).toBe(401);
  expect((await fetch(`${origin}/agents/contexts/${buildId}`)).status).toBe(401);
  await caller.build.cancel({ buildId });
  expect((await fetchContext(buildId)).status).toBe(404);
  expect((await fetchContext("../../etc/passwd")).status).toBe(404);
});

const FILE_BYTES = 512 * 1024;
/** More than a playground may have, written past its limits. */
async function addLargeFiles(id: string, buildId: string, count: number): Promise<void> {
  await stage.database.$executeRaw`
    INSERT INTO playground_blobs (playground_id, digest, bytes, is_text, content)
    SELECT ${id}, 'large ' || n, ${FILE_BYTES}::int, true, convert_to(repeat(chr(97 + n % 26), ${FILE_BYTES}::int), 'UTF8')
    FROM generate_series(1, ${count}::int) n`;
  await stage.database.$executeRaw`
    INSERT INTO build_context_files (build_id, path, playground_id, digest, updated_at)
    SELECT ${buildId}, 'large/' || n, ${id}, 'large ' || n, now() FROM generate_series(1, ${count}::int) n`;
}
const FILES = 384;
/** What a context of 192 MiB may add to an idle process: portions under way and garbage that is not collected yet. */
const MEMORY_BYTES = 100 * 1000 * 1000;
/** Heap of the sending process, MiB: less than the context, so that garbage has to be collected on the way. */
const HEAP_MIB = 128;

test("a context of 192 MiB passes through without ever being in memory", async () => {
  const { id } = await caller.playground.create({});
  const { id: buildId } = await caller.build.start({ playgroundId: id });
  await addLargeFiles(id, buildId, FILES);
  const sender = path.join(import.meta.dirname, "context-memory-fixture.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP_MIB}`,
    "--import",
    "tsx",
    sender,
    stage.env.DATABASE_URL,
    buildId,
  ]);
  const { sent, overIdle } = JSON.parse(stdout) as { sent: number; overIdle: number };
  expect(sent).toBeGreaterThan(FILES * FILE_BYTES);
  expect(overIdle).toBeLessThan(MEMORY_BYTES);
}, 60_000);

test("a build that ends while its context is sent leaves a broken answer, never a tar that looks whole", async () => {
  const { id } = await caller.playground.create({});
  const { id: buildId } = await caller.build.start({ playgroundId: id });
  await addLargeFiles(id, buildId, 64);
  const response = await fetchContext(buildId);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await caller.build.cancel({ buildId });
  const rest = async () => {
    for (;;) if ((await reader.read()).done) return "whole";
  };
  await expect(rest()).rejects.toThrow();
});
