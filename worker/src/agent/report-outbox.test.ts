import { type SessionReport, sessionIdSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { ReportOutbox } from "./report-outbox.ts";

const report = (revision: number): SessionReport => ({
  sessionId: sessionIdSchema.parse("ssssssss"),
  revision,
  state: "running",
  terminals: [],
  ports: [],
  paused: false,
  limitEvents: [],
  filesKeptUntil: null,
  end: null,
});

test("while the channel is down only the newest report waits, and it arrives after the reconnect", async () => {
  const arrived: number[] = [];
  let up = false;
  const outbox = new ReportOutbox(
    async ({ revision }) => {
      if (!up) throw new Error("not connected");
      arrived.push(revision);
    },
    () => {},
  );
  outbox.push(report(1));
  outbox.push(report(2));
  outbox.push(report(3));
  await Promise.resolve();
  up = true;
  await outbox.flush();
  expect(arrived).toEqual([3]);
});

test("a report that changes while its elder is on the way is sent after it", async () => {
  const arrived: number[] = [];
  const acknowledged: number[] = [];
  let release: () => void = () => {};
  const outbox = new ReportOutbox(
    async ({ revision }) => {
      arrived.push(revision);
      if (revision === 1) await new Promise<void>((resolve) => (release = resolve));
    },
    ({ revision }) => acknowledged.push(revision),
  );
  outbox.push(report(1));
  outbox.push(report(2));
  release();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(arrived).toEqual([1, 2]);
  expect(acknowledged).toEqual([1, 2]);
});
