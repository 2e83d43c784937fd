import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageOf, last, someone } from "./build-outcome-fixture.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

async function warnings(text: string, request: object = {}) {
  const events = await buildContext(fixture, [dockerfile(text)], { playground: someone(), request });
  return events.flatMap((event) =>
    event.type === "warning" ? [`${event.code} ${event.range?.startLine}`] : [],
  );
}

describe("BuildKit's build checks", () => {
  it("are warnings of the build, with their places, right after the plan", async () => {
    const text = "FROM busybox as base\nMAINTAINER ada\nCMD echo hello\nRUN true";
    const events = await buildContext(fixture, [dockerfile(text)], { playground: someone() });
    expect(events.map(({ type }) => type).slice(0, 5)).toEqual([
      "plan",
      "warning",
      "warning",
      "warning",
      "step-cached",
    ]);
    expect(await warnings(text)).toEqual([
      "FromAsCasing 1",
      "MaintainerDeprecated 2",
      "JSONArgsRecommended 3",
    ]);
    expect(last(events)).toMatchObject({ type: "image" });
  });

  it("know the variables of a base image that is here", async () => {
    const base = await buildContext(fixture, [dockerfile("FROM busybox\nENV FROM_BASE=1")], {
      playground: someone(),
    });
    await fixture.imageStore.tag("checked-base", (await imageOf(fixture, base)).digest);
    expect(await warnings("FROM checked-base\nLABEL a=$FROM_BASE\nLABEL b=$NOWHERE")).toEqual([
      "UndefinedVar 3",
    ]);
  });

  it("an ignore file that can't be followed ends the build: half of it could leave a secret in", async () => {
    const files = [
      dockerfile("FROM scratch\nCOPY . /"),
      { path: ".dockerignore", content: "docs\n!\nsecret" },
      { path: "secret" },
    ];
    expect(last(await buildContext(fixture, files, { playground: someone() }))).toMatchObject({
      type: "failed",
      error: { code: "ignore-file-invalid", fault: "user", params: { path: ".dockerignore:2" } },
    });
  });

  it("look at what is built, and at what .dockerignore leaves out", async () => {
    const text = "FROM busybox AS one\nCMD echo one\nFROM busybox AS two\nCMD echo two";
    expect(await warnings(text, { target: "one" })).toEqual(["JSONArgsRecommended 2"]);
    const events = await buildContext(
      fixture,
      [
        dockerfile("FROM busybox\nCOPY secret /"),
        { path: ".dockerignore", content: "secret" },
        { path: "secret" },
      ],
      { playground: someone() },
    );
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "CopyIgnoredFile" }));
  });

  it("can be left out, and can be errors, before anything is carried out", async () => {
    expect(await warnings("# check=skip=JSONArgsRecommended\nFROM busybox\nCMD echo hello")).toEqual([]);
    const events = await buildContext(
      fixture,
      [dockerfile("# check=error=true\nFROM busybox\nRUN echo never\nCMD echo hello")],
      { playground: someone() },
    );
    expect(last(events)).toMatchObject({
      type: "failed",
      step: null,
      range: { startLine: 1 },
      error: { code: "dockerfile-invalid", params: { reason: "checks-failed" } },
    });
    expect(events.map(({ type }) => type)).toEqual(["plan", "warning", "failed"]);
  });
});
