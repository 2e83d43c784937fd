import { execFileSync } from "node:child_process";
import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type ClientRequest, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestMachine } from "../../session/test-machine.ts";
import { TestEngine } from "../engine-fixture.ts";

const MIB = 1024 * 1024;
let machine: TestMachine;
let engine: TestEngine;
let here: string;
beforeAll(async () => {
  machine = await TestMachine.make();
  const limits = { memoryBytes: 256 * MIB, cpus: 2, pids: 256, diskBytes: 64 * MIB, openFiles: 1024 };
  engine = await TestEngine.launch(machine, {
    changes: { limits: { ...limits, networkBytesPerSecond: 10_000_000 } },
  });
  await engine.docker(["tag", "playground", "busybox"]);
  here = await mkdtemp(path.join(tmpdir(), "slipway-copy-"));
});
afterAll(async () => {
  await engine.end();
  expect(await machine.leftOvers()).toEqual([]);
  await machine.dispose();
  await rm(here, { recursive: true });
});

async function docker(...args: string[]): Promise<string> {
  const said = await engine.docker(args);
  if (said.exitCode !== 0) throw new Error(said.stderr);
  return said.stdout;
}

type Entry = Parameters<ReturnType<typeof pack>["entry"]>[0];
async function tarOf(...entries: (Entry & { content?: string })[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = "", ...header } of entries) tar.entry(header, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const archive = (id: string, at: string, more = "") =>
  `/containers/${id}/archive?path=${encodeURIComponent(at)}${more}`;
const put = (id: string, at: string, tar: Uint8Array, more = "") =>
  engine.ask("PUT", archive(id, at, more), tar);
const inside = (name: string) => path.join(here, name);
const listed = (tar: Buffer) =>
  execFileSync("tar", ["--numeric-owner", "-tvf", "-"], { input: tar, encoding: "utf8" });

/** A tar as it comes out of a container. */
function got(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ socketPath: engine.socket, path: url }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve(Buffer.concat(chunks));
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("files go into a container and out of it, whether it runs or not, with their links, owners, volumes and binds", async () => {
  await docker(
    "create",
    "--name",
    "box",
    "-v",
    "kept:/data",
    "-v",
    "/work/seen:/seen",
    "busybox",
    "sleep",
    "1000",
  );
  await writeFile(inside("note"), "from outside");
  for (const state of ["created", "running"]) {
    if (state === "running") await docker("start", "box");
    for (const at of ["/etc/note", "/data/note", "/seen/note"])
      await docker("cp", inside("note"), `box:${at}`);
    await docker("cp", "box:/data/note", inside(state));
    expect(await readFile(inside(state), "utf8")).toBe("from outside");
    expect(await docker("diff", "box")).toContain("A /etc/note\n");
  }
  expect(await docker("exec", "box", "cat", "/etc/note", "/data/note", "/seen/note")).toBe(
    "from outside".repeat(3),
  );
  expect(await docker("exec", "box", "stat", "-c", "%u:%g", "/etc/note")).toBe("0:0\n");

  const make =
    "mkdir -p /made/in; echo x > /made/in/file; chown 7:8 /made/in; ln -s in /made/link; rm /etc/group";
  await docker("exec", "box", "sh", "-c", make);
  await docker("cp", "box:/made", inside("tree"));
  expect((await lstat(inside("tree/link"))).isSymbolicLink()).toBe(true);
  expect(await readFile(inside("tree/in/file"), "utf8")).toBe("x\n");
  expect(listed(await got(archive("box", "/made/link/")))).toMatch(/7\/8 .* link\/\n.* link\/file\n$/);
  expect(await docker("diff", "box")).toBe(
    "A /data\nC /etc\nD /etc/group\nA /etc/note\nA /made\nA /made/in\nA /made/in/file\nA /made/link\nA /seen\n",
  );

  const stat = (await engine.ask("HEAD", archive("box", "/made/link"))).headers[
    "x-docker-container-path-stat"
  ];
  expect(JSON.parse(Buffer.from(String(stat), "base64").toString())).toMatchObject({
    name: "link",
    mode: 0x8000000 + 0o777,
    linkTarget: "/made/in",
  });
  await docker("stop", "-t", "0", "box");
  const whole = listed(await got("/containers/box/export"));
  expect(whole).toContain(" made/in/file\n");
  expect(whole).toContain(" bin/busybox\n");
  // Volumes are no part of a container.
  expect(whole).not.toContain("data/note");
  await docker("start", "box");
  expect(await docker("exec", "box", "cat", "/data/note")).toBe("from outside");
});

test("nothing of an archive leaves the container, and what can't be in one is refused", async () => {
  await docker("run", "-d", "--name", "prey", "--tmpfs", "/mem", "busybox", "sleep", "1000");
  const file = (name: string, more: Partial<Entry> = {}) => tarOf({ name, content: "evil", ...more });
  for (const [tar, why] of [
    [await file("../up"), /leads out/],
    [await file("a/../../up"), /leads out/],
    [await tarOf({ name: "disk", type: "block-device", devmajor: 7, devminor: 0 }), /not allowed/],
    [await file("owned", { uid: 4_000_000 }), /does not know/],
    [Buffer.alloc(2048, 7), /archive/i],
  ] as const) {
    const refused = await put("prey", "/tmp", tar);
    expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(why)]);
  }
  // A link leads where it leads inside of the container.
  const link = { name: "out", type: "symlink", linkname: "/../../../../etc" } as const;
  const through = await put(
    "prey",
    "/tmp",
    await tarOf(link, { name: "out/slipway-escape", content: "evil" }),
  );
  expect(through.status).toBe(200);
  expect(await docker("exec", "prey", "cat", "/etc/slipway-escape")).toBe("evil");
  await expect(lstat("/etc/slipway-escape")).rejects.toThrow("ENOENT");
  // What the runtime mounts is no part of it: neither the kernel's files nor memory.
  for (const at of ["/proc", "/dev", "/mem"])
    expect((await put("prey", at, await file("seen"))).status).toBe(200);
  expect(
    await docker("exec", "prey", "sh", "-c", "ls /proc/seen /dev/seen /mem/seen 2>/dev/null; true"),
  ).toBe("");
  expect((await engine.ask("HEAD", archive("prey", "/proc/1/root/etc"))).status).toBe(404);
});

test("every refusal of docker cp has its status", async () => {
  await docker("create", "--name", "sealed", "--read-only", "-v", "data:/data:ro", "busybox", "true");
  const tar = await tarOf({ name: "passwd", type: "directory" });
  const status = async (answer: ReturnType<typeof engine.ask>) => (await answer).status;
  expect(await status(put("sealed", "/tmp", tar))).toBe(403);
  expect(await status(put("sealed", "/data", tar))).toBe(403);
  await docker("create", "--name", "open", "busybox", "true");
  expect(await status(put("open", "/nowhere", tar))).toBe(404);
  expect(await status(put("open", "/etc/passwd", tar))).toBe(400);
  expect(await status(put("open", "/etc", tar, "&noOverwriteDirNonDir=1"))).toBe(400);
  expect(await status(put("open", "/etc", tar))).toBe(200);
  for (const method of ["GET", "HEAD", "PUT"]) {
    expect(await status(engine.ask(method, "/containers/open/archive"))).toBe(400);
    expect(await status(engine.ask(method, archive("f".repeat(64), "/")))).toBe(404);
    expect(await status(engine.ask(method, archive("open", "/nowhere")))).toBe(404);
  }
  expect(await status(engine.ask("GET", "/containers/nobody/export"))).toBe(404);
  expect(await status(engine.ask("GET", "/containers/nobody/changes"))).toBe(404);
});

test("a client that vanishes in the middle of an archive keeps nobody from the container", async () => {
  await docker("create", "--name", "left", "busybox", "sh", "-c", "exit 3");
  const leave = (asked: ClientRequest) => new Promise((resolve) => asked.on("close", resolve).destroy());
  const options = { socketPath: engine.socket, path: archive("left", "/") };
  const writes = httpRequest({ ...options, method: "PUT" });
  writes.on("error", () => {});
  await new Promise((resolve) => writes.write(Buffer.alloc(512 * 3), resolve));
  const reads = httpRequest(options);
  reads.on("error", () => {});
  await new Promise((resolve) => {
    reads.on("response", (response) => resolve(response.pause()));
    reads.end();
  });
  await Promise.all([leave(reads), leave(writes)]);
  await docker("start", "left");
  expect(await docker("wait", "left")).toBe("3\n");
  await docker("rm", "left");
});

test("an archive that unpacks to more than the session's disk ends there", async () => {
  await docker("create", "--name", "target", "busybox", "true");
  const bomb = gzipSync(await tarOf({ name: "zeros", content: "\0".repeat(96 * MIB) }));
  const full = await put("target", "/tmp", bomb);
  expect([full.status, full.text]).toEqual([500, expect.stringContaining("no space left on device")]);
});
