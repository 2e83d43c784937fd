import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Caller,
  imageEvent,
  join,
  logEvent,
  openStage,
  type PlayedWorker,
  type Stage,
} from "../test-stage.ts";
import { MAX_BUILD_ARGS, MAX_BUILD_SECRETS, MAX_BUILD_SECRETS_CHARACTERS } from "./build-options.ts";

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
  caller = stage.as(await stage.enter());
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const options = {
  noCache: true,
  pull: true,
  target: "test",
  buildArgs: { VERSION: "1.2.3", EMPTY: "", 값: "한글" },
  secrets: { token: "hunter2-the-secret", "npm/rc": "line one\nline two 🔑" },
  sshKeys: { default: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2-the-key\n" },
};
const { secrets, sshKeys, ...plain } = options;

async function start(wanted: object = options) {
  const { id: playgroundId } = await caller.playground.create({});
  const view = await caller.build.start({ playgroundId, ...wanted });
  return { playgroundId, buildId: view.id, view };
}

const keptSecrets = (buildId: string) => stage.database.buildSecrets.count({ where: { buildId } });

test("every option reaches the worker as it was given", async () => {
  const { buildId } = await start();
  expect((await worker.command("build", buildId)).request).toMatchObject(options);
});

test("without a word about options, a build is an ordinary one", async () => {
  const { buildId } = await start({});
  expect((await worker.command("build", buildId)).request).toMatchObject({
    noCache: false,
    pull: false,
    target: null,
    buildArgs: {},
    secrets: {},
    sshKeys: {},
  });
  expect(await keptSecrets(buildId)).toBe(0);
});

test("the playground remembers the plain options of its last build, and no answer holds a secret", async () => {
  const { playgroundId, buildId, view } = await start();
  const answers = [
    view,
    await caller.build.get({ buildId }),
    await caller.playground.get({ id: playgroundId }),
  ];
  expect(answers[0]).toMatchObject({ options: plain });
  expect(answers[2]).toMatchObject({ build: { options: plain } });
  expect(JSON.stringify(answers)).not.toMatch(/hunter2|secret|sshKey/);
});

test("secrets are sealed while the build waits: no table holds them in plain text", async () => {
  const { buildId } = await start();
  expect(await keptSecrets(buildId)).toBe(1);
  const dump = await stage.dump();
  expect(dump).toContain("1.2.3");
  for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
    for (const secret of ["hunter2-the-secret", "hunter2-the-key"]) {
      expect(dump).not.toContain(Buffer.from(secret).toString(encoding).slice(0, 16));
    }
  }
});

test("secrets are gone as soon as the worker has begun", async () => {
  const { buildId } = await start();
  await worker.command("build", buildId);
  expect(await keptSecrets(buildId)).toBe(1);
  await worker.send(buildId, [{ sequence: 0, event: logEvent(0) }]);
  expect(await keptSecrets(buildId)).toBe(0);
});

test("secrets are gone when the build is cancelled, refused, or succeeds at once", async () => {
  const cancelled = await start();
  await caller.build.cancel({ buildId: cancelled.buildId });
  expect(await keptSecrets(cancelled.buildId)).toBe(0);

  const error = { code: "context-invalid", fault: "user", message: "", params: {} } as const;
  worker.answer = () => ({ ok: false, error });
  const refused = await start();
  await expect.poll(() => keptSecrets(refused.buildId)).toBe(0);
  worker.answer = () => ({ ok: true });

  const done = await start();
  await worker.command("build", done.buildId);
  await worker.send(done.buildId, [{ sequence: 0, event: imageEvent }]);
  expect(await keptSecrets(done.buildId)).toBe(0);
});

test("a build that its worker lost before it began is given again with its secrets", async () => {
  worker.answer = (command) => (command.kind === "build" ? null : { ok: true });
  const { buildId } = await start();
  await worker.command("build", buildId);
  worker.leave();
  worker = await join(stage);
  expect((await worker.command("build", buildId)).request).toMatchObject({ secrets, sshKeys });
});

test("a build whose secrets can't be opened any more fails instead of running without them", async () => {
  worker.leave();
  await expect.poll(() => stage.controlPlane.workers.list()).toEqual([]);
  const { buildId } = await start();
  await stage.database.buildSecrets.update({ where: { buildId }, data: { sealed: "v1.AAAAAAAA.AAAA" } });
  worker = await join(stage);
  await expect
    .poll(async () => await caller.build.get({ buildId }))
    .toMatchObject({ state: "failed", error: { code: "internal" } });
  const given = worker.commands.filter(
    (command) => command.kind === "build" && command.request.buildId === buildId,
  );
  expect(given).toEqual([]);
});

const many = (count: number, value = "x") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, value]));

test.each([
  ["an argument without a name", { buildArgs: { "": "x" } }],
  ["an argument whose name holds =", { buildArgs: { "A=B": "x" } }],
  ["an argument with U+0000", { buildArgs: { A: "\u0000" } }],
  ["too many arguments", { buildArgs: many(MAX_BUILD_ARGS + 1) }],
  ["too long arguments", { buildArgs: many(5, "x".repeat(30_000)) }],
  ["too many secrets", { secrets: many(MAX_BUILD_SECRETS + 1) }],
  ["too long secrets", { secrets: many(3, "x".repeat(MAX_BUILD_SECRETS_CHARACTERS / 3 + 1)) }],
  ["a secret's id with a comma", { secrets: { "a,b": "x" } }],
  ["a target that is no name", { target: "a b" }],
  ["an empty target", { target: "" }],
])("%s is refused", async (_, wrong) => {
  const { id: playgroundId } = await caller.playground.create({});
  const refusal = caller.build.start({ playgroundId, ...wrong } as Parameters<Caller["build"]["start"]>[0]);
  await expect(refusal).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect((await caller.playground.get({ id: playgroundId })).build).toBeNull();
});

test("a refusal of secrets does not repeat them", async () => {
  const { id: playgroundId } = await caller.playground.create({});
  const refusal = caller.build.start({ playgroundId, secrets: { "a,b": "hunter2-the-secret" } });
  await expect(
    refusal.catch((error: Error) => JSON.stringify([error, error.message, error.cause])),
  ).resolves.not.toContain("hunter2");
});
