import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Emulator } from "./emulator.ts";
import { randomOutput, seeded, ViewerScreen } from "./screen-fixture.ts";

/** Parsing takes its time where other tests run. */
const SLOW_MACHINE_MS = 60_000;

const SMALL = { rows: 10, cols: 30 };
/** The size that the programs of testdata/ had. */
const USUAL = { rows: 24, cols: 80 };

/** What a late viewer has: a picture of the output up to some byte, then the rest. */
function lateViewer(output: Buffer, cut: number, size = SMALL): ViewerScreen {
  const emulator = new Emulator(size);
  const written = emulator.writeToRest(output.subarray(0, cut));
  const late = new ViewerScreen(size).write(emulator.picture().data).write(output.subarray(written));
  emulator.dispose();
  return late;
}

describe("the screen of a late viewer equals that of one who saw everything", {
  timeout: SLOW_MACHINE_MS,
}, () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))("random output %i", (seed) => {
    const output = randomOutput(seed, 120, SMALL);
    const expected = new ViewerScreen(SMALL).write(output).state();
    const below = seeded(seed + 1000);
    for (let number = 0; number < 6; number++) {
      const cut = below(output.byteLength);
      expect(lateViewer(output, cut).state(), `cut at ${cut}`).toEqual(expected);
    }
  });

  // Recorded with the programs of Debian 12 on a pty of 80 × 24, TERM=xterm-256color.
  test.each(["vim", "less", "top", "tmux", "bash"])("output of %s", (program) => {
    const output = readFileSync(path.join(import.meta.dirname, `testdata/${program}.output`));
    const expected = new ViewerScreen(USUAL).write(output).state();
    for (let cut = 1; cut < output.byteLength; cut += 1 + (output.byteLength >> 6)) {
      expect(lateViewer(output, cut, USUAL).state(), `cut at ${cut}`).toEqual(expected);
    }
  });

  test("after resizes in between", () => {
    const output = readFileSync(path.join(import.meta.dirname, "testdata/bash.output"));
    const [first, second] = [output.subarray(0, 2_000), output.subarray(2_000)];
    const expected = new ViewerScreen(USUAL).write(first).resize({ rows: 20, cols: 50 }).write(second);
    const emulator = new Emulator(USUAL);
    emulator.write(first);
    emulator.resize({ rows: 20, cols: 50 });
    const written = emulator.writeToRest(second.subarray(0, 3_000));
    const picture = emulator.picture();
    const late = new ViewerScreen(picture.size).write(picture.data).write(second.subarray(written));
    expect(late.state()).toEqual(expected.state());
  });
});
