import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Makings } from "./makings.ts";

const silent = () => {};

function endless(started: { count: number; aborted: number }) {
  return (_: unknown, signal: AbortSignal) =>
    new Promise<string>((_resolve, reject) => {
      started.count += 1;
      signal.addEventListener("abort", () => {
        started.aborted += 1;
        setTimeout(() => reject(new Error("given up")), 20);
      });
    });
}

it("work that several ask for is done once, and everyone hears of it", async () => {
  const makings = new Makings<string>();
  const heard: string[][] = [[], []];
  let runs = 0;
  const work = async (tell: (line: string) => void) => {
    runs += 1;
    await sleep(5);
    tell("half");
    return "done";
  };
  const results = await Promise.all(
    heard.map((lines) => makings.run("a", work, (line) => lines.push(line), undefined)),
  );
  expect([results, runs, heard]).toEqual([["done", "done"], 1, [["half"], ["half"]]]);
});

it("one who stops waiting does not stop the others, the last one does", async () => {
  const makings = new Makings<string>();
  const state = { count: 0, aborted: 0 };
  const [first, second] = [new AbortController(), new AbortController()];
  const one = makings.run("a", endless(state), silent, first.signal);
  const two = makings.run("a", endless(state), () => silent(), second.signal);
  await sleep(1);
  first.abort(new Error("first left"));
  await expect(one).rejects.toThrow("first left");
  expect(state).toEqual({ count: 1, aborted: 0 });
  second.abort(new Error("second left"));
  await expect(two).rejects.toThrow("second left");
  expect(state).toEqual({ count: 1, aborted: 1 });
});

it("work that was given up is begun anew by the next one, after it has ended", async () => {
  const makings = new Makings<string>();
  const state = { count: 0, aborted: 0 };
  const abort = new AbortController();
  const given = makings.run("a", endless(state), silent, abort.signal);
  await sleep(1);
  abort.abort(new Error("left"));
  await expect(given).rejects.toThrow("left");
  expect(await makings.run("a", async () => "again", silent, undefined)).toBe("again");
});

it("a failure reaches everyone, and is not remembered", async () => {
  const makings = new Makings<string>();
  const failing = async () => Promise.reject(new Error("no network"));
  const both = [makings.run("a", failing, silent, undefined), makings.run("a", failing, silent, undefined)];
  for (const one of both) await expect(one).rejects.toThrow("no network");
  expect(await makings.run("a", async () => "works", silent, undefined)).toBe("works");
});
