import { expect, it } from "vitest";
import { BuildRecord, type BuildRecordData, type StepInputs } from "./build-record.ts";

interface Step {
  readonly text: string;
  readonly definition?: string;
  readonly files?: Record<string, string>;
  readonly key?: string;
  readonly isDone?: boolean;
}

const kindOf = (text: string) => text.split(" ")[0]?.toLowerCase() ?? "";

/** Goes through the steps of one stage; gives what was said of each, and the record. */
function build(last: BuildRecordData, base: string, steps: readonly Step[]) {
  const record = new BuildRecord(last);
  const stage = record.stage(
    "0",
    steps.map(({ text }) => ({ kind: kindOf(text), text })),
  );
  stage.base(base);
  const said = steps.map(({ text, definition = text, files, key = definition, isDone = true }, index) => {
    const inputs: StepInputs = { definition, key, files: files ? new Map(Object.entries(files)) : null };
    const explanation = stage.explain(index, inputs);
    if (isDone) stage.done(index);
    return explanation;
  });
  return { said, data: record.data() };
}

const NOTHING: BuildRecordData = { stages: {} };
const reasons = (before: readonly Step[], now: readonly Step[], base = "base") =>
  build(build(NOTHING, "base", before).data, base, now).said.map(({ isUnchanged, miss }) =>
    isUnchanged ? "unchanged" : "path" in miss ? `${miss.reason} ${miss.path}` : miss.reason,
  );
const a = { text: "RUN a" };
const b = { text: "RUN b" };
const c = { text: "RUN c" };

it("a step that was never there is there for the first time", () => {
  expect(reasons([], [a])).toEqual(["first-time"]);
  expect(reasons([a], [a, b])).toEqual(["unchanged", "first-time"]);
});

it("a step whose text is another has changed", () => {
  expect(reasons([a], [b])).toEqual(["instruction-changed"]);
});

it("a base that is another one is the reason for all on top of it", () => {
  expect(reasons([a], [{ ...a, key: "x" }], "other")).toEqual(["base-changed"]);
});

it.each([
  ["changed", { x: "1", y: "1" }, { x: "1", y: "2" }, "y"],
  ["new", { x: "1" }, { b: "1", x: "1" }, "b"],
  ["removed", { x: "1", y: "1" }, { x: "1" }, "y"],
])("a %s file is named", (_, before, now, path) => {
  const copy = (files: Record<string, string>) => ({ text: "COPY . .", files, key: JSON.stringify(files) });
  expect(reasons([copy(before)], [copy(now)])).toEqual([`file-changed ${path}`]);
});

it("a step that was put in is new, and moves no other to another reason", () => {
  const above = { text: "LABEL a=b", key: "" };
  expect(reasons([a, b], [above, a, b])).toEqual(["first-time", "unchanged", "unchanged"]);
  expect(reasons([a, b], [a, c, { ...b, key: "other" }])).toEqual([
    "unchanged",
    "first-time",
    "parent-missed",
  ]);
});

it("a step that was taken out leaves the others what they were", () => {
  expect(reasons([a, b, c], [a, { ...c, key: "other" }])).toEqual(["unchanged", "parent-missed"]);
});

it("a step in the place of one of its kind has changed, in that of another kind it is new", () => {
  const copy = { text: "COPY x /" };
  expect(reasons([a, copy, b], [a, c, b])).toEqual(["unchanged", "first-time", "unchanged"]);
  expect(reasons([a, b, copy], [a, c, copy])).toEqual(["unchanged", "instruction-changed", "unchanged"]);
});

it("a variable that has changed above is the reason, not the text", () => {
  const env = (value: string) => ({ text: `ENV A=${value}` });
  const run = (value: string) => ({ text: "RUN echo $A", definition: value });
  expect(reasons([env("1"), run("1")], [env("2"), run("2")])).toEqual([
    "instruction-changed",
    "parent-missed",
  ]);
  expect(reasons([run("1")], [run("2")])).toEqual(["instruction-changed"]);
});

it("a result that was there is gone, one that never was is not", () => {
  const { data } = build(NOTHING, "base", [a, { ...b, isDone: false }]);
  expect(build(data, "base", [a, b]).said.map(({ miss }) => miss.reason)).toEqual(["removed", "first-time"]);
});

it("steps that a failed build did not reach keep what was known of them", () => {
  const first = build(NOTHING, "base", [a, b]).data;
  const failed = new BuildRecord(first);
  const stage = failed.stage("0", [
    { kind: "run", text: "RUN other" },
    { kind: "run", text: "RUN b" },
  ]);
  stage.base("base");
  stage.explain(0, { definition: "RUN other", files: null, key: "RUN other" });
  expect(build(failed.data(), "base", [{ text: "RUN other" }, b]).said).toEqual([
    { isUnchanged: false, miss: { reason: "first-time" } },
    { isUnchanged: true, miss: { reason: "removed" } },
  ]);
});

it("stages are known by their names", () => {
  const record = new BuildRecord(build(NOTHING, "base", [a]).data);
  const stage = record.stage("other", [{ kind: "run", text: "RUN a" }]);
  stage.base("base");
  expect(stage.explain(0, { definition: "RUN a", files: null, key: "RUN a" }).miss).toEqual({
    reason: "first-time",
  });
});
