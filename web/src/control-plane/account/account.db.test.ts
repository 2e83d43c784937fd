import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDITED } from "../audit/audit.ts";
import { appRouter } from "../router.ts";
import {
  buildOnce,
  join,
  openStage,
  type PlayedBrowser,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";
import { wireErrorOf as failureOf } from "../trpc.ts";
import { RATES } from "./rate-limits.ts";

const OPERATOR_CODE = "the-code-of-the-operator";

let stage: Stage;
let worker: PlayedWorker;

beforeAll(async () => {
  stage = await openStage({
    SLIPWAY_ADMINS: "op@example.org, second@example.org",
    SLIPWAY_OPERATOR_CODE: OPERATOR_CODE,
  });
  worker = await join(stage);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

let made = 0;
const newAddress = (): string => {
  made += 1;
  return `person${made}@example.org`;
};
const registration = (email = newAddress()) => ({
  name: "Ann",
  email,
  password: "correct horse battery",
});

async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return "answered";
  } catch (error) {
    if (error instanceof TRPCError) return failureOf(error).code;
    throw error;
  }
}

/** A browser with a guest who has a playground, a build, a live session and a registry login. */
async function busyGuest() {
  const browser = stage.browser();
  await browser.call.account.enter();
  const { playgroundId, buildId } = await buildOnce(browser.call, worker);
  const { id: sessionId } = await browser.call.session.launch({ playgroundId, start: "shell", size });
  await browser.call.registry.login({ registry: "quay.io", username: "guest", password: "secret" });
  return { browser, playgroundId, buildId, sessionId };
}

async function seesAll(browser: PlayedBrowser, things: Awaited<ReturnType<typeof busyGuest>>) {
  const [playground] = await browser.call.playground.list();
  const build = await browser.call.build.get({ buildId: things.buildId });
  const session = await browser.call.session.get({ sessionId: things.sessionId });
  return [playground?.id, build.id, session.id, session.state];
}

test("what a guest has moves into the account that they make, and its session goes on", async () => {
  const things = await busyGuest();
  const { browser } = things;
  const before = await browser.call.account.me();
  const { email, ...rest } = registration();
  const person = await browser.call.account.signUp({ email: email.toUpperCase(), ...rest });
  expect(person).toMatchObject({ guest: false, name: "Ann", email, role: "member", emailProved: false });
  expect(await browser.call.account.me()).toEqual(person);
  expect(await seesAll(browser, things)).toEqual([
    things.playgroundId,
    things.buildId,
    things.sessionId,
    "starting",
  ]);
  expect(await browser.call.registry.list()).toMatchObject([{ registry: "quay.io", username: "guest" }]);
  expect(await stage.database.user.findUnique({ where: { id: before?.id ?? "" } })).toBeNull();
});

test("a guest who signs in elsewhere's account takes everything along, and the account's own login stays", async () => {
  const home = stage.browser();
  const account = registration();
  await home.call.account.signUp(account);
  await home.call.registry.login({ registry: "quay.io", username: "own", password: "secret" });
  const things = await busyGuest();
  await things.browser.call.registry.login({ registry: "ghcr.io", username: "guest", password: "secret" });
  await things.browser.call.account.signIn(account);
  expect(await seesAll(home, things)).toEqual([
    things.playgroundId,
    things.buildId,
    things.sessionId,
    "starting",
  ]);
  expect(await home.call.registry.list()).toMatchObject([
    { registry: "ghcr.io", username: "guest" },
    { registry: "quay.io", username: "own" },
  ]);
});

test("a move that fails half-way leaves the guest with everything", async () => {
  const things = await busyGuest();
  await stage.database.$executeRawUnsafe(
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
  );
  await stage.database.$executeRawUnsafe(
    "CREATE TRIGGER refuse BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()",
  );
  const account = registration();
  try {
    expect(await codeOf(things.browser.call.account.signUp(account))).toBe("internal");
  } finally {
    await stage.database.$executeRawUnsafe("DROP TRIGGER refuse ON users");
  }
  expect((await things.browser.call.account.me())?.guest).toBe(true);
  expect(await seesAll(things.browser, things)).toEqual([
    things.playgroundId,
    things.buildId,
    things.sessionId,
    "starting",
  ]);
  await things.browser.call.account.signIn(account);
  expect((await things.browser.call.playground.list()).map(({ id }) => id)).toEqual([things.playgroundId]);
});

test("every table that knows people is one that a move takes along, or that belongs to signing in", async () => {
  const rows = await stage.database.$queryRaw<{ name: string }[]>`
    SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'users'::regclass ORDER BY name`;
  // A new table here: does guest-move.ts have to take its rows along?
  expect(rows.map(({ name }) => name)).toEqual([
    "accounts",
    "auth_sessions",
    "playgrounds",
    "registry_logins",
  ]);
});

describe("signing in and out", () => {
  test("an address has one account, however it is written", async () => {
    const account = registration();
    await stage.browser().call.account.signUp(account);
    const again = { ...account, email: account.email.toUpperCase() };
    expect(await codeOf(stage.browser().call.account.signUp(again))).toBe("email-taken");
  });

  test("a wrong password and an unknown address get one answer", async () => {
    const account = registration();
    await stage.browser().call.account.signUp(account);
    const signIn = (login: { email: string; password: string }) =>
      codeOf(stage.browser().call.account.signIn(login));
    expect(await signIn({ ...account, password: "another password" })).toBe("sign-in-failed");
    expect(await signIn(registration())).toBe("sign-in-failed");
  });

  test("guesses of a password come to an end", async () => {
    const account = registration();
    await stage.browser().call.account.signUp(account);
    const guess = () => codeOf(stage.browser().call.account.signIn({ ...account, password: "a guess" }));
    expect(await guess()).toBe("sign-in-failed");
    const { rateLimits } = stage.controlPlane.services;
    for (let guesses = 1; guesses < RATES["password-try"].points; guesses += 1) {
      await rateLimits.spend("password-try", account.email);
    }
    expect(await guess()).toBe("rate-limited");
    expect(await codeOf(stage.browser().call.account.signIn(account))).toBe("rate-limited");
  });

  test("a sign-out ends this browser's sign-in and no other", async () => {
    const account = registration();
    const [one, other] = [stage.browser(), stage.browser()];
    await one.call.account.signUp(account);
    await other.call.account.signIn(account);
    const stolen = { ...one.headers };
    await one.call.account.signOut();
    expect(await one.call.account.me()).toBeNull();
    expect(await stage.controlPlane.services.accounts.identify(stolen)).toBeNull();
    expect((await other.call.account.me())?.email).toBe(account.email);
  });

  test("a new password ends all other sign-ins, and wants the present one", async () => {
    const account = registration();
    const [one, other] = [stage.browser(), stage.browser()];
    await one.call.account.signUp(account);
    await other.call.account.signIn(account);
    const next = "a much better password";
    expect(await codeOf(one.call.account.changePassword({ present: "not this one", next }))).toBe(
      "sign-in-failed",
    );
    await one.call.account.changePassword({ present: account.password, next });
    expect((await one.call.account.me())?.email).toBe(account.email);
    expect(await other.call.account.me()).toBeNull();
    expect(await codeOf(stage.browser().call.account.signIn(account))).toBe("sign-in-failed");
  });

  test.each([
    ["a short password", { password: "short" }],
    ["no address", { email: "ann" }],
    ["a name that turns the text around", { name: "a\u202eb" }],
    ["an empty name", { name: "  " }],
  ])("%s makes no account", async (_, wrong) => {
    const wish = { ...registration(), ...wrong };
    expect(await codeOf(stage.browser().call.account.signUp(wish))).toBe("request-invalid");
  });
});

describe("operators", () => {
  test("an address in the settings is not enough: anybody can type it", async () => {
    const browser = stage.browser();
    expect((await browser.call.account.signUp(registration("op@example.org"))).role).toBe("member");
    expect(await codeOf(browser.call.account.proveOperator({ code: "a-guess-of-the-code" }))).toBe(
      "operator-code-wrong",
    );
    await browser.call.account.proveOperator({ code: OPERATOR_CODE });
    expect((await browser.call.account.me())?.role).toBe("operator");
  });

  test("the code makes nobody an operator whom the settings don't name", async () => {
    const browser = stage.browser();
    await browser.call.account.signUp(registration());
    expect(await codeOf(browser.call.account.proveOperator({ code: OPERATOR_CODE }))).toBe("forbidden");
    expect((await browser.call.account.me())?.role).toBe("member");
  });
});

test("an account that is removed takes everything along, its session is stopped first", async () => {
  const things = await busyGuest();
  const { browser, sessionId, playgroundId } = things;
  const account = registration();
  await browser.call.account.signUp(account);
  expect(await codeOf(browser.call.account.remove({ password: "not this one" }))).toBe("sign-in-failed");
  const stop = worker.command("stop", sessionId);
  await browser.call.account.remove({ password: account.password });
  await stop;
  expect(await browser.call.account.me()).toBeNull();
  expect(await stage.database.playground.findUnique({ where: { id: playgroundId } })).toBeNull();
  expect(await codeOf(stage.browser().call.account.signIn(account))).toBe("sign-in-failed");
});

test("what is audited are procedures that there are", () => {
  const procedures = Object.keys(appRouter._def.procedures);
  expect([...AUDITED].filter((path) => !procedures.includes(path))).toEqual([]);
});

test("passwords are nowhere in the database as they are", async () => {
  const account = { ...registration(), password: "a-password-to-look-for" };
  await stage.browser().call.account.signUp(account);
  expect(await stage.dump()).not.toContain(account.password);
});
