import { randomUUID } from "node:crypto";
import type { BuildEvent } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  expectNothingLeft,
  fileOf,
  imageOf,
  last,
  logOf,
  outcomes,
  someone,
} from "./build-outcome-fixture.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});
afterEach(async () => {
  await expectNothingLeft(fixture);
});

interface Started {
  readonly events: Promise<BuildEvent[]>;
  readonly cancel: () => void;
  /** Resolves when the log holds this. */
  readonly logged: (text: string) => Promise<void>;
}

function start(text: string, options: Parameters<typeof buildContext>[2] = {}): Started {
  const abort = new AbortController();
  let log = "";
  const waiting = new Set<() => void>();
  const onEvent = (event: BuildEvent) => {
    if (event.type === "log") log += event.text;
    for (const look of waiting) look();
  };
  const files = [dockerfile(text), { path: "file", content: "content" }];
  const events = buildContext(fixture, files, {
    playground: someone(),
    signal: abort.signal,
    onEvent,
    ...options,
  });
  const logged = (wanted: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!log.includes(wanted)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { events, cancel: () => abort.abort(), logged };
}

/** A step that takes a while, has a log, and never gives the same file twice. */
const slow = (mark: string, seconds = 1) =>
  `FROM busybox\nRUN echo begin ${mark}; sleep ${seconds}; cat /proc/sys/kernel/random/uuid > /id; echo end`;

describe("builds that reach the same step at the same moment", () => {
  it("share one run: everyone has the whole log from its beginning, the result, and says so", async () => {
    const text = slow(randomUUID());
    const first = start(text);
    await first.logged("begin");
    const second = start(text);
    const [one, two] = await Promise.all([first.events, second.events]);
    expect(logOf(two)).toBe(logOf(one));
    expect(logOf(two)).toMatch(/^begin .*\nend\n$/);
    expect(outcomes(one)[1]).toBe("first-time");
    expect(outcomes(two)[1]).toBe("first-time shared");
    expect((await imageOf(fixture, two)).digest).toBe((await imageOf(fixture, one)).digest);
    const numbers = two.flatMap((event) => (event.type === "log" ? [event.number] : []));
    expect(numbers).toEqual(numbers.map((_, at) => at));
  });

  it("go on when the one that began it is cancelled", async () => {
    const text = slow(randomUUID());
    const first = start(text);
    await first.logged("begin");
    const second = start(text);
    await second.logged("begin");
    first.cancel();
    const cancelled = performance.now();
    expect(last(await first.events)).toMatchObject({ error: { code: "build-cancelled" } });
    expect(performance.now() - cancelled).toBeLessThan(900);
    expect(await fileOf(fixture, await second.events, "id")).toMatch(/^[0-9a-f-]{36}\n$/);
  });

  it("go on with files of a context whose build is gone", async () => {
    const mark = randomUUID();
    const text = `FROM busybox\nRUN --mount=type=bind,target=/context echo begin ${mark}; sleep 1; cat /context/file > /copy`;
    const first = start(text);
    await first.logged("begin");
    const second = start(text);
    await second.logged("begin");
    first.cancel();
    await first.events;
    expect(await fileOf(fixture, await second.events, "copy")).toBe("content");
  });

  it("end it when all of them are cancelled, and leave nothing", async () => {
    const text = slow(randomUUID(), 100);
    const both = [start(text), start(text)];
    await Promise.all(both.map(({ logged }) => logged("begin")));
    for (const { cancel } of both) cancel();
    for (const { events } of both)
      expect(last(await events)).toMatchObject({ error: { code: "build-cancelled" } });
    await expectNothingLeft(fixture);
  });

  it("all fail when it fails, each with its place and its last lines", async () => {
    const text = `FROM busybox\nENV A=1\nRUN echo begin ${randomUUID()}; sleep 0.5; echo broken; exit 3`;
    const first = start(text);
    await first.logged("begin");
    const second = start(text);
    for (const { events } of [first, second])
      expect(last(await events)).toMatchObject({
        type: "failed",
        step: 2,
        exitCode: 3,
        range: { startLine: 3 },
        lastLines: [expect.stringContaining("begin"), "broken"],
      });
  });

  it("don't share with one that asked for no cache, and those that did share among themselves", async () => {
    const text = slow(randomUUID());
    const first = start(text);
    await first.logged("begin");
    const fresh = [start(text, { noCache: true }), start(text, { noCache: true })];
    const [id, ...others] = await Promise.all(
      [first, ...fresh].map(async ({ events }) => fileOf(fixture, await events, "id")),
    );
    expect(others[0]).not.toBe(id);
    expect(others[1]).toBe(others[0]);
  });

  it("don't share what had a secret with another playground", async () => {
    const mark = randomUUID();
    const text = `FROM busybox\nRUN --mount=type=secret,id=key echo begin ${mark}; sleep 0.5; wc -c < /run/secrets/key > /size`;
    const owner = someone();
    const request = (key: string) => ({ request: { secrets: { key } } });
    const one = start(text, { playground: owner, ...request("12345") });
    await one.logged("begin");
    const same = start(text, { playground: owner, ...request("12345") });
    const other = start(text, request("1"));
    expect(outcomes(await same.events)[1]).toContain("shared");
    expect(outcomes(await other.events)[1]).toBe("first-time");
    expect(await fileOf(fixture, await other.events, "size")).toBe("1\n");
    expect(await fileOf(fixture, await one.events, "size")).toBe("5\n");
  });

  it("share the steps of a full room: each is carried out once", async () => {
    const mark = randomUUID();
    const text = `FROM busybox\n${[1, 2, 3].map((at) => `RUN cat /proc/sys/kernel/random/uuid > /id${at}; echo ${mark}`).join("\n")}`;
    const all = await Promise.all(Array.from({ length: 40 }, () => start(text).events));
    const images = await Promise.all(all.map((events) => imageOf(fixture, events)));
    expect(new Set(images.map(({ digest }) => digest)).size).toBe(1);
    const began = all.flatMap(outcomes).filter((outcome) => /^(first-time|parent-missed)$/.test(outcome));
    expect(began).toHaveLength(3);
  });
});
