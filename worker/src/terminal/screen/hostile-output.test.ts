import { CHECKPOINT_BYTES } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { Emulator } from "./emulator.ts";
import { PICTURE_BYTES } from "./picture.ts";
import { ViewerScreen } from "./screen-fixture.ts";

/** Parsing takes its time where other tests run. */
const SLOW_MACHINE_MS = 60_000;

const size = { rows: 24, cols: 80 };
const text = (data: Uint8Array) => new TextDecoder().decode(data);

function pictureOf(output: string | Uint8Array, of = size): Uint8Array {
  const emulator = new Emulator(of);
  emulator.write(Buffer.from(output));
  const { data } = emulator.picture();
  emulator.dispose();
  return data;
}

describe("a checkpoint carries on to late viewers", { timeout: SLOW_MACHINE_MS }, () => {
  test.each([
    ["no clipboard write (OSC 52)", "\u001b]52;c;ZXZpbA==\u0007"],
    ["no title (OSC 0)", "\u001b]0;evil\u0007"],
    ["no icon name (OSC 1)", "\u001b]1;evil\u001b\\"],
    ["no title (OSC 2)", "\u001b]2;evil\u001b\\"],
    ["no title that is pushed and popped", "\u001b]2;evil\u0007\u001b[22t\u001b[23t"],
    ["no link to a script (OSC 8)", "\u001b]8;;javascript:evil\u001b\\text\u001b]8;;\u001b\\"],
    ["no colour of the palette (OSC 4)", "\u001b]4;1;rgb:ev/il/00\u0007"],
    [
      "no string for another program (DCS, APC, PM)",
      "\u001bPevil\u001b\\\u001b_evil\u001b\\\u001b^evil\u001b\\",
    ],
    ["no window manipulation", "\u001b[8;1;1t\u001b[3;0;0t\u001b[2t\u001b[9;1t"],
  ])("%s", (_, output) => {
    const picture = text(pictureOf(`before ${output} after`));
    expect(picture).toContain("before");
    expect(picture).toContain("after");
    for (const word of ["evil", "ZXZpbA", "\u001b]", "\u001bP"]) expect(picture).not.toContain(word);
    for (const sequence of picture.split("\u001b[").slice(1)) expect(sequence).not.toMatch(/^[0-9;]*t/);
  });

  test("no question whose answer would be typed", () => {
    const questions =
      "\u001b[c\u001b[>c\u001b[5n\u001b[6n\u001b[?6n\u001b[18t\u001b[21t\u001b[?2026$p\u001bP$qm\u001b\\\u001b]10;?\u0007";
    const late = new ViewerScreen(size).write(pictureOf(questions));
    expect(late.replies).toEqual([]);
  });
});

describe("the emulator bears", { timeout: SLOW_MACHINE_MS }, () => {
  test("a string that never ends: its end is still its end for who comes late", () => {
    const emulator = new Emulator(size);
    emulator.write(Buffer.from("before\u001b]0;"));
    for (let slice = 0; slice < 300; slice++) emulator.write(Buffer.alloc(64 * 1024, "e"));
    const { data } = emulator.picture();
    expect(data.byteLength).toBeLessThan(4_096);
    const late = new ViewerScreen(size).write(data).write("more of it\u0007after");
    expect(late.state()).toEqual(new ViewerScreen(size).write("beforeafter").state());
  });

  test("a letter with marks without end", () => {
    const data = pictureOf(`a${"\u0301".repeat(200_000)}b`);
    expect(data.byteLength).toBeLessThan(4_096);
    expect(text(data)).toContain("b");
  });

  test("a screen of a million cells in as many colours: the picture keeps to its size", () => {
    const of = { rows: 300, cols: 1000 };
    let output = "";
    for (let cell = 0; cell < of.rows * of.cols; cell++) {
      output += `\u001b[38;2;${cell & 255};${(cell >> 8) & 255};7;48;2;9;${cell & 127};${cell & 63}mx`;
    }
    const data = pictureOf(output, of);
    expect(data.byteLength).toBeLessThanOrEqual(PICTURE_BYTES);
    expect(data.byteLength).toBeGreaterThan(of.rows * of.cols);
    expect(PICTURE_BYTES).toBeLessThan(CHECKPOINT_BYTES);
  });
});
