import { afterAll, beforeAll, expect, it } from "vitest";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

const text = (name: string) =>
  dockerfile(
    [
      "FROM busybox AS one",
      "RUN echo shared > /shared",
      `RUN echo ${name} > /own`,
      "FROM busybox",
      `COPY --from=one /own /shared /from-one/`,
      "WORKDIR /work",
      `RUN cat /from-one/own > /work/${name}`,
    ].join("\n"),
  );

it("collections that run without a pause take nothing from builds, and what these leave cached stays", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  let isOver = false;
  let collections = 0;
  const collecting = (async () => {
    while (!isOver) {
      await fixture.imageStore.collect();
      collections += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const build = async (name: string) => {
    const events = await buildContext(fixture, [text(name)], { playground: `playground${name}` });
    expect(events.at(-1)).toMatchObject({ type: "image" });
    return events;
  };
  await Promise.all(names.map(build));
  const again = await Promise.all(names.map(build));
  isOver = true;
  await collecting;
  expect(collections).toBeGreaterThan(5);
  for (const events of again) expect(events.filter(({ type }) => type === "step-started")).toEqual([]);
  for (const name of names) {
    const image = await fixture.imageStore.resolve(`slipway/playground${name}`);
    if (!image) throw new Error(`the image of ${name} is gone`);
    const bytes = await fixture.imageStore.readFile(image, image.layers.length - 1, `work/${name}`, 100);
    expect(Buffer.from(bytes).toString()).toBe(`${name}\n`);
  }
});
