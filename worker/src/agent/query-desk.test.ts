import { digestSchema, type ImageAbout, SlipwayError } from "@slipway/protocol";
import { pino } from "pino";
import { expect, it } from "vitest";
import { type Answerers, QueryDesk } from "./query-desk.ts";

const image = digestSchema.parse(`sha256:${"a".repeat(64)}`);
const query = { kind: "image-about", image } as const;
const about = { digest: image } as ImageAbout;

const deskOf = (answer: Answerers["image-about"]) =>
  new QueryDesk({ "image-about": answer } as Answerers, pino({ level: "silent" }));

it("a question gets its answer", async () => {
  const desk = deskOf(async (asked) => ({ ...about, imageId: asked.image }));
  expect(await desk.answer(query)).toEqual({ ok: true, answer: { digest: image, imageId: image } });
});

it("what is no question of the protocol is refused", async () => {
  const desk = deskOf(async () => about);
  for (const message of [null, "query", { kind: "other" }, { kind: "image-about", image: "sha256:x" }])
    expect(await desk.answer(message)).toMatchObject({ ok: false, error: { code: "request-invalid" } });
});

it("a typed error goes back as it is, anything else as `internal`", async () => {
  const missing = deskOf(() => Promise.reject(new SlipwayError("image-missing", "gone")));
  expect(await missing.answer(query)).toMatchObject({ ok: false, error: { code: "image-missing" } });
  const defect = deskOf(() => Promise.reject(new Error("a defect")));
  expect(await defect.answer(query)).toMatchObject({ ok: false, error: { code: "internal" } });
});

it("four are worked on at a time, sixty more wait, and the next one is told that the worker is busy", async () => {
  const open: (() => void)[] = [];
  let most = 0;
  let working = 0;
  const desk = deskOf(async () => {
    working += 1;
    most = Math.max(most, working);
    await new Promise<void>((resolve) => open.push(resolve));
    working -= 1;
    return about;
  });
  const answers = Array.from({ length: 64 }, () => desk.answer(query));
  expect(await desk.answer(query)).toMatchObject({ ok: false, error: { code: "worker-busy" } });
  const all = Promise.all(answers);
  let isDone = false;
  void all.then(() => {
    isDone = true;
  });
  while (!isDone) {
    for (const finish of open.splice(0)) finish();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await all).every(({ ok }) => ok)).toBe(true);
  expect(most).toBe(4);
  const again = desk.answer(query);
  while (open.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const finish of open.splice(0)) finish();
  expect(await again).toMatchObject({ ok: true });
});
