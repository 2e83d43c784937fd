import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { BuildEvent } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { encodeTarHeader, TAR_END } from "../layer/tar-encoder.ts";
import { tarEntries } from "../layer/tar-reader.ts";
import { openOutbound } from "../outbound/guarded-outbound.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
let closed: Fixture;
let server: Server;
let origin: string;
let requests: string[] = [];

const outboundTo = (openedAddresses: readonly string[]) =>
  openOutbound({
    openedAddresses,
    refusedAddresses: [],
    trustedHosts: new Set(),
    allowsPlainHttp: () => true,
    connectMs: 5000,
  });
const outbounds = [outboundTo(["127.0.0.1"]), outboundTo([])];

const BODY = Buffer.from("fetched from far away\n");
const ARCHIVE = gzipSync(
  Buffer.concat([
    encodeTarHeader({
      path: "inner",
      type: "file",
      mode: 0o640,
      uid: 3,
      gid: 4,
      sizeBytes: 0,
      mtimeSeconds: 9,
    }),
    TAR_END,
  ]),
);
const MODIFIED = "Sat, 03 Feb 2001 04:05:06 GMT";

/** A network of its own in which a server gives repositories: what a build's network is to the world. */
const namespace = `swt-git-${randomBytes(3).toString("hex")}`;
const repositories = mkdtempSync(path.join(tmpdir(), "slipway-git-"));
let daemon: ChildProcess;
const commits: Record<string, string> = {};

function git(directory: string, ...args: string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, "-C", directory, ...args], { encoding: "utf8" }).trim();
}

function makeRepository(): void {
  const home = path.join(repositories, "project.git");
  mkdirSync(path.join(home, "docs"), { recursive: true });
  git(home, "init", "-q");
  writeFileSync(path.join(home, "README"), "first");
  writeFileSync(path.join(home, "docs/page"), "page");
  writeFileSync(path.join(home, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  symlinkSync("/etc/passwd", path.join(home, "link"));
  git(home, "add", ".");
  git(home, "commit", "-q", "-m", "first");
  git(home, "tag", "-a", "v1", "-m", "v1");
  commits.v1 = git(home, "rev-parse", "HEAD");
  git(home, "checkout", "-q", "-b", "next");
  writeFileSync(path.join(home, "README"), "second");
  git(home, "commit", "-q", "-am", "second");
  commits.next = git(home, "rev-parse", "HEAD");
  git(home, "checkout", "-q", "main");
  // One whose submodule is a directory of the machine that it is checked out on.
  const evil = path.join(repositories, "evil.git");
  mkdirSync(evil);
  git(evil, "init", "-q");
  writeFileSync(path.join(evil, ".gitmodules"), `[submodule "s"]\n\tpath = s\n\turl = file://${home}\n`);
  git(evil, "add", ".gitmodules");
  git(evil, "update-index", "--add", "--cacheinfo", `160000,${commits.v1},s`);
  git(evil, "commit", "-q", "-m", "evil");
}

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const route = new URL(request.url ?? "/", "http://x").pathname;
    if (route === "/dir/file.txt") response.setHeader("last-modified", MODIFIED).end(BODY);
    else if (route === "/archive.tar.gz") response.end(ARCHIVE);
    else if (route === "/cut")
      response.writeHead(200, { "content-length": "1000" }).write("x", () => response.destroy());
    else if (route === "/hop") response.writeHead(302, { location: "/dir/file.txt" }).end();
    else response.writeHead(404).end("no");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  makeRepository();
  execFileSync("ip", ["netns", "add", namespace]);
  execFileSync("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  const serve = [
    "git",
    "daemon",
    "--export-all",
    `--base-path=${repositories}`,
    "--listen=127.0.0.1",
    "--reuseaddr",
    repositories,
  ];
  daemon = spawn("ip", ["netns", "exec", namespace, ...serve], { stdio: "ignore", detached: true });
  const network = {
    acquire: async () => ({ namespacePath: `/run/netns/${namespace}`, resolvConf: "" }),
    release: async () => {},
  };
  const [open, shut] = outbounds;
  fixture = await fixtureWithBusybox({ ...(open ? { outbound: open } : {}), network });
  closed = await fixtureWithBusybox(shut ? { outbound: shut } : {});
  const listens = () =>
    execFileSync("ip", ["netns", "exec", namespace, "ss", "-ltn"], { encoding: "utf8" }).includes(":9418");
  for (let tries = 0; tries < 100 && !listens(); tries += 1) await delay(50);
}, 120_000);
afterAll(async () => {
  if (daemon?.pid) process.kill(-daemon.pid, "SIGKILL");
  execFileSync("ip", ["netns", "delete", namespace]);
  rmSync(repositories, { recursive: true, force: true });
  server?.close();
  for (const outbound of outbounds) await outbound.close();
  await fixture?.close();
  await closed?.close();
});
afterEach(async () => {
  requests = [];
  for (const { root } of [fixture, closed]) {
    expect(await readdir(path.join(root, "builds/running"))).toEqual([]);
    expect(await readdir(path.join(root, "snapshots/active"))).toEqual([]);
    expect(await readFile("/proc/mounts", "utf8")).not.toContain(root);
  }
});

let playgrounds = 0;

async function build(on: Fixture, lines: string, options: { playground?: string; noCache?: boolean } = {}) {
  const playground = options.playground ?? `remote${String(++playgrounds).padStart(5, "0")}`;
  const events = await buildContext(on, [dockerfile(`FROM busybox\n${lines}`)], {
    noCache: true,
    ...options,
    playground,
  });
  const layer = (await on.imageStore.resolve(`slipway/${playground}`))?.layers.at(-1);
  const entries: { line: string; mtime: number }[] = [];
  if (layer && events.at(-1)?.type === "image")
    for await (const { header } of tarEntries(await on.content.stream(layer.digest)))
      entries.push({
        line: `${header.name} ${header.mode.toString(8)} ${header.uid}:${header.gid}`,
        mtime: header.mtime.getTime() / 1000,
      });
  return { events, last: events.at(-1), lines: entries.map(({ line }) => line), entries };
}

const started = (events: readonly BuildEvent[]) =>
  events.filter(({ type }) => type === "step-started").length;
const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("ADD of a URL", () => {
  it("has the name of the URL, mode 0600 and the time of Last-Modified", async () => {
    const { lines, entries } = await build(fixture, `ADD ${origin}/dir/file.txt?x=1 /x/`);
    expect(lines).toEqual(["x/ 755 0:0", "x/file.txt 600 0:0"]);
    expect(entries[1]?.mtime).toBe(Date.parse(MODIFIED) / 1000);
    expect((await build(fixture, `ADD --chmod=644 --chown=5 ${origin}/hop /named`)).lines).toEqual([
      "named 644 5:5",
    ]);
  });

  it("is unpacked only when it is asked for", async () => {
    expect((await build(fixture, `ADD ${origin}/archive.tar.gz /x/`)).lines).toEqual([
      "x/ 755 0:0",
      "x/archive.tar.gz 600 0:0",
    ]);
    expect((await build(fixture, `ADD --unpack=true ${origin}/archive.tar.gz /x/`)).lines).toEqual([
      "x/ 755 0:0",
      "x/inner 640 3:4",
    ]);
  });

  it("with a checksum is fetched once, and refused when it is something else", async () => {
    const line = `ADD --checksum=${sha256(BODY)} ${origin}/dir/file.txt /x`;
    const options = { playground: "checksum01", noCache: false };
    expect((await build(fixture, line, options)).last).toMatchObject({ type: "image" });
    expect(started((await build(fixture, line, options)).events)).toBe(0);
    expect(requests).toHaveLength(1);
    const { last } = await build(fixture, `ADD --checksum=${sha256(ARCHIVE)} ${origin}/dir/file.txt /x`);
    expect(last).toMatchObject({ error: { code: "checksum-mismatch", fault: "user" } });
  });

  it("stays cached while what is there stays the same", async () => {
    const options = { playground: "unchanged1", noCache: false };
    await build(fixture, `ADD ${origin}/dir/file.txt /x`, options);
    expect(started((await build(fixture, `ADD ${origin}/dir/file.txt /x`, options)).events)).toBe(0);
  });

  it.each([
    ["404", "/none"],
    ["reset", "/cut"],
  ])("that fails says why: %s", async (reason, route) => {
    const { last } = await build(fixture, `ADD ${origin}${route} /x`);
    expect(last).toMatchObject({
      type: "failed",
      error: { code: "fetch-failed", fault: "user", params: { reason } },
    });
  });

  it("of the worker's own machine is refused unless the operator opens it", async () => {
    const { last } = await build(closed, `ADD ${origin}/dir/file.txt /x`);
    expect(last).toMatchObject({ error: { code: "fetch-failed", params: { reason: "address-refused" } } });
    expect(requests).toEqual([]);
  });

  it("is nothing for COPY", async () => {
    const { last } = await build(fixture, `COPY ${origin}/dir/file.txt /x`);
    expect(last).toMatchObject({ error: { code: "dockerfile-invalid" } });
  });
});

describe("ADD of a repository", () => {
  const base = "git://127.0.0.1/project.git";
  const ALL = ["README 644 0:0", "docs/ 755 0:0", "docs/page 644 0:0", "link 777 0:0", "run.sh 755 0:0"];
  const all = ["x/ 755 0:0", ...ALL.map((line) => `x/${line}`)];

  it("has its files as they are at a branch, a tag or a commit, owned by root", async () => {
    expect((await build(fixture, `ADD ${base} /x`)).lines).toEqual(all);
    for (const [ref, readme] of [
      ["", "first"],
      ["#next", "second"],
      ["#v1", "first"],
      [`#${commits.next}`, "second"],
      ["?branch=next", "second"],
    ] as const) {
      const { events, last } = await build(fixture, `ADD ${base}${ref} /x\nRUN cat /x/README`);
      expect(last, ref).toMatchObject({ type: "image" });
      expect(events.flatMap((event) => (event.type === "log" ? [event.text] : [])).join("")).toBe(readme);
    }
  });

  it("may be a directory of it, with .git or without", async () => {
    expect((await build(fixture, `ADD ${base}#v1:docs /x/`)).lines).toEqual(["x/ 755 0:0", "x/page 644 0:0"]);
    const { lines } = await build(fixture, `ADD --keep-git-dir=true ${base} /x`);
    expect(lines).toContain("x/.git/HEAD 644 0:0");
    const { last } = await build(fixture, `ADD ${base}#v1:nothing /x/`);
    expect(last).toMatchObject({ error: { code: "copy-source-missing" } });
  });

  it("is cached while its commit is the same", async () => {
    const options = { playground: "samecommit", noCache: false };
    await build(fixture, `ADD ${base}#v1 /x`, options);
    expect(started((await build(fixture, `ADD ${base}#v1 /x`, options)).events)).toBe(0);
  });

  it("must be the commit that --checksum names", async () => {
    expect((await build(fixture, `ADD --checksum=${commits.v1} ${base}#v1 /x`)).lines).toEqual(all);
    const { last } = await build(fixture, `ADD --checksum=${commits.next} ${base}#v1 /x`);
    expect(last).toMatchObject({ error: { code: "checksum-mismatch" } });
  });

  it.each([
    ["a branch that is not there", `${base}#nobody`],
    ["a repository that is not there", "git://127.0.0.1/none.git"],
    ["a submodule that is a directory of this machine", "git://127.0.0.1/evil.git"],
    ["no server", "git://127.0.0.2/none.git"],
  ])("fails for %s", async (_, source) => {
    const { last } = await build(fixture, `ADD ${source} /x`);
    expect(last).toMatchObject({ type: "failed", error: { code: "fetch-failed", fault: "user" } });
  });

  it("knows no files of this machine, and no options of git", async () => {
    for (const source of [
      `file://${repositories}/project.git`,
      "ext::sh -c touch% /tmp/slipway-evil",
      `${base}#--upload-pack=x`,
    ]) {
      const { last } = await build(fixture, `ADD ["${source}", "/x"]`);
      expect(last?.type === "failed" && last.error.fault).toBe("user");
    }
    expect(existsSync("/tmp/slipway-evil")).toBe(false);
  });

  it("runs git without a right, in a network of the build", async () => {
    // A second look at what runIsolated gives: the program itself says who it is.
    const { runIsolated } = await import("./remote/isolated-program.ts");
    const home = mkdtempSync(path.join(tmpdir(), "slipway-isolated-"));
    const resolvConf = path.join(home, "resolv.conf");
    writeFileSync(resolvConf, "nameserver 192.0.2.1\n");
    mkdirSync(path.join(home, "tmp"), { mode: 0o777 });
    try {
      const { stdout } = await runIsolated({
        args: [
          "sh",
          "-c",
          "id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; ls /sys/class/net /tmp; cat /etc/resolv.conf; touch /etc/x 2>&1",
        ],
        env: {},
        directory: path.join(home, "tmp"),
        resolvConf,
        network: { namespacePath: `/run/netns/${namespace}`, resolvConf: "" },
        uid: 1_500_000_007,
        maxFileBytes: 1024,
        signal: new AbortController().signal,
      });
      expect(stdout).toMatch(/^1500000007\nCapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1\n/);
      expect(stdout).toContain("nameserver 192.0.2.1");
      expect(stdout).toContain("Permission denied");
    } finally {
      rmSync(home, { recursive: true });
    }
    expect(readFileSync("/etc/resolv.conf", "utf8")).not.toContain("192.0.2.1");
  });
});
