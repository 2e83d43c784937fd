import { BUILD_EVENT_BATCH, type BuildEvent, type BuildEvents, buildIdSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { BuildOutbox } from "./build-outbox.ts";

const id = buildIdSchema.parse("bbbbbbbb");
const line = (number: number): BuildEvent => ({
  type: "log",
  step: 0,
  stream: "stdout",
  number,
  text: `${number}\n`,
});
const failed: BuildEvent = {
  type: "failed",
  error: { code: "run-failed", fault: "user", message: "", params: {} },
  step: 0,
  exitCode: 1,
  range: null,
  lastLines: [],
};
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

/** A receiving end that keeps what it acknowledged and can be cut off. */
function receiver() {
  const seen: number[] = [];
  const state = { up: true, batches: 0 };
  const send = async (batch: BuildEvents) => {
    await Promise.resolve();
    if (!state.up) throw new Error("not connected");
    state.batches += 1;
    seen.push(...batch.events.map((event) => event.sequence));
  };
  return { seen, state, send };
}

test("events arrive in order, without gap or duplicate, in bounded batches", async () => {
  const { seen, state, send } = receiver();
  const outbox = new BuildOutbox(send);
  outbox.open(id);
  const total = BUILD_EVENT_BATCH * 2 + 7;
  for (let number = 0; number < total; number += 1) outbox.push(id, line(number));
  await settle();
  expect(seen).toEqual(Array.from({ length: total }, (_, sequence) => sequence));
  expect(state.batches).toBe(3);
});

test("after a reconnect it goes on from what the other side wants", async () => {
  const { seen, state, send } = receiver();
  const outbox = new BuildOutbox(send);
  outbox.open(id);
  outbox.push(id, line(0));
  await settle();
  state.up = false;
  outbox.push(id, line(1));
  outbox.push(id, line(2));
  await settle();
  expect(outbox.list()).toEqual([{ buildId: id, events: 3 }]);
  state.up = true;
  outbox.resume([{ buildId: id, nextSequence: 2 }]);
  await settle();
  expect(seen).toEqual([0, 2]);
});

test("a build is forgotten once its final event is acknowledged, or nobody wants it any more", async () => {
  const { send } = receiver();
  const outbox = new BuildOutbox(send);
  outbox.open(id);
  outbox.push(id, failed);
  await settle();
  expect(outbox.list()).toEqual([]);
  outbox.open(id);
  outbox.resume([]);
  expect(outbox.list()).toEqual([]);
});
