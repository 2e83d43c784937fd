import { expect, test } from "vitest";
import { DockerfileText } from "./dockerfile-text.ts";
import { outlineOf } from "./outline.ts";

test("stages and their instructions, with where they stand", () => {
  const text = new DockerfileText(
    "ARG V=1\nFROM gcc:$V AS build\nRUN make \\\n  all\nfrom scratch\nCOPY --from=build /a /\n",
  );
  const outline = outlineOf(text);
  expect(outline.map(({ index, name, base }) => [index, name, base])).toEqual([
    [null, null, ""],
    [0, "build", "gcc:$V"],
    [1, null, "scratch"],
  ]);
  expect(
    outline.map(({ steps }) => steps.map(({ keyword, range }) => `${range.startLine} ${keyword}`)),
  ).toEqual([["1 ARG"], ["2 FROM", "3 RUN"], ["5 FROM", "6 COPY"]]);
  const run = outline[1]?.steps[1];
  expect(run?.summary).toBe("make all");
  expect(run?.range).toEqual({ startLine: 3, startColumn: 1, endLine: 4, endColumn: 5 });
});

test("what can't be read has its place all the same, and a long one is cut", () => {
  const outline = outlineOf(new DockerfileText(`FROM\nRUNN x\nRUN ${"y".repeat(200)}\n`));
  expect(outline).toHaveLength(1);
  expect(outline[0]?.steps.map(({ keyword, summary }) => `${keyword} ${summary.length}`)).toEqual([
    "FROM 0",
    "RUNN 1",
    "RUN 80",
  ]);
});
