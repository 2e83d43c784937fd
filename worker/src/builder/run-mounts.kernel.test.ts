import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tarEntries } from "../layer/tar-reader.ts";
import { expectNothingLeft, last, logOf, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  type ContextFile,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
  openFixture,
} from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});
afterEach(async () => {
  await expectNothingLeft(fixture);
});

/** Builds FROM busybox, and gives what was said; fails when the build does. */
async function build(
  lines: readonly string[],
  options: Parameters<typeof buildContext>[2] & { files?: readonly ContextFile[] } = {},
): Promise<string> {
  const text = ["FROM busybox", ...lines].join("\n");
  const events = await buildContext(fixture, [dockerfile(text), ...(options.files ?? [])], {
    playground: someone(),
    noCache: true,
    ...options,
  });
  expect(last(events), logOf(events)).toMatchObject({ type: "image" });
  return logOf(events);
}

async function failure(lines: readonly string[], options: Parameters<typeof buildContext>[2] = {}) {
  const text = ["FROM busybox", ...lines].join("\n");
  const events = await buildContext(fixture, [dockerfile(text)], { playground: someone(), ...options });
  return last(events);
}

async function topLayer(playground: string): Promise<string[]> {
  const image = await fixture.imageStore.resolve(`slipway/${playground}`);
  const layer = image?.layers.at(-1);
  const entries: string[] = [];
  if (layer)
    for await (const { header } of tarEntries(await fixture.content.stream(layer.digest)))
      entries.push(header.name);
  return entries;
}

describe("a bind mount", () => {
  const files = [
    { path: "dir/a.txt", content: "from the context" },
    { path: "dir/sub/run.sh", content: "#!/bin/sh\necho ran\n", mode: 0o755 },
  ];

  it("shows a directory or a file of the context, read-only, owned by root", async () => {
    const log = await build(
      [
        "RUN --mount=type=bind,source=dir,target=/in cat /in/a.txt && /in/sub/run.sh && stat -c '%u:%g %a' /in/sub/run.sh",
        "RUN --mount=type=bind,source=dir/a.txt,target=/one cat /one",
        "RUN --mount=target=/all ls /all && (echo x > /all/dir/a.txt || echo refused)",
      ],
      { files },
    );
    expect(log).toContain("from the contextran\n0:0 755\n");
    expect(log).toMatch(/Dockerfile\ndir\n[\s\S]*refused/);
  });

  it("may be written to with rw, and nothing of that stays", async () => {
    const playground = someone();
    await build(
      [
        "RUN --mount=type=bind,source=dir,target=/in,rw echo changed > /in/a.txt && cat /in/a.txt && touch /in/more",
        "RUN --mount=type=bind,source=dir,target=/in grep 'from the context' /in/a.txt && test ! -e /in/more",
      ],
      { files, playground },
    );
    expect(await topLayer(playground)).toEqual([]);
  });

  it("shows files of a stage and of an image, links resolved inside of it", async () => {
    const log = await build([
      "RUN mkdir -p /made && echo staged > /made/file && ln -s /made /link && ln -s /etc/hostname /made/out && chown 7:8 /made/file",
      "FROM busybox",
      "RUN --mount=type=bind,from=0,source=/link,target=/in cat /in/file && stat -c '%u:%g' /in/file",
      "RUN --mount=type=bind,from=busybox,source=/bin,target=/in test -x /in/busybox && echo an image",
    ]);
    expect(log).toContain("staged\n7:8\n");
    expect(log).toContain("an image");
  });

  it("runs again when a file that it shows has changed, and says which one", async () => {
    const playground = someone();
    const text = dockerfile("FROM busybox\nRUN --mount=source=dir,target=/in cp /in/a.txt /out");
    const context = (content: string) => [text, { path: "dir/a.txt", content }, { path: "other", content }];
    await buildContext(fixture, context("1"), { playground });
    const again = await buildContext(fixture, context("1"), { playground });
    expect(again.filter(({ type }) => type === "step-started")).toEqual([]);
    const changed = await buildContext(fixture, context("2"), { playground });
    expect(changed).toContainEqual(
      expect.objectContaining({ type: "step-started", miss: { reason: "file-changed", path: "dir/a.txt" } }),
    );
  });

  it("of what is not there fails and names it", async () => {
    expect(await failure(["RUN --mount=type=bind,source=nothing,target=/in true"])).toMatchObject({
      error: { code: "copy-source-missing", params: { path: "nothing" } },
    });
    expect(await failure(["RUN --mount=type=bind,source=../../etc,target=/in true"])).toMatchObject({
      error: { code: "copy-source-missing" },
    });
  });
});

describe("a cache mount", () => {
  const count = "echo x >> /c/seen && wc -l < /c/seen";

  it("keeps its files from build to build, outside of the image", async () => {
    const playground = someone();
    const run = `RUN --mount=type=cache,target=/c ${count}`;
    expect(await build([run], { playground })).toBe("1\n");
    expect(await build([run], { playground })).toBe("2\n");
    expect(await topLayer(playground)).toEqual([]);
  });

  it("of one playground is never that of another, so that nobody poisons it", async () => {
    const run = `RUN --mount=type=cache,id=same,target=/c ${count}`;
    expect(await build([run])).toBe("1\n");
    expect(await build([run])).toBe("1\n");
  });

  it("neither is the result of a step that had one", async () => {
    const text = [`RUN --mount=type=cache,target=/c ${count} > /made`, "RUN cat /made"];
    const first = someone();
    await build(text, { playground: first, noCache: false });
    await build([`RUN --mount=type=cache,target=/c ${count}`], { playground: first });
    expect(await build(text, { noCache: false })).toBe("1\n");
  });

  it("has the owner and the mode that were asked for, for whoever runs", async () => {
    const log = await build([
      "USER 1000:1000",
      "RUN --mount=type=cache,target=/c,uid=1000,gid=1001,mode=0750 stat -c '%u:%g %a' /c && touch /c/mine && stat -c %u /c/mine",
    ]);
    expect(log).toBe("1000:1001 750\n1000\n");
  });

  it("starts with what from and source say", async () => {
    const log = await build([
      "RUN mkdir /seed && echo sown > /seed/file",
      "FROM busybox",
      "RUN --mount=type=cache,target=/c,from=0,source=/seed cat /c/file && echo more >> /c/file",
    ]);
    expect(log).toBe("sown\n");
  });

  it("two stages share it, a locked one is there for one at a time, a private one for each", async () => {
    const held = (sharing: string) => [
      `RUN --mount=type=cache,id=${sharing},sharing=${sharing},target=/c test ! -e /c/held; had=$?; touch /c/held; sleep 0.5; rm -f /c/held; echo had=$had`,
    ];
    const both = (sharing: string) => [
      ...held(sharing),
      "RUN true > /one",
      "FROM busybox AS two",
      `RUN echo second > /dev/null; ${(held(sharing)[0] ?? "").slice(4).replace(/^--mount=\S+ /, "")}`.replace(
        "RUN ",
        `RUN --mount=type=cache,id=${sharing},sharing=${sharing},target=/c `,
      ),
      "RUN true > /two",
      "FROM busybox",
      "COPY --from=0 /one /one",
      "COPY --from=two /two /two",
    ];
    for (const sharing of ["locked", "private"]) {
      expect((await build(both(sharing))).match(/had=\d/g)).toEqual(["had=0", "had=0"]);
    }
  });
});

describe("a tmpfs mount", () => {
  it("is empty, has its size, and nothing of it stays", async () => {
    const playground = someone();
    const log = await build(
      [
        "RUN --mount=type=tmpfs,target=/t,size=1m dd if=/dev/zero of=/t/x bs=1k count=4096 2>/dev/null || stat -c %s /t/x",
      ],
      { playground },
    );
    expect(Number(log.trim())).toBeLessThanOrEqual(1024 * 1024);
    expect(await topLayer(playground)).toEqual([]);
  });
});

describe("a secret", () => {
  const request = { secrets: { token: "s3cr3t-value", json: '{"a": 1}\n' } };

  it("is a file of its own mode and owner, below /run/secrets or where it was asked for, or a variable", async () => {
    const log = await build(
      [
        "RUN --mount=type=secret,id=token test \"$(cat /run/secrets/token)\" = s3cr3t-value && stat -c '%a %u' /run/secrets/token",
        "RUN --mount=type=secret,id=json,target=/root/x.json,mode=0444,uid=5 stat -c '%a %u %s' /root/x.json",
        'RUN --mount=type=secret,id=token,env=TOKEN test "$TOKEN" = s3cr3t-value && test ! -e /run/secrets && echo variable',
        "RUN --mount=type=secret,id=other test ! -e /run/secrets/other && echo none",
        "RUN --mount=type=secret,id=token (echo x > /run/secrets/token) 2>/dev/null || echo read-only",
      ],
      { request },
    );
    expect(log).toBe("400 0\n444 5 9\nvariable\nnone\nread-only\n");
  });

  it("is in no layer, no history, no record and no file of the worker, and leaves no mount point behind", async () => {
    const playground = someone();
    await build(
      [
        "RUN --mount=type=secret,id=token,target=/deep/er/token --mount=type=secret,id=token,env=T cat /deep/er/token > /dev/null",
      ],
      {
        playground,
        request,
        noCache: false,
      },
    );
    expect(await topLayer(playground)).toEqual([]);
    const found = execFileSync("sh", ["-c", `grep -rl v3ry-s3cr3t ${fixture.root} || true`], {
      encoding: "utf8",
    });
    expect(found).toBe("");
  });

  it("that is required and was not given fails the build", async () => {
    expect(await failure(["RUN --mount=type=secret,id=nobody,required true"])).toMatchObject({
      error: { code: "secret-missing", params: { id: "nobody" } },
    });
    expect(await failure(["RUN --mount=type=secret,id=constructor,required true"])).toMatchObject({
      error: { code: "secret-missing" },
    });
  });

  it("of one playground is in no result that another gets", async () => {
    const text = ["RUN --mount=type=secret,id=token cat /run/secrets/token > /out", "RUN cat /out"];
    expect(await build(text, { request: { secrets: { token: "mine" } }, noCache: false })).toBe("mine");
    expect(await build(text, { request: { secrets: { token: "yours" } }, noCache: false })).toBe("yours");
  });
});

describe("an ssh mount", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-key-"));
  execFileSync("ssh-keygen", [
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    "test",
    "-f",
    path.join(directory, "key"),
  ]);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "word", "-f", path.join(directory, "locked")]);
  const key = readFileSync(path.join(directory, "key"), "utf8");
  const locked = readFileSync(path.join(directory, "locked"), "utf8");
  const blob = readFileSync(path.join(directory, "key.pub"), "utf8").split(" ")[1] ?? "";
  afterAll(() => rmSync(directory, { recursive: true }));
  /** ssh-add of this machine with its libraries, as an image of this test has none. */
  const client = () => {
    const program = "/usr/bin/ssh-add";
    const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g);
    return [program, ...[...libraries].map(([, file = ""]) => file)].map((file) => ({
      path: `client/${path.basename(file)}`,
      content: readFileSync(file),
      mode: 0o755,
    }));
  };
  const ask = "/in/ld-linux-x86-64.so.2 --library-path /in /in/ssh-add -L";

  it("is a real agent that holds the key and never gives it, for root and for others", async () => {
    const mount = "--mount=type=bind,source=client,target=/in";
    const log = await build(
      [
        `RUN --mount=type=ssh ${mount} echo $SSH_AUTH_SOCK && ${ask}`,
        "USER 1000",
        `RUN --mount=type=ssh,uid=1000,target=/home/agent ${mount} test $SSH_AUTH_SOCK = /home/agent && ${ask}`,
        `RUN --mount=type=ssh ${mount} ${ask} 2>/dev/null || echo refused`,
      ],
      { request: { sshKeys: { default: key } }, files: client() },
    );
    expect(log.split("\n")).toEqual([
      "/run/buildkit/ssh_agent.0",
      expect.stringContaining(blob),
      expect.stringContaining(blob),
      "refused",
      "",
    ]);
  });

  it("that is required fails without a key; one with a passphrase, or none, is said to be so", async () => {
    expect(await failure(["RUN --mount=type=ssh,required true"])).toMatchObject({
      error: { code: "secret-missing", params: { id: "default" } },
    });
    expect(await build(['RUN --mount=type=ssh test -z "$SSH_AUTH_SOCK" && echo none'])).toBe("none\n");
    for (const bad of [locked, "no key at all"]) {
      expect(
        await failure(["RUN --mount=type=ssh true"], { request: { sshKeys: { default: bad } } }),
      ).toMatchObject({
        error: { code: "request-invalid" },
      });
    }
  });
});

describe("the rest of RUN", () => {
  it("a here-document with an interpreter of its own is a script in /dev/pipes", async () => {
    const log = await build(["RUN <<EOF", "#!/bin/cat", "seen as it is: $HOME", "EOF"]);
    expect(log).toBe("#!/bin/cat\nseen as it is: $HOME\n");
  });

  it("network=none has loopback only, host is the build's own network", async () => {
    const log = await build([
      "RUN --network=none ls /sys/class/net",
      "RUN --network=host ls /sys/class/net",
      "RUN --network=none cat /etc/resolv.conf | wc -c",
    ]);
    expect(log).toBe("lo\nlo\n0\n");
  });

  it("security=insecure is refused", async () => {
    expect(await failure(["RUN --security=insecure true"])).toMatchObject({
      error: { code: "entitlement-refused", params: { what: "security.insecure" } },
    });
  });

  it("a build that is cancelled in the middle of mounts leaves none", async () => {
    const controller = new AbortController();
    const events = await buildContext(
      fixture,
      [
        dockerfile(
          "FROM busybox\nRUN --mount=type=cache,target=/c --mount=type=secret,id=a --mount=target=/in --mount=type=tmpfs,target=/t echo up && sleep 60",
        ),
      ],
      {
        playground: someone(),
        request: { secrets: { a: "b" } },
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "log") controller.abort();
        },
      },
    );
    expect(last(events)).toMatchObject({ type: "failed", error: { code: "build-cancelled" } });
  });

  it("a worker that is killed in the middle of mounts leaves none when it comes back", async () => {
    const killed = fileURLToPath(new URL("./killed-build-fixture.ts", import.meta.url));
    const text =
      "FROM busybox\nRUN --mount=type=cache,target=/c --mount=target=/in,rw --mount=type=tmpfs,target=/t echo up; sleep 1000";
    const worker = spawn(process.execPath, ["--import", "tsx", killed, fixture.root, text], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(worker.stdout, "data");
    worker.kill("SIGKILL");
    await once(worker, "exit");
    const again = await openFixture({ directory: fixture.root });
    expect(await readdir(path.join(again.root, "builds/running"))).toEqual([]);
    expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);
  });

  it("mounts may lie in each other, in the order in which they are written", async () => {
    const log = await build(
      [
        "RUN --mount=type=tmpfs,target=/a --mount=type=cache,target=/a/b --mount=type=bind,source=f,target=/a/b/c cat /a/b/c && ls /a",
      ],
      { files: [{ path: "f", content: "inner\n" }] },
    );
    expect(log).toBe("inner\nb\n");
  });
});
