import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "../layer/tar-encoder.ts";
import { tarEntries } from "../layer/tar-reader.ts";
import {
  buildContext,
  type ContextFile,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
} from "./builder-fixture.ts";

let fixture: Fixture;
let tar: Buffer;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-archive-"));
  try {
    mkdirSync(path.join(directory, "sub"));
    writeFileSync(path.join(directory, "sub/file"), "unpacked");
    chmodSync(path.join(directory, "sub/file"), 0o4711);
    linkSync(path.join(directory, "sub/file"), path.join(directory, "hard"));
    symlinkSync("/etc/passwd", path.join(directory, "link"));
    const args = [
      "--sort=name",
      "--owner=5",
      "--group=6",
      "--mtime=@1000000000",
      "-C",
      directory,
      "-c",
      "sub",
      "hard",
      "link",
    ];
    tar = execFileSync("tar", args);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});
afterEach(async () => {
  expect(await readdir(path.join(fixture.root, "builds/running"))).toEqual([]);
  expect(await readdir(path.join(fixture.root, "snapshots/active"))).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);
});

let playgrounds = 0;

async function add(flags: string, content: Uint8Array, more: readonly ContextFile[] = []) {
  const playground = `archive${String(++playgrounds).padStart(4, "0")}`;
  const events = await buildContext(
    fixture,
    [dockerfile(`FROM busybox\nADD ${flags} archive /x/`), { path: "archive", content }, ...more],
    { playground, noCache: true },
  );
  const layer = (await fixture.imageStore.resolve(`slipway/${playground}`))?.layers.at(-1);
  const entries: string[] = [];
  if (layer)
    for await (const { header } of tarEntries(await fixture.content.stream(layer.digest)))
      entries.push(`${header.name} ${header.mode.toString(8)} ${header.uid}:${header.gid}`);
  return { last: events.at(-1), entries };
}

const through = (program: string, ...args: string[]) =>
  execFileSync(program, [...args, "-c"], { input: tar });
const UNPACKED = ["x/ 755 0:0", "x/hard 4711 5:6", "x/link 777 5:6", "x/sub/ 755 5:6", "x/sub/file 4711 5:6"];

describe("ADD of an archive", () => {
  it.each([
    ["tar", () => tar],
    ["gzip", () => through("gzip")],
    ["bzip2", () => through("bzip2")],
    ["xz", () => through("xz")],
    ["zstd", () => through("zstd", "-q")],
  ] as [string, () => Buffer][])(
    "unpacks %s, whatever its name, with owners, modes and links",
    async (_, content) => {
      expect((await add("", content())).entries).toEqual(UNPACKED);
    },
  );

  it("--chown counts for all of it, --unpack=false leaves it as it is", async () => {
    expect((await add("--chown=7:8", tar)).entries).toEqual(
      UNPACKED.map((line) => line.replace(/ (5:6|0:0)$/, " 7:8").replace("x/hard 4711", "x/hard 4711")),
    );
    expect((await add("--unpack=false", tar)).entries).toEqual(["x/ 755 0:0", "x/archive 644 0:0"]);
  });

  it("what only looks like one is a file like others", async () => {
    const files = [
      gzipSync("no tar in here"),
      Buffer.from([0x1f, 0x8b, 0x08, 1, 2, 3]),
      Buffer.from("ustar"),
      Buffer.alloc(1024),
    ];
    const cut = through("xz").subarray(0, 40);
    for (const content of [
      ...files,
      cut,
      Buffer.concat([Buffer.from("\x28\xb5\x2f\xfd", "latin1"), randomBytes(100)]),
    ]) {
      expect((await add("", content)).entries).toEqual(["x/ 755 0:0", "x/archive 644 0:0"]);
    }
  });
});

describe("ADD of an archive that attacks", () => {
  const entry = (name: string, header: Partial<TarHeader> = {}, content = ""): Buffer => {
    const body = Buffer.from(content);
    const common = { mode: 0o644, uid: 0, gid: 0, sizeBytes: body.byteLength, mtimeSeconds: 1 };
    const block = encodeTarHeader({ path: name, type: "file", ...common, ...header });
    return Buffer.concat([block, body, tarPadding(body.byteLength)]);
  };
  const whole = (...entries: Buffer[]) => Buffer.concat([...entries, TAR_END]);
  const device = (): Buffer => {
    const block = Buffer.from(
      encodeTarHeader({
        path: "null",
        type: "fifo",
        mode: 0o666,
        uid: 0,
        gid: 0,
        sizeBytes: 0,
        mtimeSeconds: 1,
      }),
    );
    block.write("3", 156);
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    return block;
  };

  it.each([
    ["path traversal", () => whole(entry("../../../../tmp/slipway-evil", {}, "x"))],
    [
      "a hard link out of the root",
      () => whole(entry("l", { type: "link", linkTarget: "../../../etc/shadow" })),
    ],
    ["a device node", () => whole(device())],
    ["a gzip bomb of one large file", () => gzipSync(whole(entry("f", { sizeBytes: 10 * 1024 ** 3 })))],
    ["a tar cut in the middle", () => entry("f", { sizeBytes: 100_000 }, "x".repeat(1000))],
    [
      "a gzip cut in the middle",
      () => gzipSync(whole(entry("f", {}, randomBytes(300_000).toString("hex")))).subarray(0, 100_000),
    ],
  ] as [string, () => Buffer][])("%s is the sender's fault, and leaves nothing", async (_, content) => {
    const { last } = await add("", content());
    expect(last).toMatchObject({ type: "failed", error: { code: "archive-invalid", fault: "user" } });
    expect(readdirSync("/tmp")).not.toContain("slipway-evil");
  });

  it("a link that leads out and a path through it stay inside of the image", async () => {
    const { last } = await add(
      "",
      whole(entry("l", { type: "symlink", linkTarget: "/../../tmp" }), entry("l/slipway-evil", {}, "x")),
    );
    expect(readdirSync("/tmp")).not.toContain("slipway-evil");
    expect(last?.type).toMatch(/image|failed/);
  });
});
