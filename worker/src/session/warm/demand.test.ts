import { digestSchema, type LaunchRequest, launchRequestSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { DEMAND_MS, Demand, targetKey, targetOf } from "./demand.ts";

const image = (letter: string) => digestSchema.parse(`sha256:${letter.repeat(64)}`);
const request = (letter: string, changes: object = {}): LaunchRequest =>
  launchRequestSchema.parse({
    sessionId: "ssssssss",
    image: image(letter),
    limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1, openFiles: 1 },
    egress: "none",
    expiresAt: 1,
    start: "command",
    terminals: { main: "tttttttt", shell: "uuuuuuuu" },
    size: { rows: 24, cols: 80 },
    ...changes,
  });
const images = (demand: Demand, count: number, now = 0) =>
  demand.targets(count, now).map(({ main }) => main?.image.slice(7, 8) ?? "ground");

test("nothing is prepared before the first launch: nobody knows how it will be", () => {
  const demand = new Demand();
  demand.built(image("a"), 0);
  expect(images(demand, 4)).toEqual([]);
});

test("what was launched last is prepared most, and one ground for what nobody expects", () => {
  const demand = new Demand();
  demand.launched(request("a"), 0);
  expect(images(demand, 4)).toEqual(["a", "a", "a", "ground"]);
  demand.launched(request("b"), 1);
  expect(images(demand, 4)).toEqual(["b", "a", "b", "ground"]);
  for (const letter of ["c", "d", "e"]) demand.launched(request(letter), 2);
  expect(images(demand, 4)).toEqual(["e", "d", "c", "ground"]);
});

test("an image that was just built comes first, as the last one was launched", () => {
  const demand = new Demand();
  demand.launched(request("a", { start: "shell", egress: "internet" }), 0);
  demand.built(image("b"), 1);
  const [first] = demand.targets(4, 1);
  expect(first).toEqual(targetOf(request("b", { start: "shell", egress: "internet" })));
});

test("what nobody launched for long is prepared no more, nor what can't be", () => {
  const demand = new Demand();
  demand.launched(request("a"), 0);
  demand.launched(request("b"), DEMAND_MS / 2);
  expect(images(demand, 3, DEMAND_MS)).toEqual(["b", "b", "ground"]);
  demand.forget(image("b"));
  expect(images(demand, 3, DEMAND_MS)).toEqual([]);
});

test("a pool of one prepares whole starts, a pool of none nothing", () => {
  const demand = new Demand();
  demand.launched(request("a"), 0);
  expect(images(demand, 1)).toEqual(["a"]);
  expect(images(demand, 0)).toEqual([]);
});

test("a start fits a launch only if all that can't be changed any more is the same", () => {
  const limits = request("a").limits;
  const key = (changes: object) => targetKey(targetOf(request("a", changes)));
  const same = key({});
  expect(key({ limits: { ...limits, memoryBytes: 7, cpus: 7, pids: 7 }, size: { rows: 9, cols: 9 } })).toBe(
    same,
  );
  for (const changes of [
    { image: image("b") },
    { start: "shell" },
    { egress: "internet" },
    { limits: { ...limits, diskBytes: 7 } },
    { limits: { ...limits, openFiles: 7 } },
    { limits: { ...limits, networkBytesPerSecond: 7 } },
  ]) {
    expect(key(changes)).not.toBe(same);
  }
});
