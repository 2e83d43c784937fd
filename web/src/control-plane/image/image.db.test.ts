import type { QueryReply, WorkerQuery } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
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
let asked: WorkerQuery[];

const about = {
  digest: digestOf("a"),
  imageId: digestOf("b"),
  architecture: "amd64",
  os: "linux",
  created: null,
  entrypoint: null,
  cmd: ["sh"],
  env: [],
  exposedPorts: [],
  user: "",
  workingDir: "/",
  volumes: [],
  labels: [],
  stopSignal: null,
  shell: null,
  onBuild: [],
  healthcheck: null,
  layers: [],
  metadata: [],
};

const code = async (answer: Promise<unknown>) => await answer.then(() => "answered", codeOf);
const codeOf = (error: { cause?: { code?: string } }) => error.cause?.code ?? String(error);

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  worker = await join(stage);
  owner = stage.as(await stage.enter());
  asked = [];
  answerWith({ ok: true, answer: about });
});
afterEach(() => worker.leave());

function answerWith(reply: QueryReply | null): void {
  worker.answerQuery = (query) => {
    asked.push(query);
    return reply;
  };
}

test("the image of a build is asked of the worker that built it", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const answer = await owner.image.about({ playgroundId, image: { kind: "build", buildId } });
  expect(answer).toEqual(about);
  expect(asked).toEqual([{ kind: "image-about", image: digestOf("a") }]);
});

test("an image of another playground does not exist, even for one whose playground this is", async () => {
  const other = stage.as(await stage.enter());
  const theirs = await buildOnce(other, worker);
  const mine = await buildOnce(owner, worker);
  const image = { kind: "build", buildId: theirs.buildId } as const;
  expect(await code(owner.image.about({ playgroundId: mine.playgroundId, image }))).toBe("image-missing");
  expect(await code(owner.image.about({ playgroundId: theirs.playgroundId, image }))).toBe(
    "playground-missing",
  );
  expect(asked).toEqual([]);
});

test("a build that has made no image yet has none", async () => {
  const { id: playgroundId } = await owner.playground.create({});
  const { id: buildId } = await owner.build.start({ playgroundId, noCache: false });
  const image = { kind: "build", buildId } as const;
  expect(await code(owner.image.about({ playgroundId, image }))).toBe("image-missing");
});

test("an image of docker is asked of the session's worker by its session, while that runs and for its own playground", async () => {
  const { playgroundId } = await buildOnce(owner, worker);
  const { id: sessionId } = await owner.session.launch({ playgroundId, start: "shell", size });
  await worker.command("launch", sessionId);
  const state = "running" as const;
  await worker.report({ sessionId, revision: 1, state, terminals: [], ports: [], end: null });
  const image = { kind: "docker", sessionId, imageId: digestOf("b") } as const;
  worker.answerQuery = (query) => {
    asked.push(query);
    return { ok: true, answer: query.kind === "session-image" ? { digest: digestOf("c") } : about };
  };
  expect(await owner.image.about({ playgroundId, image })).toEqual(about);
  expect(asked).toEqual([
    { kind: "session-image", session: sessionId, imageId: digestOf("b") },
    { kind: "image-about", image: digestOf("c") },
  ]);
  asked = [];
  const other = await buildOnce(owner, worker);
  expect(await code(owner.image.about({ playgroundId: other.playgroundId, image }))).toBe(
    "session-not-running",
  );
  const stranger = stage.as(await stage.enter());
  expect(await code(stranger.image.about({ playgroundId, image }))).toBe("playground-missing");
  await stage.database.session.update({ where: { id: sessionId }, data: { state: "ended" } });
  expect(await code(owner.image.about({ playgroundId, image }))).toBe("session-not-running");
  expect(asked).toEqual([]);
});

test("what the worker says is told, and a worker that is away or goes is `worker-lost`", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const input = { playgroundId, image: { kind: "build", buildId } } as const;
  answerWith({ ok: false, error: { code: "image-missing", fault: "user", message: "", params: {} } });
  expect(await code(owner.image.about(input))).toBe("image-missing");
  answerWith(null);
  const answer = code(owner.image.about(input));
  await expect.poll(() => asked.length).toBe(2);
  worker.leave();
  expect(await answer).toBe("worker-lost");
  await expect.poll(() => stage.controlPlane.workers.list()).toEqual([]);
  expect(await code(owner.image.about(input))).toBe("worker-lost");
});

test("an answer that does not fit the protocol reaches nobody", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  answerWith({ ok: true, answer: { ...about, env: "all of it" } });
  expect(await code(owner.image.about({ playgroundId, image: { kind: "build", buildId } }))).not.toBe(
    "answered",
  );
});

test("no answer in time is `worker-busy`", async () => {
  const { buildId } = await buildOnce(owner, worker);
  expect(buildId).toBeTruthy();
  answerWith(null);
  const query = { kind: "image-about", image: digestOf("a") } as never;
  await expect(stage.controlPlane.workers.query(worker.id, query, 50)).rejects.toMatchObject({
    code: "worker-busy",
  });
});

test("every question is about the image's own digest, whatever else the browser sends along", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const image = { kind: "build", buildId } as const;
  answerWith({ ok: true, answer: { total: 0, entries: [] } });
  const asked1 = { layer: 0, path: "etc", onlyChanges: false, offset: 0, limit: 1 };
  const smuggled = { ...asked1, kind: "image-about", image: digestOf("f") };
  await owner.image.directory({ playgroundId, image, asked: smuggled });
  expect(asked).toEqual([{ kind: "image-directory", image: digestOf("a"), ...asked1 }]);
});

test("two images are compared on the worker that has both, and not across workers", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const image = { kind: "build", buildId } as const;
  const { id } = await owner.build.start({ playgroundId, noCache: false });
  await worker.command("build", id);
  await worker.send(id, [{ sequence: 0, event: imageEvent }]);
  const other = { kind: "build", buildId: id } as const;
  answerWith({ ok: true, answer: [] });
  expect(
    await owner.image.differences({ playgroundId, image, other, page: { after: "", limit: 5 } }),
  ).toEqual([]);
  expect(asked).toEqual([
    { kind: "image-differences", image: digestOf("a"), other: digestOf("a"), after: "", limit: 5 },
  ]);
  await stage.database.build.update({ where: { id }, data: { workerId: "worker09" } });
  expect(await code(owner.image.compare({ playgroundId, image, other }))).toBe("images-apart");
});

test("builds with an image and saved images can be looked into, the newest first", async () => {
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  await owner.build.start({ playgroundId, noCache: false });
  const build = await stage.database.build.findUniqueOrThrow({ where: { id: buildId } });
  const facts = {
    playgroundId,
    buildId,
    sessionId: "session01",
    workerId: worker.id,
    commandId: "command01",
  };
  const savedAt = new Date(Date.now() + 60_000);
  const saved = { ...facts, name: "mine", image: build.image, state: "saved", savedAt } as const;
  await stage.database.savedImage.create({ data: { id: `i${playgroundId}`, ...saved } });
  await stage.database.savedImage.create({
    data: { id: `j${playgroundId}`, ...saved, name: "none", image: null },
  });
  expect((await owner.image.list({ playgroundId })).map(({ name, tag }) => [name, tag])).toEqual([
    [{ kind: "saved", savedImageId: `i${playgroundId}` }, "mine"],
    [{ kind: "build", buildId }, null],
  ]);
  const image = { kind: "saved", savedImageId: `i${playgroundId}` } as const;
  expect(await owner.image.about({ playgroundId, image })).toEqual(about);
});
