import { afterEach, describe, expect, test } from "vitest";
import { ViewerScreen } from "./screen-fixture.ts";
import { Screens } from "./screens.ts";

const size = { rows: 5, cols: 20 };
const empty = { size, data: new Uint8Array() };
const portion = (text: string) => ({ data: Buffer.from(text), sizes: [] });

let screens: Screens;
afterEach(() => screens.close());

describe("the thread of emulators", () => {
  test("gives the picture of what was printed, and the next one on top of it", async () => {
    screens = new Screens();
    const first = await screens.advance({
      terminal: "one",
      version: 0,
      base: empty,
      portion: portion("\u001b[31mred\r\n"),
    });
    expect(first.consumed).toBe(5);
    const job = { terminal: "one", version: 1, base: first, portion: portion("red\r\nmore\r\n") };
    const second = await screens.advance(job);
    expect(
      new ViewerScreen(size).write(second.data).write("red\r\nmore\r\n".slice(second.consumed)).state(),
    ).toEqual(new ViewerScreen(size).write("\u001b[31mred\r\nmore\r\n").state());
  });
});
