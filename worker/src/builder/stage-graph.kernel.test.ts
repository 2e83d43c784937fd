import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectNothingLeft, fileOf, last, logOf, outcomes, someone } from "./build-outcome-fixture.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

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

const build = (text: string, options: Parameters<typeof buildContext>[2] = {}) =>
  buildContext(fixture, [dockerfile(text)], { playground: someone(), ...options });

/** Two stages that each wait for a line of the other: they come to an end only side by side. */
const MEETING = ["a", "b"].map(
  (name) => `FROM busybox AS ${name}\nRUN echo ${name}; sleep 0.5; echo > /${name}`,
);

describe("the stages of a build", () => {
  it("run side by side where they need nothing of each other", async () => {
    const events = await build(
      [...MEETING, "FROM busybox", "COPY --from=a /a /", "COPY --from=b /b /"].join("\n"),
    );
    expect(last(events)).toMatchObject({ type: "image" });
    const order = events.flatMap((event) =>
      event.type === "step-started" || event.type === "step-finished" ? [`${event.type} ${event.step}`] : [],
    );
    // Both have begun before one of them is over.
    expect(order.slice(0, 2).sort()).toEqual(["step-started 1", "step-started 3"]);
    expect(order.indexOf("step-finished 1")).toBeGreaterThan(order.indexOf("step-started 3"));
    expect(order.indexOf("step-finished 3")).toBeGreaterThan(order.indexOf("step-started 1"));
  });

  it("are told with what they need, and steps have the numbers of the plan", async () => {
    const events = await build(
      "FROM busybox AS base\nRUN echo 1 > /one\nFROM base AS copy\nCOPY --from=base /one /two\nFROM base\nCOPY --from=copy /two /three",
    );
    expect(events[0]).toMatchObject({
      type: "plan",
      stages: [
        { name: "base", needs: [] },
        { name: "copy", needs: ["base"] },
        { name: "2", needs: ["base", "copy"] },
      ],
      steps: [0, 1, 2, 3, 4, 5].map((step) => ({ step })),
    });
    const finished = events.flatMap((event) => (event.type === "step-finished" ? [event.step] : []));
    expect(finished).toEqual([1, 3, 5]);
    expect(await fileOf(fixture, events, "three")).toBe("1\n");
  });

  it("that the target does not need are not built, and not in the plan", async () => {
    const events = await build(
      "FROM busybox AS unused\nRUN false\nFROM busybox AS wanted\nRUN echo 1 > /x\nFROM busybox\nRUN false",
      { request: { target: "Wanted" } },
    );
    expect(await fileOf(fixture, events, "x")).toBe("1\n");
    expect(events[0]).toMatchObject({ stages: [{ name: "wanted" }], steps: [{ step: 0 }, { step: 1 }] });
  });

  it("are found by number, and a target that is none says so", async () => {
    const text = "FROM busybox AS first\nRUN echo 1 > /x\nFROM first\nRUN false";
    expect(last(await build(text, { request: { target: "0" } }))).toMatchObject({ type: "image" });
    expect(await build(text, { request: { target: "frist" } })).toMatchObject([
      { type: "failed", error: { code: "stage-missing", params: { stage: "frist", suggestion: "first" } } },
    ]);
  });

  it("end with the first failure, which names its step, its place, its exit code and its last lines", async () => {
    const started = performance.now();
    const events = await build(
      [
        "FROM busybox AS slow",
        "RUN echo waiting; sleep 100",
        "FROM busybox AS broken",
        "ENV A=1",
        "RUN echo one; echo two >&2; sleep 0.2; exit 7",
        "FROM busybox",
        "COPY --from=slow / /s/",
        "COPY --from=broken / /b/",
      ].join("\n"),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(last(events)).toMatchObject({
      type: "failed",
      step: 4,
      exitCode: 7,
      range: { startLine: 5, endLine: 5 },
      error: { code: "run-failed" },
    });
    const failed = last(events);
    expect(failed?.type === "failed" && [...failed.lastLines].sort()).toEqual(["one", "two"]);
  });

  it("that are the same are carried out once", async () => {
    const events = await build(
      "FROM busybox AS a\nRUN cat /proc/sys/kernel/random/uuid > /id; sleep 0.3\nFROM busybox AS b\nRUN cat /proc/sys/kernel/random/uuid > /id; sleep 0.3\nFROM busybox\nCOPY --from=a /id /a\nCOPY --from=b /id /b",
      { noCache: true },
    );
    const id = await fileOf(fixture, events, "a");
    expect(id).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(await fileOf(fixture, events, "b")).toBe(id);
    expect(outcomes(events).join()).not.toContain("shared");
  });

  it("stand on each other while layers are still made", async () => {
    const lines = Array.from(
      { length: 12 },
      (_, at) => `RUN dd if=/dev/zero of=/f${at} bs=64k count=8 2>/dev/null`,
    );
    const events = await build(`FROM busybox\n${lines.join("\n")}\nRUN ls /f* | wc -l && rm /f0`, {
      noCache: true,
    });
    expect(logOf(events)).toBe("12\n");
    expect(await fileOf(fixture, events, "f11")).toHaveLength(512 * 1024);
    const finished = events.flatMap((event) => (event.type === "step-finished" ? [event.bytesAdded] : []));
    expect(finished).toEqual([...Array.from({ length: 12 }, () => 512 * 1024), 0]);
  });

  it("have images of more layers than any engine takes refused", async () => {
    const lines = Array.from({ length: 260 }, (_, at) => `WORKDIR /w${at}`);
    expect(last(await build(`FROM busybox\n${lines.join("\n")}`))).toMatchObject({
      type: "failed",
      error: { code: "dockerfile-invalid", params: { limit: 250 } },
    });
  });
});
