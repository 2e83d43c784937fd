import { describe, expect, test } from "vitest";
import { Emulator } from "./emulator.ts";
import { randomOutput, seeded, ViewerScreen } from "./screen-fixture.ts";

const size = { rows: 10, cols: 30 };

/** What a late viewer has: a picture of the output up to some byte, then the rest. */
function lateViewer(output: Buffer, cut: number): ViewerScreen {
  const emulator = new Emulator(size);
  const written = emulator.writeToRest(output.subarray(0, cut));
  const late = new ViewerScreen(size).write(emulator.picture().data).write(output.subarray(written));
  emulator.dispose();
  return late;
}

describe("the screen of a late viewer equals that of one who saw everything", () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))("random output %i", (seed) => {
    const output = randomOutput(seed, 120, size);
    const expected = new ViewerScreen(size).write(output).state();
    const below = seeded(seed + 1000);
    for (let number = 0; number < 6; number++) {
      const cut = below(output.byteLength);
      expect(lateViewer(output, cut).state(), `cut at ${cut}`).toEqual(expected);
    }
  });
});
