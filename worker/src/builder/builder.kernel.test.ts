import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BuildEvent } from "@slipway/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hexOf } from "../content/digest.ts";
import { tarEntries } from "../layer/tar-reader.ts";
import { BUILD_LOG_BYTES } from "./builder.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

/** What the steps came to: `cached`, the reason of a miss. */
function outcomes(events: readonly BuildEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === "step-cached") return ["cached"];
    if (event.type === "step-started") return [event.miss.reason];
    return [];
  });
}

const last = (events: readonly BuildEvent[]) => events.at(-1);
const logOf = (events: readonly BuildEvent[]) =>
  events.map((event) => (event.type === "log" && event.stream === "stdout" ? event.text : "")).join("");

async function imageOf(playground: string) {
  const image = await fixture.imageStore.resolve(`slipway/${playground}`);
  if (!image) throw new Error(`no image of ${playground}`);
  return image;
}

/** Entries of an image's topmost layer, or of the one that lies `below` it: path, mode, owner. */
async function topLayer(playground: string, below = 0): Promise<string[]> {
  const layer = (await imageOf(playground)).layers.at(-1 - below);
  if (!layer) throw new Error("no layer");
  const entries: string[] = [];
  for await (const { header } of tarEntries(await fixture.content.stream(layer.digest))) {
    entries.push(`${header.name} ${header.mode.toString(8)} ${header.uid}:${header.gid}`);
  }
  return entries;
}

/** Nothing of a build is left on the machine. */
async function expectNothingLeft(): Promise<void> {
  const at = (name: string) => path.join(fixture.root, name);
  expect(await readdir(at("builds/running"))).toEqual([]);
  expect(await readdir(at("snapshots/active"))).toEqual([]);
  expect(await readdir(at("content/ingest"))).toEqual([]);
  expect(await fixture.runtime.list()).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);
}

const node = (app: string) => [
  dockerfile('FROM busybox\nADD app.js /app.js\nRUN cat /app.js > /seen\nENTRYPOINT ["node", "app.js"]\n'),
  { path: "app.js", content: app },
];

describe("a build", () => {
  it("tells the plan first and the image last, and the image holds what the Dockerfile says", async () => {
    const events = await buildContext(
      fixture,
      [
        dockerfile(
          [
            "FROM busybox",
            'LABEL who="a learner"',
            "ENV A=1 B=two",
            "WORKDIR /srv/$B",
            "COPY --chown=www-data app.js ./",
            "EXPOSE 8080",
            "VOLUME /data",
            "USER www-data",
            'CMD ["x"]',
            'ENTRYPOINT ["node", "app.js"]',
          ].join("\n"),
        ),
        { path: "app.js", content: "hello", mode: 0o640 },
      ],
      { playground: "whole0001" },
    );
    expect(events[0]).toMatchObject({ type: "plan" });
    expect(last(events)).toMatchObject({
      type: "image",
      image: {
        entrypoint: ["node", "app.js"],
        cmd: ["x"],
        user: "www-data",
        workingDir: "/srv/two",
        exposedPorts: ["8080/tcp"],
      },
    });
    const { config } = await imageOf("whole0001");
    expect(config.config).toMatchObject({ Labels: { who: "a learner" }, Volumes: { "/data": {} } });
    expect(config.config?.Env).toContain("B=two");
    expect(
      config.history?.map(({ created_by, empty_layer }) => [created_by, empty_layer ?? false]).slice(1),
    ).toEqual([
      ["LABEL who=a learner", true],
      ["ENV A=1 B=two", true],
      ["WORKDIR /srv/two", false],
      ["COPY --chown=www-data app.js ./ # buildkit", false],
      ["EXPOSE map[8080/tcp:{}]", true],
      ["VOLUME [/data]", true],
      ["USER www-data", true],
      ['CMD ["x"]', true],
      ['ENTRYPOINT ["node" "app.js"]', true],
    ]);
    expect(await topLayer("whole0001")).toEqual([
      "srv/ 755 0:0",
      "srv/two/ 755 0:0",
      "srv/two/app.js 640 33:33",
    ]);
    await expectNothingLeft();
  });

  it("takes all from the cache the second time, and gives the same image", async () => {
    const first = await buildContext(fixture, node("1"), { playground: "cached001" });
    const second = await buildContext(fixture, node("1"), { playground: "cached001" });
    expect(outcomes(first)).toEqual(["cached", "first-time", "parent-missed", "parent-missed"]);
    expect(outcomes(second)).toEqual(["cached", "cached", "cached", "cached"]);
    const digests = [last(first), last(second)].map((event) => event?.type === "image" && event.image.digest);
    expect(digests[1]).toBe(digests[0]);
  });

  it("says which file changed", async () => {
    await buildContext(fixture, node("one"), { playground: "changed01" });
    const events = await buildContext(fixture, node("two"), { playground: "changed01" });
    expect(outcomes(events)).toEqual(["cached", "file-changed", "parent-missed", "parent-missed"]);
    expect(events).toContainEqual({
      type: "step-started",
      step: 1,
      miss: { reason: "file-changed", path: "app.js" },
      shared: false,
    });
  });

  it("says that the instruction changed, and that no cache was asked for", async () => {
    const run = (what: string) => [dockerfile(`FROM busybox\nRUN echo ${what} > /x`)];
    await buildContext(fixture, run("instruction-a"), { playground: "instr0001" });
    expect(outcomes(await buildContext(fixture, run("instruction-b"), { playground: "instr0001" }))).toEqual([
      "cached",
      "instruction-changed",
    ]);
    const uncached = await buildContext(fixture, run("instruction-b"), {
      playground: "instr0001",
      noCache: true,
    });
    expect(outcomes(uncached)).toEqual(["cached", "no-cache"]);
  });

  it("runs RUN in a container: its own root, host name and ids, and nothing of the host", async () => {
    const events = await buildContext(fixture, [
      dockerfile(
        "FROM busybox\nENV WHO=me\nRUN id -u; hostname; echo $WHO $HOME; ls /proc | grep -c '^[0-9]'; ls /work",
      ),
    ]);
    expect(logOf(events).split("\n").slice(0, 3)).toEqual(["0", "build", "me /root"]);
    expect(last(events)).toMatchObject({ type: "failed", exitCode: 1 });
  });

  it("writes whiteouts for what a step removes, and an empty layer for a step that changes nothing", async () => {
    await buildContext(
      fixture,
      [dockerfile("FROM busybox\nRUN mkdir /d && touch /d/a /d/b\nRUN true\nRUN rm /d/a\n")],
      {
        playground: "white0001",
      },
    );
    expect(await topLayer("white0001")).toEqual(["d/ 755 0:0", "d/.wh.a 0 0:0"]);
    const { layers, config } = await imageOf("white0001");
    expect(layers).toHaveLength(4);
    expect(config.history?.map((entry) => entry.empty_layer ?? false)).toEqual([false, false, false, false]);
  });

  it("marks a directory that was made anew as opaque, and a build on top does not see the old files", async () => {
    const events = await buildContext(
      fixture,
      [
        dockerfile(
          "FROM busybox\nRUN mkdir /d && touch /d/old\nRUN rm -r /d && mkdir /d && touch /d/new\nRUN ls /d\n",
        ),
      ],
      { playground: "opaque001" },
    );
    expect(await topLayer("opaque001", 1)).toEqual(["d/ 755 0:0", "d/.wh..wh..opq 0 0:0", "d/new 644 0:0"]);
    expect(logOf(events)).toBe("new\n");
  });

  it("copies from an earlier stage, and builds only the stages that are needed", async () => {
    const events = await buildContext(
      fixture,
      [
        dockerfile(
          "FROM busybox AS made\nRUN mkdir -p /out/sub && echo x > /out/sub/f && ln -s sub /out/link && chown -R 5:6 /out\n" +
            "FROM busybox AS unused\nRUN exit 1\n" +
            "FROM scratch\nCOPY --from=made /out/ /in/\nCOPY --from=0 /out/link/f /f\n",
        ),
      ],
      { playground: "stages001" },
    );
    expect(last(events)).toMatchObject({ type: "image" });
    expect(await topLayer("stages001")).toEqual(["f 644 5:6"]);
  });

  it("unpacks local archives with ADD and not with COPY", async () => {
    const { contextTar } = await import("./builder-fixture.ts");
    const chunks: Buffer[] = [];
    for await (const chunk of contextTar([{ path: "inner/file", content: "x" }])) chunks.push(chunk);
    const archive = { path: "a.tar", content: Buffer.concat(chunks) };
    await buildContext(fixture, [dockerfile("FROM scratch\nADD a.tar /to/\n"), archive], {
      playground: "adds00001",
    });
    expect(await topLayer("adds00001")).toContain("to/inner/file 644 1000:1000");
    await buildContext(fixture, [dockerfile("FROM scratch\nCOPY a.tar /to/\n"), archive], {
      playground: "adds00002",
    });
    expect(await topLayer("adds00002")).toEqual(["to/ 755 0:0", "to/a.tar 644 0:0"]);
  });

  it("follows links of the image, but never out of it", async () => {
    const events = await buildContext(fixture, [
      dockerfile(
        "FROM busybox\nRUN ln -s /etc /link && ln -s ../../../../../../tmp /up\nCOPY f /link/f\nCOPY f /up/slipway-escape\nRUN cat /etc/f /tmp/slipway-escape",
      ),
      { path: "f", content: "inside\n" },
    ]);
    expect(logOf(events)).toBe("inside\ninside\n");
    expect(await readdir("/tmp")).not.toContain("slipway-escape");
  });

  it("leaves out what .dockerignore names", async () => {
    await buildContext(
      fixture,
      [
        dockerfile("FROM scratch\nCOPY . /\n"),
        { path: ".dockerignore", content: "*\n!keep*\n" },
        { path: "keep.txt", content: "1" },
        { path: "secret.txt", content: "2" },
      ],
      { playground: "ignore001" },
    );
    expect(await topLayer("ignore001")).toEqual(["keep.txt 644 0:0"]);
  });

  it("decodes output across chunks, and cuts it at the bound with a line that says so", async () => {
    const events = await buildContext(fixture, [
      dockerfile(
        "FROM busybox\nRUN printf '\\355'; sleep 0.2; printf '\\225\\234\\n'; yes | head -c 14000000",
      ),
    ]);
    expect(logOf(events).slice(0, 2)).toBe("한\n");
    const text = events.map((event) => (event.type === "log" ? event.text : "")).join("");
    expect(text.length).toBeLessThan(BUILD_LOG_BYTES + 1024);
    expect(text).toContain("output cut");
    expect(last(events)).toMatchObject({ type: "image" });
  });
});

describe("a build that fails says why and where, and leaves nothing", () => {
  const cases: [name: string, text: string, expected: object][] = [
    [
      "a failing RUN",
      "FROM busybox\nRUN exit 7",
      { error: { code: "run-failed" }, step: 1, exitCode: 7, range: { startLine: 2 } },
    ],
    [
      "a program that is not there",
      'FROM busybox\nRUN ["nothing-like-this"]',
      { error: { code: "command-not-found" }, step: 1 },
    ],
    [
      "a missing base image",
      "FROM nobody/nothing:1",
      { error: { code: "base-image-missing", params: { reference: "nobody/nothing:1" } }, step: 0 },
    ],
    ["a bad base image name", "FROM Bad_NAME!", { error: { code: "dockerfile-invalid" }, step: 0 }],
    [
      "a source outside of the context",
      "FROM busybox\nCOPY ../x /",
      { error: { code: "copy-source-outside" }, step: 1, range: { startLine: 2 } },
    ],
    [
      "a source that is not there",
      "FROM busybox\nCOPY nothing /",
      { error: { code: "copy-source-missing", params: { path: "nothing" } } },
    ],
    [
      "a misspelt instruction",
      "FROM busybox\nRUNN x",
      {
        error: { code: "dockerfile-invalid", params: { suggestion: "RUN" } },
        range: { startLine: 2, endColumn: 4 },
      },
    ],
    [
      "an unknown user",
      "FROM busybox\nUSER nobody-here\nRUN true",
      { error: { code: "user-unknown" }, step: 2 },
    ],
    [
      "an unknown owner",
      "FROM busybox\nCOPY --chown=nobody-here Dockerfile /",
      { error: { code: "user-unknown" } },
    ],
    [
      "a file in the way",
      "FROM busybox\nCOPY Dockerfile /etc/passwd/x",
      { error: { code: "dockerfile-invalid" } },
    ],
    ["a RUN without any files", "FROM scratch\nRUN true", { error: { fault: "user" }, step: 1 }],
  ];
  it.each(cases)("%s", async (_, text, expected) => {
    const events = await buildContext(fixture, [dockerfile(text)]);
    expect(last(events)).toMatchObject({ type: "failed", ...expected });
    await expectNothingLeft();
  });

  it("a missing Dockerfile", async () => {
    const events = await buildContext(fixture, [{ path: "app.js" }]);
    expect(events).toMatchObject([{ type: "failed", error: { code: "dockerfile-missing" } }]);
  });

  it("a failing step does not hide the image of the build before", async () => {
    await buildContext(fixture, [dockerfile("FROM busybox\nENV A=1")], { playground: "before001" });
    const before = (await imageOf("before001")).digest;
    await buildContext(fixture, [dockerfile("FROM busybox\nRUN false")], { playground: "before001" });
    expect((await imageOf("before001")).digest).toBe(before);
  });

  it("a build that is cancelled while RUN sleeps", async () => {
    const abort = new AbortController();
    const started = performance.now();
    const events = await buildContext(fixture, [dockerfile("FROM busybox\nRUN echo up; sleep 100")], {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === "log") abort.abort();
      },
    });
    expect(last(events)).toMatchObject({ type: "failed", error: { code: "build-cancelled" } });
    expect(performance.now() - started).toBeLessThan(20_000);
    await expectNothingLeft();
  });

  it.each([
    ["a path out of it", [{ path: "../evil" }], "context-invalid"],
    [
      "a path through a link",
      [{ path: "a", type: "symlink", target: "/etc" }, { path: "a/evil" }],
      "context-invalid",
    ],
    [
      "a hard link to a file of the machine",
      [{ path: "a", type: "link", target: "/etc/passwd" }],
      "context-invalid",
    ],
    [
      "more entries than allowed",
      Array.from({ length: 1001 }, (_, index) => ({ path: `f${index}` })),
      "context-too-large",
    ],
    [
      "more bytes than allowed",
      [{ path: "big", content: Buffer.alloc(65 * 1024 ** 2) }],
      "context-too-large",
    ],
  ] as const)("a context with %s", async (_, files, code) => {
    const events = await buildContext(fixture, [dockerfile("FROM scratch\nCOPY . /"), ...files]);
    expect(last(events)).toMatchObject({ type: "failed", error: { code } });
    await expectNothingLeft();
  });

  it("a link of the context that leads to a file of the machine copies nothing of it", async () => {
    const events = await buildContext(fixture, [
      dockerfile("FROM scratch\nCOPY link /x"),
      { path: "link", type: "symlink", target: "/etc/passwd" },
    ]);
    expect(last(events)).toMatchObject({ type: "failed", error: { code: "copy-source-missing" } });
  });

  it("a layer that was changed on the disk", async () => {
    await buildContext(fixture, [dockerfile("FROM busybox\nRUN echo corrupt > /c")], {
      playground: "corrupt01",
    });
    const image = await imageOf("corrupt01");
    await writeFile(path.join(fixture.root, "content/blobs/sha256", hexOf(image.digest)), "{}");
    await expect(fixture.imageStore.resolve("slipway/corrupt01")).rejects.toMatchObject({
      code: "store-corrupt",
    });
  });
});
