import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ViewerScreen } from "./screen-fixture.ts";
import { ScreenFailed, Screens } from "./screens.ts";

/** Parsing takes its time where other tests run. */
const SLOW_MACHINE_MS = 60_000;

const size = { rows: 5, cols: 20 };
const empty = { size, data: new Uint8Array() };
const portion = (text: string) => ({ data: Buffer.from(text), sizes: [] });
const many = (word: string) => `${word}\r\n`.repeat(300);

let screens: Screens;
beforeEach(() => {
  screens = new Screens();
});
afterEach(() => screens.close());

describe("the thread of emulators", { timeout: SLOW_MACHINE_MS }, () => {
  test("gives the picture of what was printed, and the next one on top of it", async () => {
    const [begin, more] = [`\u001b[31m${many("red")}`, many("more")];
    const first = await screens.advance({
      terminal: "one",
      version: 0,
      base: empty,
      portion: portion(begin),
    });
    expect(first.consumed).toBeGreaterThan(begin.length - 600);
    const rest = begin.slice(first.consumed) + more;
    const second = await screens.advance({
      terminal: "one",
      version: 1,
      base: first,
      portion: portion(rest),
    });
    expect(new ViewerScreen(size).write(second.data).write(rest.slice(second.consumed)).state()).toEqual(
      new ViewerScreen(size).write(begin + more).state(),
    );
  });

  test("goes on from the picture when it no longer has the emulator", async () => {
    const first = await screens.advance({
      terminal: "one",
      version: 0,
      base: empty,
      portion: portion(many("a")),
    });
    await screens.close();
    screens = new Screens();
    const rest = many("a").slice(first.consumed) + many("b");
    const second = await screens.advance({
      terminal: "one",
      version: 1,
      base: first,
      portion: portion(rest),
    });
    expect(new ViewerScreen(size).write(second.data).write(rest.slice(second.consumed)).state()).toEqual(
      new ViewerScreen(size).write(many("a") + many("b")).state(),
    );
  });

  test("fails the jobs under way when it is closed", async () => {
    const first = portion(many("a"));
    const failed = expect(
      screens.advance({ terminal: "one", version: 0, base: empty, portion: first }),
    ).rejects.toBeInstanceOf(ScreenFailed);
    await screens.close();
    await failed;
  });
});
