import { TRPCError } from "@trpc/server";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Person } from "../account/account.ts";
import type { QuotaWish } from "../quota/quota.ts";
import {
  buildOnce,
  type Caller,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";
import { wireErrorOf } from "../trpc.ts";

const UNSET: QuotaWish = {
  sessions: null,
  minutes: null,
  memoryBytes: null,
  cpus: null,
  diskBytes: null,
  buildsPerHour: null,
};
const person: Person = {
  id: "op",
  name: "Op",
  guest: false,
  email: "op@example.org",
  emailProved: true,
  role: "operator",
};

let stage: Stage;
let worker: PlayedWorker;
let operator: Caller;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
  operator = stage.as(person);
});
afterEach(async () => {
  await operator.admin.setQuota({ role: "guest", wish: UNSET });
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return "answered";
  } catch (error) {
    if (error instanceof TRPCError) return wireErrorOf(error).code;
    throw error;
  }
}

async function guestWithSession() {
  const guest = await stage.enter();
  const owner = stage.as(guest);
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const { id: sessionId } = await owner.session.launch({ playgroundId, start: "shell", size });
  return { guest, owner, playgroundId, buildId, sessionId };
}

const ended = (sessionId: string, cause: string) => ({
  sessionId,
  revision: 5,
  state: "ended" as const,
  terminals: [],
  ports: [],
  end: { cause: cause as "stopped-by-owner", exitCode: 137, metric: null, error: null },
});

test("the owner of a session that the operator stops learns who it was and why", async () => {
  const { owner, sessionId } = await guestWithSession();
  await operator.admin.stopSession({ sessionId, reason: "We need the room for an exam." });
  expect(await worker.command("stop", sessionId)).toMatchObject({ cause: "stopped-by-operator" });
  await worker.report(ended(sessionId, "stopped-by-operator") as never);
  const view = await owner.session.get({ sessionId });
  expect(view).toMatchObject({
    state: "ended",
    end: { cause: "stopped-by-operator", exitCode: 137 },
    stopReason: "We need the room for an exam.",
  });
});

test("a worker that forgot for whom it stopped a session does not blame the owner", async () => {
  const { owner, sessionId } = await guestWithSession();
  await operator.admin.stopSession({ sessionId, reason: "" });
  await worker.report(ended(sessionId, "stopped-by-owner") as never);
  expect((await owner.session.get({ sessionId })).end?.cause).toBe("stopped-by-operator");
});

test("a session that ended by itself keeps its own cause", async () => {
  const { owner, sessionId } = await guestWithSession();
  await operator.admin.stopSession({ sessionId, reason: "too late" });
  await worker.report(ended(sessionId, "out-of-memory") as never);
  expect((await owner.session.get({ sessionId })).end?.cause).toBe("out-of-memory");
});

test("the operator cancels a build, and its owner sees it cancelled", async () => {
  const owner = stage.as(await stage.enter());
  const { id: playgroundId } = await owner.playground.create({});
  const { id: buildId } = await owner.build.start({ playgroundId, noCache: false });
  await worker.command("build", buildId);
  await operator.admin.cancelBuild({ buildId });
  await worker.command("cancel-build", buildId);
  expect((await owner.build.get({ buildId })).state).toBe("cancelled");
});

test("the lists show whose things are whose, and guests without an address", async () => {
  const { guest, sessionId, buildId } = await guestWithSession();
  const [session] = await operator.admin.sessions();
  expect(session).toMatchObject({
    id: sessionId,
    workerId: "worker01",
    owner: { id: guest.id, email: null },
  });
  expect((await operator.admin.builds()).map(({ id }) => id)).toContain(buildId);
  const [user] = await operator.admin.users({ search: guest.name });
  expect(user).toMatchObject({ id: guest.id, role: "guest", playgrounds: 1, liveSessions: 1, email: null });
  expect(await operator.admin.users({ search: "nobody-is-called-so" })).toEqual([]);
  const overview = await operator.admin.overview();
  expect(overview.workers).toMatchObject([{ id: "worker01", connected: true, draining: false }]);
  expect(overview.storage.databaseBytes).toBeGreaterThan(1_000_000);
});

test("a role's quota of sessions, memory, disk and time holds for the next launch", async () => {
  const mib = 1024 ** 2;
  const wish = { ...UNSET, sessions: 1, minutes: 7, memoryBytes: 64 * mib, cpus: 0.5, diskBytes: 100 * mib };
  await operator.admin.setQuota({ role: "guest", wish });
  const { owner, sessionId } = await guestWithSession();
  const { request } = await worker.command("launch", sessionId);
  expect(request.limits).toMatchObject({ memoryBytes: 64 * mib, cpus: 0.5, diskBytes: 100 * mib, pids: 512 });
  const { expiresAt, createdAt } = await owner.session.get({ sessionId });
  expect(Math.round((expiresAt - createdAt) / 60_000)).toBe(7);
  const second = await buildOnce(owner, worker);
  const launch = { playgroundId: second.playgroundId, start: "shell", size } as const;
  expect(await codeOf(owner.session.launch(launch))).toBe("session-limit");
  await operator.admin.setQuota({ role: "guest", wish: UNSET });
  expect(await codeOf(owner.session.launch(launch))).toBe("answered");
});

test("the builds of an hour are counted over all playgrounds of a person, also for starts at once", async () => {
  await operator.admin.setQuota({ role: "guest", wish: { ...UNSET, buildsPerHour: 3 } });
  const owner = stage.as(await stage.enter());
  const places = await Promise.all([1, 2, 3, 4, 5].map(() => owner.playground.create({})));
  const codes = await Promise.all(
    places.map(({ id }) => codeOf(owner.build.start({ playgroundId: id, noCache: false }))),
  );
  expect(codes.sort()).toEqual(["answered", "answered", "answered", "build-limit", "build-limit"]);
});

test("a drained worker gets nothing new, and keeps what it has", async () => {
  const { owner, sessionId, playgroundId } = await guestWithSession();
  await operator.admin.drain({ workerId: "worker01", draining: true });
  const other = await join(stage, "worker02");
  try {
    const { id: buildId } = await owner.build.start({ playgroundId, noCache: false });
    await other.command("build", buildId);
    expect((await owner.session.get({ sessionId })).state).toBe("starting");
  } finally {
    await operator.admin.drain({ workerId: "worker01", draining: false });
    other.leave();
  }
  expect(await codeOf(operator.admin.drain({ workerId: "nobody", draining: true }))).toBe("worker-missing");
});

test("a password that the operator gives ends all sign-ins of the account, and opens it", async () => {
  const browser = stage.browser();
  const login = { email: "forgot@example.org", password: "a forgotten one" };
  const { id: userId } = await browser.call.account.signUp({ name: "F", ...login });
  const { password } = await operator.admin.resetPassword({ userId });
  expect(await browser.call.account.me()).toBeNull();
  expect(await codeOf(browser.call.account.signIn(login))).toBe("sign-in-failed");
  expect(await codeOf(browser.call.account.signIn({ ...login, password }))).toBe("answered");
  const guest = await stage.enter();
  expect(await codeOf(operator.admin.resetPassword({ userId: guest.id }))).toBe("user-missing");
});

test("who did what to what is written down, can be searched, and is trimmed", async () => {
  const { guest, owner, sessionId } = await guestWithSession();
  await owner.session.stop({ sessionId });
  await operator.admin.stopSession({ sessionId, reason: "100% sure" });
  const find = (words: string) => operator.admin.audit({ words, before: null });
  await expect
    .poll(async () => (await find(`session.stop ${sessionId}`)).map(({ actorId }) => actorId), {
      timeout: 10_000,
    })
    .toEqual([guest.id]);
  expect((await find(`launch ${guest.name} ${sessionId}`)).map(({ action }) => action)).toEqual([
    "session.launch",
  ]);
  const [stop] = await find("100% stopsession");
  expect(stop).toMatchObject({ actorName: "Op", subject: sessionId, detail: "100% sure" });
  expect(await find("no-such-word-anywhere")).toEqual([]);
  const before = await operator.admin.audit({ words: "", before: stop?.id ?? null });
  expect(before.every(({ id }) => BigInt(id) < BigInt(stop?.id ?? 0))).toBe(true);

  await stage.database.auditEntry.updateMany({
    where: { id: BigInt(stop?.id ?? 0) },
    data: { at: new Date(Date.now() - 91 * 24 * 60 * 60_000) },
  });
  await stage.controlPlane.services.audit.trim();
  expect(await find("stopsession 100%")).toEqual([]);
});

test("no secret that somebody types is in the audit log", async () => {
  const owner = stage.as(await stage.enter());
  await owner.registry.login({ registry: "quay.io", username: "u-to-look-for", password: "p-to-look-for" });
  await expect
    .poll(
      async () => (await operator.admin.audit({ words: "registry.login quay.io", before: null })).length,
      {
        timeout: 10_000,
      },
    )
    .toBeGreaterThan(0);
  for (const words of ["u-to-look-for", "p-to-look-for"])
    expect(await operator.admin.audit({ words, before: null })).toEqual([]);
});
