import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectNothingLeft, imageOf, last, logOf, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  type ContextFile,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
} from "./builder-fixture.ts";

/* Links of a context, of stages and of images that lead to files of the machine: each build is a real one. */

const SECRET = "the host's own secret: 91be77";

let fixture: Fixture;
let host: string;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
  host = await mkdtemp(path.join(tmpdir(), "slipway-host-"));
  await mkdir(path.join(host, "sub"));
  await writeFile(path.join(host, "file"), SECRET);
}, 120_000);
afterAll(async () => {
  await fixture?.close();
  await rm(host, { recursive: true, force: true });
});

const build = (text: string, files: readonly ContextFile[] = []) =>
  buildContext(fixture, [dockerfile(text), ...files], { playground: someone() });

/** Nothing of the host is in what was built or said, and the host is as it was. */
async function expectUntouched(events: Awaited<ReturnType<typeof build>>): Promise<void> {
  expect(JSON.stringify(events)).not.toContain(SECRET);
  if (last(events)?.type === "image") {
    const image = await imageOf(fixture, events);
    for (const { digest } of image.layers) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await fixture.content.stream(digest)) chunks.push(chunk);
      expect(Buffer.concat(chunks).includes(SECRET)).toBe(false);
    }
  }
  expect((await readdir(host)).sort()).toEqual(["file", "sub"]);
  expect(await readdir(path.join(host, "sub"))).toEqual([]);
  expect(await readFile(path.join(host, "file"), "utf8")).toBe(SECRET);
  expect((await stat(host)).mode & 0o777).toBe(0o700);
  await expectNothingLeft(fixture);
}

it("a context whose directory becomes a link between two of its entries gives nothing of the machine", async () => {
  const swaps: ContextFile[] = [
    { path: "d", type: "directory" },
    { path: "d/file", content: "harmless" },
    { path: "d", type: "symlink", target: host },
    { path: "d/sub/written", content: "evil" },
    { path: "hard", type: "link", target: "d/file" },
  ];
  await expectUntouched(await build("FROM busybox\nCOPY . /c\nRUN cat /c/d/file /c/hard || true\n", swaps));
  for (const target of [host, `../../../../../../..${host}`, "/proc/self/root", "/proc/1/cwd"]) {
    const files: ContextFile[] = [{ path: "link", type: "symlink", target }];
    for (const source of ["link/file", "link/", "link"])
      await expectUntouched(await build(`FROM busybox\nCOPY ${source} /c/\n`, files));
  }
}, 120_000);

it("a stage that swapped directories for links gives nothing of the machine, to COPY and to mounts", async () => {
  const stage = (target: string) =>
    `FROM busybox AS a\nRUN mkdir -p /d && echo x > /d/file && rm -r /d && ln -s ${target} /d\nFROM busybox\n`;
  for (const target of [host, `../../../../../../../..${host}`, `/proc/self/root${host}`]) {
    for (const step of [
      "COPY --from=a /d/file /c",
      "COPY --from=a /d /c",
      "COPY --from=a /d/ /c/",
      "RUN --mount=type=bind,from=a,source=/d/file,target=/in cat /in",
      "RUN --mount=type=bind,from=a,source=/d,target=/in,rw find /in -maxdepth 1 && touch /in/evil",
      "RUN --mount=type=cache,from=a,source=/d,target=/in touch /in/evil && cat /in/file",
    ])
      await expectUntouched(await build(`${stage(target)}${step}\n`));
  }
}, 120_000);

it("a link of a stage is followed inside of the stage: what is there at the machine's path is the stage's own", async () => {
  const decoy = `FROM busybox AS a\nRUN mkdir -p ${host} && echo decoy > ${host}/file && ln -s ${host} /d\nFROM busybox\n`;
  for (const step of [
    "COPY --from=a /d/file /c\nRUN cat /c",
    "RUN --mount=type=bind,from=a,source=/d/file,target=/in cat /in",
    "RUN --mount=type=bind,from=a,source=/d,target=/in,rw touch /in/evil && cat /in/file",
  ]) {
    const events = await build(`${decoy}${step}\n`);
    expect(last(events)).toMatchObject({ type: "image" });
    expect(logOf(events)).toContain("decoy");
    await expectUntouched(events);
  }
});

it("a target that an image swapped for a link is written inside of the image, never on the machine", async () => {
  const image = `FROM busybox\nRUN ln -s ${host} /d && ln -s ${host}/file /f\n`;
  const files = [{ path: "file", content: "evil", mode: 0o4777 }];
  for (const step of [
    "COPY file /d/",
    "COPY file /d/sub/",
    "ADD file /f",
    "WORKDIR /d/sub/deeper",
    "COPY --link file /d/",
  ])
    await expectUntouched(await build(`${image}${step}\nRUN find / -xdev -name file -user 0\n`, files));
  const mounted = `${image}RUN --mount=type=tmpfs,target=/d/sub/evil --mount=type=secret,id=s,target=/d/made echo x\n`;
  await expectUntouched(await build(mounted));
}, 120_000);

it("a step that swaps what the worker looks at afterwards does not lead it out", async () => {
  const events = await build(
    [
      "FROM busybox",
      // Mount points of the step itself, and the files that every container has, are cleaned up behind it.
      `RUN --mount=type=tmpfs,target=/a/b/c rm -rf /a/b 2>/dev/null; mv /a /gone 2>/dev/null; ln -s ${host} /a; true`,
      `RUN mv /etc /old && ln -s ${host} /etc; echo swapped`,
      "RUN echo still here",
      "COPY Dockerfile /etc/sub/",
      "USER nobody",
      "RUN true",
    ].join("\n"),
  );
  expect(logOf(events)).toContain("swapped");
  await expectUntouched(events);
}, 120_000);
