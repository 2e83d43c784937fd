import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  digestOf,
  imageEvent,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";

let stage: Stage;
let worker: PlayedWorker;
let owner: Caller;
let playgroundId: string;
let buildId: string;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_SESSIONS_PER_PERSON: "100" });
  worker = await join(stage);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const image = { ...(imageEvent as { image: object }).image, digest: digestOf("e") } as never;

beforeEach(async () => {
  worker.answer = ({ kind }) => (kind === "open-step" ? { ok: true, image } : { ok: true });
  worker.commands.length = 0;
  owner = stage.as(await stage.enter());
  ({ playgroundId, buildId } = await buildOnce(owner, worker));
});

const launch = (caller: Caller, of = playgroundId) =>
  caller.session.launch({
    playgroundId: of,
    start: "shell",
    size,
    step: { buildId, step: 3, side: "before" },
  });

test("a terminal into a build runs what its worker made of the step, and says which step that is", async () => {
  const session = await launch(owner);
  expect(await worker.command("open-step", buildId)).toMatchObject({ playgroundId, step: 3, side: "before" });
  expect((await worker.command("launch", session.id)).request.image).toBe(digestOf("e"));
  expect(session).toMatchObject({ buildId, step: { step: 3, side: "before" }, start: "shell" });
  expect((await launch(owner)).id).toBe(session.id);
});

test("nobody opens a step of somebody else's build, not from a playground of their own either", async () => {
  const stranger = stage.as(await stage.enter());
  const own = await stranger.playground.create({});
  const missing = { cause: { code: "build-missing" } };
  await expect(launch(stranger, own.id)).rejects.toMatchObject(missing);
  await expect(launch(stranger)).rejects.toMatchObject({ cause: { code: "playground-missing" } });
  expect(worker.commands.filter(({ kind }) => kind === "open-step")).toEqual([]);
});

test("a step whose files were collected launches nothing, and the person is told", async () => {
  const error = { code: "step-state-gone", fault: "user", message: "gone", params: { step: 3 } } as const;
  worker.answer = ({ kind }) => (kind === "open-step" ? { ok: false, error } : { ok: true });
  await expect(launch(owner)).rejects.toMatchObject({ cause: { code: "step-state-gone" } });
  expect(await stage.database.session.count({ where: { playgroundId } })).toBe(0);
});
