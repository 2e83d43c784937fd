import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Terminal } from "../../terminal/terminal.ts";
import { type as typed } from "../screen-fixture.ts";
import type { Sessions } from "../session.ts";
import { TestMachine } from "../test-machine.ts";
import type { ContainerFiles, DownloadLimits } from "./container-files.ts";
import { MainFiles } from "./main-files.ts";

let machine: TestMachine;
let sessions: Sessions;
let files: ContainerFiles;
let main: Terminal;
let id: Parameters<Sessions["host"]>[0];
let terminal: Parameters<Sessions["terminal"]>[1];

beforeAll(async () => {
  machine = await TestMachine.make();
  sessions = await machine.sessions();
  const request = machine.request(await machine.image(["sh"]));
  await sessions.launch(request);
  id = request.sessionId;
  terminal = request.terminals.main;
  const found = await sessions.awaitTerminal(id, terminal);
  if (found === null) throw new Error("no terminal");
  main = found;
  await machine.report(id, ({ state }) => state === "running");
  files = sessions.containerFiles(id);
});
afterAll(async () => {
  await sessions.endAll();
  await machine.dispose();
});

const put = (where: string, content: Buffer | string, sizeBytes = Buffer.byteLength(content)) =>
  files.write(where, Readable.from([content], { objectMode: false }), { sizeBytes, maxBytes: 1_000_000_000 });
const run = (command: string, answer: RegExp) => typed(main, command, answer);
const got = async (where: string) => await buffer((await files.read(where)).content);

test("a file that is put in belongs to the owner of its folder, and one that is replaced keeps owner and mode", async () => {
  await run(
    "mkdir /u; chown 1000:1001 /u; echo old > /u/tool; chown 7:8 /u/tool; chmod 4755 /u/tool; echo m-$((1+1))",
    /m-2/,
  );
  await put("/u/new", "a new one");
  await put("/u/tool", "replaced");
  await put("/u/a/b/deep", "");
  await run(
    "stat -c '%n=%u:%g:%a:%s' /u/new /u/tool /u/a/b /u/a/b/deep; cat /u/tool; echo ok-$((2+2))",
    /ok-4/,
  );
  const screen = await run(
    "stat -c '%n=%u:%g:%a:%s' /u/new /u/tool /u/a /u/a/b/deep; echo ok-$((2+3))",
    /ok-5/,
  );
  expect(screen).toContain("/u/new=1000:1001:644:9");
  expect(screen).toContain("/u/tool=7:8:755:8");
  expect(screen).toContain("/u/a/b/deep=1000:1001:644:0");
  expect(String(await got("/u/tool"))).toBe("replaced");
});

test("a directory comes out as a tar with owners and links of the container, a file as it is", async () => {
  await run(
    "mkdir /t; echo x > /t/f; chown 5:6 /t/f; ln -s /etc/passwd /t/l; mkfifo /t/p; echo t-$((3+3))",
    /t-6/,
  );
  const { kind, name, content } = await files.read("/t");
  expect({ kind, name }).toEqual({ kind: "tar", name: "t" });
  const listing = execFileSync("tar", ["--numeric-owner", "-tv"], {
    input: await buffer(content),
  }).toString();
  expect(listing).toMatch(/5\/6\s+2 .* t\/f/);
  expect(listing).toContain("t/l -> /etc/passwd");
  expect(listing.trim().split("\n")).toHaveLength(4);
});

test("a directory with more than may be downloaded is refused before a byte is sent", async () => {
  const rootfs = mkdtempSync(path.join(tmpdir(), "slipway-tree-"));
  try {
    for (const name of ["one", "two"]) writeFileSync(path.join(rootfs, name), "12345");
    linkSync(path.join(rootfs, "two"), path.join(rootfs, "two-again"));
    const within = (limits: DownloadLimits) =>
      new MainFiles({ rootfs, ids: { firstHostId: 0, size: 65_536 }, limits }).read("/");
    // The directory itself is an entry, and a file of two names has its bytes once.
    expect((await buffer((await within({ maxBytes: 10, maxEntries: 4 })).content)).length).toBeGreaterThan(
      10,
    );
    for (const limits of [
      { maxBytes: 9, maxEntries: 4 },
      { maxBytes: 10, maxEntries: 3 },
    ])
      await expect(within(limits)).rejects.toMatchObject({ code: "download-too-large" });
  } finally {
    rmSync(rootfs, { recursive: true });
  }
});

test("no link, no dots and no pipe lead out of the container or keep anybody waiting", async () => {
  const outside = mkdtempSync(path.join(tmpdir(), "slipway-outside-"));
  try {
    await run(
      `ln -s ${outside} /out; ln -s /../../../../../.. /up; ln -s /proc/1/root /magic; mkfifo /pipe; echo o-$((4+4))`,
      /o-8/,
    );
    await put("/out/planted", "inside").catch(() => {});
    await put("/up/../../planted", "inside");
    await put(`${"/..".repeat(20)}${outside}/deep`, "inside");
    expect(existsSync(path.join(outside, "planted"))).toBe(false);
    expect(existsSync(path.join(outside, "deep"))).toBe(false);
    expect(existsSync("/planted")).toBe(false);
    expect(String(await got("/planted"))).toBe("inside");
    await expect(files.read("/pipe")).rejects.toMatchObject({ code: "container-path-invalid" });
    await expect(put("/pipe/x", "x")).rejects.toMatchObject({ code: "container-path-invalid" });
    await expect(files.list("/magic/etc")).rejects.toMatchObject({ code: "container-path-missing" });
    for (const bad of ["", "relative", "/a\0b", "/", `/${"x".repeat(5000)}`])
      await expect(put(bad, "x"), bad.slice(0, 9)).rejects.toMatchObject({ code: "container-path-invalid" });
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test("names of any bytes are told, opened and written again", async () => {
  await run(
    "mkdir /n; cd /n; touch \"$(printf 'b\\377d')\" '<b>' \"$(printf 'a\\nb')\"; ln -s /n here; ln -s /nowhere lost; echo n-$((5+5))",
    /n-10/,
  );
  const { path: where, entries, cut } = await files.list("/n/here");
  expect({ where, cut }).toEqual({ where: "/n", cut: false });
  expect(entries.map(({ name }) => name).sort()).toEqual(["<b>", "a\nb", "b\udcffd", "here", "lost"]);
  expect(entries.find(({ name }) => name === "here")).toMatchObject({ kind: "directory", linked: true });
  expect(entries.find(({ name }) => name === "lost")).toMatchObject({ kind: "link" });
  await put("/n/b\udcffd", "bytes");
  await run("cat /n/b*; echo; echo c-$((6+6))", /bytes[\s\S]*c-12/);
});

test("the current directory is that of the terminal's process", async () => {
  await run("mkdir -p /work/here; cd /work/here; echo w-$((7+7))", /w-14/);
  expect(await sessions.currentDirectory(id, terminal)).toBe("/work/here");
  await run("cd /; echo w-$((8+8))", /w-16/);
  expect(await sessions.currentDirectory(id, terminal)).toBe("/");
});

test("what breaks off or has no room leaves neither half a file nor the old one changed", async () => {
  await put("/kept", "the old one");
  await expect(put("/kept", "short", 99)).rejects.toMatchObject({ code: "request-invalid" });
  await expect(put("/kept", "longer than said", 3)).rejects.toMatchObject({ code: "request-invalid" });
  await expect(put("/kept", "x", 2_000_000_000)).rejects.toMatchObject({ code: "upload-too-large" });
  await expect(put("/kept", Buffer.alloc(64 * 1024 * 1024))).rejects.toMatchObject({
    code: "session-disk-full",
  });
  expect(String(await got("/kept"))).toBe("the old one");
  expect((await files.list("/")).entries.filter(({ name }) => name.startsWith(".slipway"))).toEqual([]);
});
