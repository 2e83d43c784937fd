import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tarEntries } from "../layer/tar-reader.ts";
import { expectNothingLeft, last, logOf, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  type ContextFile,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
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

interface Entry {
  readonly name: string;
  readonly line: string;
  readonly mtime: number;
}

/** Entries of the topmost layer of what is built: name, mode, owner, link. */
async function built(lines: readonly string[], files: readonly ContextFile[]): Promise<Entry[]> {
  const playground = someone();
  const text = dockerfile(
    lines[0]?.startsWith("FROM") ? lines.join("\n") : ["FROM busybox", ...lines].join("\n"),
  );
  const events = await buildContext(fixture, [text, ...files], { playground, noCache: true });
  expect(last(events), logOf(events)).toMatchObject({ type: "image" });
  const image = await fixture.imageStore.resolve(`slipway/${playground}`);
  const layer = image?.layers.at(-1);
  if (!layer) throw new Error("no layer");
  const entries: Entry[] = [];
  for await (const { header } of tarEntries(await fixture.content.stream(layer.digest))) {
    const link = header.linkname ? ` -> ${header.linkname}` : "";
    entries.push({
      name: header.name,
      line: `${header.name} ${header.mode.toString(8)} ${header.uid}:${header.gid}${link}`,
      mtime: header.mtime.getTime() / 1000,
    });
  }
  return entries;
}

const lines = async (...args: Parameters<typeof built>) => (await built(...args)).map(({ line }) => line);
const names = async (...args: Parameters<typeof built>) => (await built(...args)).map(({ name }) => name);

async function failure(text: readonly string[], files: readonly ContextFile[] = []) {
  const events = await buildContext(fixture, [dockerfile(["FROM busybox", ...text].join("\n")), ...files], {
    playground: someone(),
    noCache: true,
  });
  return last(events);
}

const CONTEXT_TIME = 1_700_000_000;
const file = (name: string, options: Partial<ContextFile> = {}): ContextFile => ({
  path: name,
  content: name,
  ...options,
});

describe("where a copy goes", () => {
  const files = [file("a.txt"), file("b.txt"), file("dir/c.txt"), file("dir/sub/d.txt", { mode: 0o600 })];

  it("a file takes the name of the destination, or its own in a directory", async () => {
    expect(await names(["COPY a.txt /new/name"], files)).toEqual(["new/", "new/name"]);
    expect(await names(["COPY a.txt /new/"], files)).toEqual(["new/", "new/a.txt"]);
    expect(await names(["COPY a.txt /etc"], files)).toEqual(["etc/", "etc/a.txt"]);
    expect(await names(["WORKDIR /w", "COPY a.txt ."], files)).toEqual(["w/", "w/a.txt"]);
    expect(await names(["WORKDIR /w", "COPY a.txt b.txt ./in/"], files)).toEqual([
      "w/",
      "w/in/",
      "w/in/a.txt",
      "w/in/b.txt",
    ]);
  });

  it("of a directory the content is copied, and the directory that is made has 0755", async () => {
    expect(await lines(["COPY dir /x/y"], files)).toEqual([
      "x/ 755 0:0",
      "x/y/ 755 0:0",
      "x/y/c.txt 644 0:0",
      "x/y/sub/ 755 0:0",
      "x/y/sub/d.txt 600 0:0",
    ]);
  });

  it("wildcards are those of filepath.Match, and what they find needs a directory when it is more than one", async () => {
    expect(await names(["COPY *.txt /x/"], files)).toEqual(["x/", "x/a.txt", "x/b.txt"]);
    expect(await names(["COPY [^b].txt /x/"], files)).toEqual(["x/", "x/a.txt"]);
    expect(await names(["COPY */*.txt /x/"], files)).toEqual(["x/", "x/c.txt"]);
    expect(await names(["COPY a.* /one"], files)).toEqual(["one"]);
    expect(await failure(["COPY *.txt /one"], files)).toMatchObject({
      error: { code: "dockerfile-invalid" },
    });
    expect(await failure(["COPY a.txt b.txt /one"], files)).toMatchObject({
      error: { code: "dockerfile-invalid" },
    });
  });

  it("a link in the destination is followed inside of the image, one among the sources stays one", async () => {
    const links = [
      file("a.txt"),
      { path: "to-a", type: "symlink", target: "a.txt" } as const,
      { path: "tree/dangling", type: "symlink", target: "/etc/shadow" } as const,
      { path: "tree/up", type: "symlink", target: "../../../.." } as const,
    ];
    expect(
      await names(["RUN ln -s /etc/../tmp/real /link && mkdir -p /tmp/real", "COPY a.txt /link/"], links),
    ).toEqual([...["tmp/", "tmp/real/", "tmp/real/a.txt"]]);
    expect(await names(["RUN ln -s ../../../../../nowhere /link", "COPY a.txt /link/"], links)).toEqual([
      ...["nowhere/", "nowhere/a.txt"],
    ]);
    expect(await names(["COPY to-a /name/"], links)).toEqual(["name/", "name/to-a"]);
    expect(await lines(["COPY tree /t"], links)).toEqual([
      "t/ 755 0:0",
      "t/dangling 777 0:0 -> /etc/shadow",
      "t/up 777 0:0 -> ../../../..",
    ]);
  });

  it("a directory and what is none never take each other's place", async () => {
    for (const text of [
      ["RUN mkdir -p /x/dir", "COPY files/ /x/"],
      ["RUN mkdir /x && touch /x/sub", "COPY trees/ /x/"],
      ["RUN touch /x", "COPY a.txt /x/"],
      ["COPY files/ trees/ /x/"],
    ]) {
      const context = [
        file("a.txt"),
        file("files/dir"),
        file("files/sub"),
        file("trees/sub/f"),
        file("trees/dir/f"),
      ];
      expect(await failure(text, context)).toMatchObject({ error: { code: "dockerfile-invalid" } });
    }
  });

  it("a file or a link that is there is replaced, a directory that is there takes the metadata of the copy", async () => {
    const context = [
      file("tree/f", { mode: 0o600 }),
      { path: "tree/sub", type: "directory", mode: 0o711 } as const,
      file("tree/sub/g"),
    ];
    const made =
      "RUN mkdir -p /x/sub /x/kept && chmod 700 /x/sub && chmod 1777 /x && ln -s /etc/passwd /x/f && touch /x/kept/y";
    expect(await lines([made, "COPY tree /x"], context)).toEqual([
      "x/ 1777 0:0",
      "x/f 600 0:0",
      "x/sub/ 711 0:0",
      "x/sub/g 644 0:0",
    ]);
  });

  it("here-documents come after paths, each under its name", async () => {
    expect(await lines(["COPY a.txt <<one <<two /x/", "1", "one", "2", "two"], files)).toEqual([
      "x/ 755 0:0",
      "x/a.txt 644 0:0",
      "x/one 644 0:0",
      "x/two 644 0:0",
    ]);
  });
});

describe("what a copy keeps", () => {
  it("times of the context, modes with set-id and sticky bits, hard links", async () => {
    const entries = await built(
      ["COPY . /x/"],
      [
        file("bin", { mode: 0o4755 }),
        { path: "sticky", type: "directory", mode: 0o1777 },
        file("sticky/f"),
        { path: "second", type: "link", target: "bin" },
      ],
    );
    expect(entries.map(({ line }) => line).slice(2)).toEqual([
      "x/bin 4755 0:0",
      "x/second 4755 0:0 -> x/bin",
      "x/sticky/ 1777 0:0",
      "x/sticky/f 644 0:0",
    ]);
    for (const { name, mtime } of entries) {
      if (name !== "x/" && !name.startsWith("x/sec")) expect([name, mtime]).toEqual([name, CONTEXT_TIME]);
    }
    expect(entries.find(({ name }) => name === "x/")?.mtime).toBeGreaterThan(CONTEXT_TIME);
  });

  it("owners, times, hard links and capabilities of a stage", async () => {
    const made = [
      "FROM busybox AS made",
      "RUN mkdir -p /m/d && echo x > /m/d/f && ln /m/d/f /m/hard && chown -R 12:34 /m && chmod 6750 /m/d/f && touch -d '2001-02-03 04:05:06' /m/d/f",
      "FROM busybox",
    ];
    const entries = await built([...made, "COPY --from=made /m /n"], []);
    expect(entries.map(({ line }) => line)).toEqual([
      "n/ 755 0:0",
      "n/d/ 755 12:34",
      "n/d/f 6750 12:34",
      "n/hard 6750 12:34 -> n/d/f",
    ]);
    expect(entries.find(({ name }) => name === "n/d/f")?.mtime).toBe(Date.UTC(2001, 1, 3, 4, 5, 6) / 1000);
  });

  it("names whose bytes are no UTF-8, with newlines, and with all that shells mind", async () => {
    const stage = [
      "FROM busybox AS made",
      "RUN mkdir /m && cd /m && touch \"$(printf 'a\\377b')\" \"$(printf 'x\\ny')\" '$(id)' './-rf' '*'",
      "FROM busybox",
      "COPY --from=made /m /n",
      "RUN cd /n && printf '%s|' ./* | od -An -v -t x1 | tr -d ' \\n' > /seen",
    ];
    const events = await buildContext(fixture, [dockerfile([...stage, "RUN cat /seen"].join("\n"))], {
      playground: someone(),
      noCache: true,
    });
    const names = [
      Buffer.from("$(id)"),
      Buffer.from("*"),
      Buffer.from("-rf"),
      Buffer.from([0x61, 0xff, 0x62]),
    ];
    const seen = [...names, Buffer.from("x\ny")].map((name) => `./${name.toString("latin1")}|`).join("");
    expect(Buffer.from(logOf(events), "hex").toString("latin1")).toBe(seen);
  });

  it("--chown takes names of the image, numbers, and the group of the user", async () => {
    const copy = (chown: string) => lines([`COPY --chown=${chown} f /x/`], [file("f")]);
    expect(await copy("www-data")).toEqual(["x/ 755 33:33", "x/f 644 33:33"]);
    expect(await copy("7")).toEqual(["x/ 755 7:7", "x/f 644 7:7"]);
    expect(await copy("7:www-data")).toEqual(["x/ 755 7:33", "x/f 644 7:33"]);
    expect(await copy("root:8")).toEqual(["x/ 755 0:8", "x/f 644 0:8"]);
    expect(await failure(["COPY --chown=nobody-here f /x"], [file("f")])).toMatchObject({
      error: { code: "user-unknown" },
    });
  });

  it("--chmod is octal or symbolic, for directories too, and may hold variables", async () => {
    const files = [file("t/run.sh", { mode: 0o744 }), file("t/d/text", { mode: 0o640 })];
    const copy = (chmod: string) => lines(["ARG MODE=600", `COPY --chmod=${chmod} t /x`], files);
    expect(await copy("4711")).toEqual([
      "x/ 755 0:0",
      "x/d/ 4711 0:0",
      "x/d/text 4711 0:0",
      "x/run.sh 4711 0:0",
    ]);
    expect(await copy("u=rwX,go=rX")).toEqual([
      "x/ 755 0:0",
      "x/d/ 755 0:0",
      "x/d/text 644 0:0",
      "x/run.sh 755 0:0",
    ]);
    expect(await copy("$MODE")).toEqual([
      "x/ 755 0:0",
      "x/d/ 600 0:0",
      "x/d/text 600 0:0",
      "x/run.sh 600 0:0",
    ]);
  });

  it("--link stands for itself: links of the image are not followed, and it lies over what is there", async () => {
    const files = [file("f"), file("t/g")];
    const made = "RUN mkdir -p /real /there && chmod 700 /there && ln -s /real /way";
    expect(await lines([made, "COPY --link f /way/"], files)).toEqual(["way/ 755 0:0", "way/f 644 0:0"]);
    expect(await lines([made, "COPY --link --chown=5 t /there"], files)).toEqual([
      "there/ 755 5:5",
      "there/g 644 5:5",
    ]);
    const events = await buildContext(
      fixture,
      [
        dockerfile(
          [
            "FROM busybox",
            made,
            "COPY --link f /way/",
            "RUN ls -l / | grep way | cut -c1; ls /way /real",
          ].join("\n"),
        ),
        ...files,
      ],
      { playground: someone(), noCache: true },
    );
    expect(logOf(events)).toBe("d\n/real:\n\n/way:\nf\n");
  });

  it("--parents keeps the way, from the pivot on; --exclude leaves out", async () => {
    const files = [
      { path: "a", type: "directory", mode: 0o750 } as const,
      file("a/b/x.txt"),
      file("a/b/y.md"),
      file("c/x.txt"),
      file("top.md"),
    ];
    expect(await lines(["COPY --parents a/b/x.txt /d/"], files)).toEqual([
      "d/ 755 0:0",
      "d/a/ 750 0:0",
      "d/a/b/ 755 0:0",
      "d/a/b/x.txt 644 0:0",
    ]);
    expect(await names(["COPY --parents a/./b/x.txt /d/"], files)).toEqual(["d/", "d/b/", "d/b/x.txt"]);
    expect(await names(["COPY --parents */x.txt **/*.md /d"], files)).toEqual([
      ...["d/", "d/a/", "d/a/b/", "d/a/b/y.md", "d/c/", "d/c/x.txt", "d/top.md"],
    ]);
    expect(await failure(["COPY --parents a/none /d/"], files)).toMatchObject({
      error: { code: "copy-source-missing" },
    });
    expect(await names(["COPY --exclude=**/*.md --exclude=c --exclude=Dockerfile . /d/"], files)).toEqual([
      ...["d/", "d/a/", "d/a/b/", "d/a/b/x.txt"],
    ]);
    expect(await names(["COPY --exclude=*.md a/b /d/"], files)).toEqual(["d/", "d/x.txt"]);
    expect(await names(["COPY --exclude=#x s /d/"], [file("s/#x"), file("s/y")])).toEqual(["d/", "d/y"]);
  });

  it("the upper directory is what overlayfs itself would have made", async () => {
    const files = [file("t/f"), file("t/d/g")];
    const made = "RUN mkdir -p /x/d && chown 3:4 /x && chmod 2775 /x && touch -d '2001-02-03' /x /x/d";
    const playground = someone();
    const show = "RUN stat -c '%A %u:%g %Y' /x /x/d /x/f /x/d/g";
    const text = dockerfile(["FROM busybox", made, "COPY t /x", show].join("\n"));
    const events = await buildContext(fixture, [text, ...files], { playground, noCache: true });
    expect(
      logOf(events)
        .replace(/^(\S+ \S+) (?!1[67]000)\d+$/gm, "$1 now")
        .split("\n"),
    ).toEqual([
      "drwxrwsr-x 3:4 now",
      `drwxr-xr-x 0:0 ${CONTEXT_TIME}`,
      `-rw-r--r-- 0:0 ${CONTEXT_TIME}`,
      `-rw-r--r-- 0:0 ${CONTEXT_TIME}`,
      "",
    ]);
    const image = await fixture.imageStore.resolve(`slipway/${playground}`);
    expect(image?.layers.length).toBeGreaterThan(2);
    expect(
      execFileSync("find", [fixture.root, "-path", "*snapshots*", "-name", "*.wh.*"], { encoding: "utf8" }),
    ).toBe("");
  });
});

describe("the cache of copies", () => {
  it("does not mind times and owners of the context, but content, mode and target", async () => {
    const playground = someone();
    const text = dockerfile("FROM busybox\nCOPY t /x");
    const outcome = async (files: readonly ContextFile[]) => {
      const events = await buildContext(fixture, [text, ...files], { playground });
      return events.find(({ type }) => type === "step-started") ?? "cached";
    };
    const link = (target: string) => ({ path: "t/l", type: "symlink", target }) as const;
    await outcome([file("t/f"), link("f")]);
    expect(await outcome([file("t/f"), link("f"), file("other")])).toBe("cached");
    const changed = (name: string) => ({ miss: { reason: "file-changed", path: name } });
    expect(await outcome([file("t/f", { mode: 0o600 }), link("f")])).toMatchObject(changed("t/f"));
    expect(await outcome([file("t/f", { mode: 0o600 }), link("g")])).toMatchObject(changed("t/l"));
  });

  it("says that .dockerignore leaves a source out", async () => {
    const files = [{ path: ".dockerignore", content: "secret\n" }, file("secret/key")];
    for (const source of ["secret", "secret/key"]) {
      const event = await failure([`COPY ${source} /x`], files);
      expect(event).toMatchObject({ error: { code: "copy-source-missing" } });
      expect(event?.type === "failed" && event.error.message).toContain(".dockerignore leaves it out");
    }
  });
});
