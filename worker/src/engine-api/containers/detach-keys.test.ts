import { expect, test } from "vitest";
import { DetachKeys, parseDetachKeys } from "./detach-keys.ts";

test("keys are read by the names that docker clients give them", () => {
  expect([...parseDetachKeys("")]).toEqual([16, 17]);
  expect([...parseDetachKeys("ctrl-@,ctrl-a,ctrl-z,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,x,DEL")]).toEqual([
    0, 1, 26, 27, 28, 29, 30, 31, 120, 127,
  ]);
  for (const wrong of ["ctrl-", "ctrl-ab", "hello", "a,,b", "é", Array(40).fill("a").join(",")])
    expect(() => parseDetachKeys(wrong)).toThrow(/^Invalid detach keys/);
});

test("a sequence is found across pieces, and what only begins like one reaches the process", () => {
  const keys = new DetachKeys(parseDetachKeys("a,a,b"));
  const taken = (text: string) => {
    const { input, isLeaving } = keys.take(Buffer.from(text));
    return [input.toString(), isLeaving];
  };
  expect(taken("xyz")).toEqual(["xyz", false]);
  expect(taken("1a")).toEqual(["1", false]);
  expect(taken("2a")).toEqual(["a2", false]);
  expect(taken("ac")).toEqual(["aac", false]);
  expect(taken("za")).toEqual(["z", false]);
  expect(taken("a")).toEqual(["", false]);
  expect(taken("b rest")).toEqual(["", true]);
});
