import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileOf, imageOf, last, logOf, outcomes, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  type ContextFile,
  contextTar,
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

type Options = Parameters<typeof buildContext>[2];
const files = (text: string, ...more: ContextFile[]) => [dockerfile(`FROM busybox\n${text}`), ...more];
const build = (text: string, options: Options = {}, ...more: ContextFile[]) =>
  buildContext(fixture, files(text, ...more), { playground: someone(), ...options });

describe("a step", () => {
  it("says whose result it takes: its own of the last build, or somebody else's", async () => {
    const playground = someone();
    await build("RUN echo whose > /x", { playground });
    expect(outcomes(await build("RUN echo whose > /x", { playground }))[1]).toBe("unchanged");
    expect(outcomes(await build("RUN echo whose > /x"))[1]).toBe("same-inputs");
  });

  it("that was put in is new, and those below it say that one above them was not cached", async () => {
    const playground = someone();
    await build("RUN echo ins 1 > /1\nRUN echo ins 2 > /2", { playground });
    const events = await build("RUN echo ins 1 > /1\nRUN echo ins new > /n\nRUN echo ins 2 > /2", {
      playground,
    });
    expect(outcomes(events)).toEqual(["base-present", "unchanged", "first-time", "parent-missed"]);
  });

  it("that was taken out leaves those above it unchanged", async () => {
    const playground = someone();
    await build("RUN echo out 1 > /1\nRUN echo out 2 > /2\nRUN echo out 3 > /3", { playground });
    const events = await build("RUN echo out 1 > /1\nRUN echo out 3 > /3", { playground });
    expect(outcomes(events)).toEqual(["base-present", "unchanged", "parent-missed"]);
  });

  it("whose result was given up for room says so", async () => {
    const playground = someone();
    await build("RUN echo room > /x", { playground });
    const cache = path.join(fixture.root, "builds/cache");
    for (const key of await readdir(cache)) await fixture.evict(key);
    expect(outcomes(await build("RUN echo room > /x", { playground }))[1]).toBe("removed");
  });

  it("that failed before is no result that was removed", async () => {
    const playground = someone();
    await build("RUN exit 1", { playground });
    expect(outcomes(await build("RUN exit 1", { playground }))[1]).toBe("first-time");
  });

  it("on another base says that the base changed", async () => {
    const playground = someone();
    const on = (base: string) => [dockerfile(`FROM ${base}\nRUN echo based > /x`)];
    const other = await build("RUN echo other base > /other");
    await fixture.imageStore.tag("other-base", (await imageOf(fixture, other)).digest);
    await buildContext(fixture, on("busybox"), { playground });
    expect(outcomes(await buildContext(fixture, on("other-base"), { playground }))[1]).toBe("base-changed");
  });

  it("is still cached after a restart of the worker", async () => {
    const playground = someone();
    const first = await build("RUN echo restart > /x\nCOPY a /a", { playground }, { path: "a" });
    await fixture.builder.close();
    const again = await openFixture({ directory: fixture.root });
    const events = await buildContext(again, files("RUN echo restart > /x\nCOPY a /a", { path: "a" }), {
      playground,
    });
    expect(outcomes(events)).toEqual(["base-present", "unchanged", "unchanged"]);
    expect((await imageOf(again, events)).digest).toBe((await imageOf(fixture, first)).digest);
  });

  it("of which a layer is gone runs again", async () => {
    const playground = someone();
    const first = await build("RUN echo gone > /x", { playground });
    const { snapshot } = await imageOf(fixture, first);
    await fixture.snapshotter.remove(snapshot ?? "");
    await fixture.builder.close();
    const again = await openFixture({ directory: fixture.root });
    const events = await buildContext(again, files("RUN echo gone > /x"), { playground });
    expect(outcomes(events)[1]).toBe("removed");
    expect(await fileOf(again, events, "x")).toBe("gone\n");
  });
});

describe("a copy is cached by what BuildKit looks at", () => {
  const copy = (file: Partial<ContextFile>, mtimeSeconds = 1_700_000_000) =>
    buildContext(fixture, [], {
      playground: "copymeta1",
      tar: contextTar(
        [dockerfile("FROM busybox\nCOPY a /a"), { path: "a", content: "same", mode: 0o644, ...file }],
        mtimeSeconds,
      ),
    });

  it.each([
    ["another time does not count", { time: 1_600_000_000 }, "unchanged"],
    ["another mode does", { mode: 0o755 }, "file-changed a"],
    ["another content does", { content: "other" }, "file-changed a"],
  ] as const)(
    "%s",
    async (_, { time, ...changed }: { time?: number; mode?: number; content?: string }, outcome) => {
      await copy({});
      expect(outcomes(await copy(changed, time))[1]).toBe(outcome);
    },
  );
});

describe("a build argument", () => {
  const withArgs = (text: string, playground: string, buildArgs: Record<string, string>) =>
    build(text, { playground, request: { buildArgs } });

  it("is in the environment of RUN from its ARG on, wins over the default, and is in the history", async () => {
    const events = await withArgs(
      'RUN echo "[$A]"\nARG A=default\nRUN echo "[$A]"\nENV B=$A\nRUN env | grep ^B',
      someone(),
      { A: "given" },
    );
    expect(logOf(events)).toBe("[]\n[given]\nB=given\n");
    const { config } = await imageOf(fixture, events);
    const history = config.history?.map(({ created_by }) => created_by);
    expect(history).toContain("ARG A=given");
    expect(history).toContain('RUN |1 A=given /bin/sh -c echo "[$A]" # buildkit');
    expect(config.config?.Env).toContain("B=given");
    expect(config.config?.Env?.join()).not.toContain("A=given");
  });

  it("counts for the cache where it is declared, and nowhere else", async () => {
    const playground = someone();
    const text = "RUN echo above > /x\nARG A\nRUN echo below > /y";
    await withArgs(text, playground, { A: "1" });
    expect(outcomes(await withArgs(text, playground, { A: "1" }))).toEqual([
      "base-present",
      "unchanged",
      "unchanged",
      "unchanged",
    ]);
    expect(outcomes(await withArgs(text, playground, { A: "2" }))).toEqual([
      "base-present",
      "unchanged",
      "instruction-changed",
      "parent-missed",
    ]);
  });

  it("that nobody declares is warned of and changes nothing", async () => {
    const playground = someone();
    await withArgs("RUN echo nobody > /x", playground, {});
    const events = await withArgs("RUN echo nobody > /x", playground, { UNUSED: "1" });
    expect(outcomes(events)[1]).toBe("unchanged");
    expect(events).toContainEqual(
      expect.objectContaining({ type: "warning", message: expect.stringContaining("UNUSED") }),
    );
  });

  it("of a proxy reaches RUN, and neither cache key nor history", async () => {
    const playground = someone();
    const text = 'RUN echo "[$http_proxy] [$HTTP_PROXY]"; echo proxy > /x';
    const events = await withArgs(text, playground, { HTTP_PROXY: "http://secret.example:1" });
    expect(logOf(events)).toBe("[http://secret.example:1] [http://secret.example:1]\n");
    expect(outcomes(await withArgs(text, playground, {}))[1]).toBe("unchanged");
    expect(JSON.stringify((await imageOf(fixture, events)).config)).not.toContain("secret.example");
  });
});

describe("a secret", () => {
  it("is in no layer, log, history, cache or record", async () => {
    const secret = "correct horse battery staple";
    const playground = someone();
    const events = await build(
      'RUN --mount=type=secret,id=token,env=TOKEN test -n "$TOKEN" && wc -c < /run/secrets/token > /size; true',
      { playground, request: { secrets: { token: secret } } },
    );
    expect(last(events)).toMatchObject({ type: "image" });
    expect(JSON.stringify(events)).not.toContain(secret);
    for (const directory of ["builds", "content", "snapshots"]) {
      for (const entry of await readdir(path.join(fixture.root, directory), {
        recursive: true,
        withFileTypes: true,
      })) {
        if (!entry.isFile()) continue;
        const text = await readFile(path.join(entry.parentPath, entry.name), "latin1");
        expect(text.includes(secret), entry.name).toBe(false);
      }
    }
  });

  it("keeps what was made with it from other playgrounds, and all that stands on it", async () => {
    const text = "RUN --mount=type=secret,id=scope cat /run/secrets/scope > /leak\nRUN cp /leak /copy";
    const mine = { playground: someone(), request: { secrets: { scope: "mine" } } };
    await build(text, mine);
    expect(outcomes(await build(text, mine)).slice(1)).toEqual(["unchanged", "unchanged"]);
    const other = await build(text, { request: { secrets: { scope: "other" } } });
    expect(outcomes(other).slice(1)).toEqual(["first-time", "parent-missed"]);
    expect(await fileOf(fixture, other, "copy")).toBe("other");
  });
});
