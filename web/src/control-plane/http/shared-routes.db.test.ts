import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { playgroundIdSchema } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PAUSE_MS } from "../playground/playground-version.ts";
import { type Caller, openStage, type Stage } from "../test-stage.ts";
import { SharedRoutes } from "./shared-routes.ts";

let stage: Stage;
let server: Server;
let caller: Caller;
let root: string;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "slipway-git-"));
  stage = await openStage();
  caller = stage.as(await stage.enter());
  const routes = new SharedRoutes({ services: stage.controlPlane.services, database: stage.database });
  server = createServer((request, response) => {
    routes.request(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  server?.close();
  await stage?.close();
  rmSync(root, { recursive: true, force: true });
});

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** The real program, without settings of this machine. */
async function git(...args: string[]): Promise<string> {
  const env = {
    NODE_ENV: process.env.NODE_ENV,
    PATH: process.env.PATH,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    NO_PROXY: "*",
  };
  const { stdout } = await promisify(execFile)("git", ["-c", "transfer.fsckObjects=true", ...args], { env });
  return stdout;
}

async function share(id: string, history: boolean) {
  const { id: linkId, cloneUrl } = await caller.playgroundLink.create({ id, history });
  return { linkId, url: origin() + new URL(cloneUrl).pathname };
}
const pause = (id: string) =>
  stage.database.playground.update({
    where: { id },
    data: { savedAt: new Date(Date.now() - PAUSE_MS - 1) },
  });

test("git clones all versions, bytes, rights and names included, and pulls what comes later", async () => {
  const { id } = await caller.playground.create({});
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 31) % 256));
  await stage.controlPlane.services.playgrounds.importFiles(playgroundIdSchema.parse(id), [
    { path: "bin/tool", content: bytes, executable: true },
    { path: "a.b/한글 파일", content: Buffer.from("안녕"), executable: false },
    { path: "a", content: Buffer.alloc(0), executable: false },
    { path: "empty", content: null, executable: false },
    { path: "sub/.git/config", content: Buffer.from("[core]"), executable: false },
  ]);
  await pause(id);
  await caller.playground.saveFile({ id, path: "app.js", content: "second\n" });
  await pause(id);
  const { url } = await share(id, true);
  const clone = path.join(root, "clone");
  await git("clone", "--quiet", url, clone);
  expect(await git("-C", clone, "fsck", "--strict")).not.toMatch(/error|missing|broken/);
  expect(await git("-C", clone, "log", "--format=%s")).toBe("Version 3\nVersion 2\nVersion 1\n");
  expect(readFileSync(path.join(clone, "bin/tool")).equals(bytes)).toBe(true);
  expect(statSync(path.join(clone, "bin/tool")).mode & 0o111).toBe(0o111);
  expect(readFileSync(path.join(clone, "a.b/한글 파일"), "utf8")).toBe("안녕");
  expect(readdirSync(clone).sort()).toEqual([".git", "Dockerfile", "a", "a.b", "app.js", "bin"].sort());
  expect(await git("-C", clone, "show", "HEAD~2:app.js")).toContain("createServer");

  await caller.playground.saveFile({ id, path: "app.js", content: "third\n" });
  await git("-C", clone, "pull", "--quiet", "--ff-only");
  expect(readFileSync(path.join(clone, "app.js"), "utf8")).toBe("third\n");
  expect(await git("-C", clone, "pull", "--ff-only")).toContain("up to date");
});

test("a link without history gives nothing away of what was there before", async () => {
  const { id } = await caller.playground.create({});
  await caller.playground.saveFile({ id, path: "secret", content: "password" });
  await caller.playground.keepVersion({ id, name: "with the password" });
  await caller.playground.remove({ id, path: "secret" });
  const { url } = await share(id, false);
  const clone = path.join(root, "plain");
  await git("clone", "--quiet", url, clone);
  expect(await git("-C", clone, "log", "--format=%s")).toMatch(/^Version \d+\n$/);
  expect(readdirSync(clone).sort()).toEqual([".git", "Dockerfile", "app.js"]);
});

test("nobody clones by a link that was revoked or never was, and nobody pushes", async () => {
  const { id } = await caller.playground.create({});
  const { url, linkId } = await share(id, true);
  const clone = path.join(root, "pushing");
  await git("clone", "--quiet", url, clone);
  await expect(git("-C", clone, "push", "--quiet", "origin", "main:other")).rejects.toThrow();
  await caller.playgroundLink.revoke({ id, linkId });
  await expect(git("ls-remote", url)).rejects.toThrow(/not found/);
  await expect(git("ls-remote", `${origin()}/git/${"A".repeat(22)}/x.git`)).rejects.toThrow(/not found/);
});

test("what is no request of a git client is refused", async () => {
  const { id } = await caller.playground.create({});
  const { url } = await share(id, false);
  const send = (body: string, headers = {}) =>
    fetch(`${url}/git-upload-pack`, { method: "POST", body, headers });
  expect((await send("no lines")).status).toBe(400);
  expect((await send("ffff")).status).toBe(400);
  expect((await send("no gzip", { "content-encoding": "gzip" })).status).toBe(400);
  const other = `0032want ${"0".repeat(40)}\n00000009done\n`;
  expect(await (await send(other)).text()).toContain("ERR");
  expect((await fetch(`${url}/info/refs?service=git-receive-pack`)).status).toBe(403);
});

test("the holder of a link reads and forks, and forks are their own", async () => {
  const { id } = await caller.playground.create({});
  const { url } = await caller.playgroundLink.create({ id, history: false });
  const token = url.split("/").at(-1) ?? "";
  const visitor = stage.as(await stage.enter());
  const nobody = stage.as(null);
  expect((await nobody.playgroundLink.view({ token })).files).toHaveLength(2);
  expect((await nobody.playgroundLink.readText({ token, path: "Dockerfile" })).content).toContain(
    "FROM node",
  );
  await expect(nobody.playgroundLink.fork({ token })).rejects.toThrow(/Enter first/);
  const { id: fork } = await visitor.playgroundLink.fork({ token });
  await visitor.playground.saveFile({ id: fork, path: "app.js", content: "mine" });
  expect((await caller.playground.readText({ id, path: "app.js" })).content).not.toBe("mine");
  await expect(visitor.playground.get({ id })).rejects.toThrow();
  const zip = await fetch(`${origin()}/given/${token}/zip`);
  expect(zip.headers.get("content-type")).toBe("application/zip");
  expect((await zip.arrayBuffer()).byteLength).toBeGreaterThan(100);
});
