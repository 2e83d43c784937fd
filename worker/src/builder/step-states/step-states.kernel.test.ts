import { readFile } from "node:fs/promises";
import path from "node:path";
import type { BuildId, PlaygroundId } from "@slipway/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imageOf, last, someone } from "../build-outcome-fixture.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "../builder-fixture.ts";
import type { StepPlace } from "./step-states.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => await fixture?.close());

let builds = 0;
/** Builds for somebody, and tells how the build's steps are opened. */
async function built(text: string) {
  builds += 1;
  const buildId = `opened${String(builds).padStart(4, "0")}` as BuildId;
  const playgroundId = someone() as PlaygroundId;
  const events = await buildContext(fixture, [dockerfile(text), { path: "app.js", content: "one" }], {
    playground: playgroundId,
    request: { buildId },
  });
  const open = async (step: number, side: StepPlace["side"] = "before") =>
    await fixture.builder.stepImage({ buildId, playgroundId, step, side });
  return { events, open, buildId, playgroundId };
}

type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof built>>["open"]>>;

/** A file as a terminal on the image sees it; null where there is none. */
async function fileIn({ snapshot }: Opened, name: string): Promise<string | null> {
  for (const layer of snapshot === null ? [] : await fixture.snapshotter.layers(snapshot)) {
    const text = await readFile(path.join(layer, name), "utf8").catch(() => null);
    if (text !== null) return text;
  }
  return null;
}

it("a step that failed is opened on the files as they were before it, with its environment, user and directory", async () => {
  const { events, open } = await built(`FROM busybox
ARG WHO=learner
ENV COLOUR=blue
WORKDIR /srv/work
COPY app.js .
RUN dd if=/dev/zero of=/large bs=1M count=64 2>/dev/null && echo first > made
USER 1000
RUN echo half > /tmp/half && cat /nowhere
RUN echo never
`);
  expect(last(events)).toMatchObject({ type: "failed", step: 7 });
  const before = await open(7);
  expect(await fileIn(before, "srv/work/app.js")).toBe("one");
  expect(await fileIn(before, "srv/work/made")).toBe("first\n");
  expect(await fileIn(before, "tmp/half")).toBeNull();
  expect(before.config.config).toMatchObject({ User: "1000", WorkingDir: "/srv/work" });
  expect(before.config.config?.Env).toEqual(expect.arrayContaining(["WHO=learner", "COLOUR=blue"]));
  await expect(open(7, "after")).rejects.toMatchObject({ code: "step-state-gone" });
  await expect(open(8)).rejects.toMatchObject({ code: "step-state-gone" });
});

it("each step of a build that went well is opened as it was before and after it, those of other stages too", async () => {
  const { events, open } = await built(`FROM busybox AS tools
RUN echo tool > /tool
FROM busybox
COPY --from=tools /tool /taken
RUN echo one > /file
RUN echo two > /file
ENTRYPOINT ["/bin/false"]
`);
  await imageOf(fixture, events);
  expect(await fileIn(await open(1, "after"), "tool")).toBe("tool\n");
  expect(await fileIn(await open(4), "file")).toBeNull();
  expect(await fileIn(await open(5), "file")).toBe("one\n");
  const end = await open(6, "after");
  expect(await fileIn(end, "file")).toBe("two\n");
  expect(end.config.config).toMatchObject({ Entrypoint: null, Cmd: null });
  expect(end.config.history?.map(({ created_by }) => created_by)).toContainEqual(
    expect.stringContaining("echo two"),
  );
});

it("nobody else opens a step, and one whose layers were collected says so", async () => {
  const { open, buildId } = await built("FROM busybox\nRUN echo mine > /mine\nRUN exit 3\n");
  const stranger = someone() as PlaygroundId;
  await expect(
    fixture.builder.stepImage({ buildId, playgroundId: stranger, step: 2, side: "before" }),
  ).rejects.toMatchObject({ code: "step-state-gone" });
  const before = await open(2);
  const [layer] = before.layers.slice(-1);
  const gone = await fixture.content.removeUnused(layer?.digest ?? before.digest, performance.now() + 60_000);
  expect(gone).toBe(true);
  await expect(open(2)).rejects.toMatchObject({ code: "step-state-gone" });
});
