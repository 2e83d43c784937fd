import { MAX_REGISTRY_CREDENTIALS } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, join, openStage, type PlayedWorker, type Stage } from "../test-stage.ts";
import { createAesVault } from "../vault/aes-vault.ts";
import { createRegistryLogins, resealLogins } from "./registry-login-store.ts";

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

const login = (registry: string, password = "hunter2-the-password", username = "ann-at-the-registry") => ({
  registry,
  username,
  password,
});

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

async function enter(): Promise<{ caller: Caller; id: string }> {
  const person = await stage.enter();
  return { caller: stage.as(person), id: person.id };
}

async function requestOfBuild(of: Caller) {
  const { id: playgroundId } = await of.playground.create({});
  const { id } = await of.build.start({ playgroundId });
  const { request } = await worker.command("build", id);
  return request;
}

test("a login is kept under the registry's usual name, and no answer holds its password", async () => {
  ({ caller } = await enter());
  const saved = await caller.registry.login(login("https://index.docker.io/v1/"));
  expect(saved).toEqual({
    registry: "docker.io",
    username: "ann-at-the-registry",
    updatedAt: expect.any(Number),
  });
  await caller.registry.login(login("127.0.0.1:5000"));
  const list = await caller.registry.list();
  expect(list.map(({ registry }) => registry)).toEqual(["127.0.0.1:5000", "docker.io"]);
  expect(JSON.stringify([saved, list])).not.toContain("hunter2");
});

test("a new login takes the place of the earlier one, and a removed one is gone", async () => {
  ({ caller } = await enter());
  await caller.registry.login(login("registry.example"));
  await caller.registry.login(login("REGISTRY.example", "another", "bob"));
  expect(await caller.registry.list()).toMatchObject([{ registry: "registry.example", username: "bob" }]);
  await caller.registry.logout({ registry: "registry.example" });
  await caller.registry.logout({ registry: "registry.example" });
  expect(await caller.registry.list()).toEqual([]);
});

test("neither user name nor password is anywhere in the database in plain text", async () => {
  ({ caller } = await enter());
  await caller.registry.login(login("registry.example"));
  const dump = await stage.dump();
  expect(dump).toContain("registry.example");
  for (const plain of ["hunter2-the-password", "ann-at-the-registry"]) {
    for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
      // Without the last characters, which depend on what follows.
      const text = Buffer.from(plain).toString(encoding).slice(0, 16);
      expect(dump.includes(text), `${plain} as ${encoding}`).toBe(false);
    }
  }
});

test("a worker gets the logins with a build of their owner, and with nobody else's", async () => {
  const owner = await enter();
  await owner.caller.registry.login(login("registry.example"));
  expect((await requestOfBuild(owner.caller)).registryCredentials).toEqual([login("registry.example")]);
  const other = await enter();
  expect((await requestOfBuild(other.caller)).registryCredentials).toEqual([]);
  await expect(other.caller.registry.logout({ registry: "registry.example" })).resolves.not.toThrow();
  expect(await owner.caller.registry.list()).toHaveLength(1);
});

test("nobody has more logins than the limit, also when many are made at once", async () => {
  ({ caller } = await enter());
  const tries = Array.from({ length: MAX_REGISTRY_CREDENTIALS + 5 }, (_, index) =>
    caller.registry.login(login(`registry-${index}.example`)).then(
      () => "saved",
      (error: { cause?: { code?: string } }) => error.cause?.code,
    ),
  );
  const outcomes = await Promise.all(tries);
  expect(outcomes.filter((outcome) => outcome === "saved")).toHaveLength(MAX_REGISTRY_CREDENTIALS);
  expect(new Set(outcomes)).toEqual(new Set(["saved", "registry-login-limit"]));
  const [kept] = await caller.registry.list();
  await caller.registry.login(login(kept?.registry ?? "", "renewed"));
  expect(await caller.registry.list()).toHaveLength(MAX_REGISTRY_CREDENTIALS);
});

test("logins go with the account", async () => {
  const { caller: guest, id } = await enter();
  await guest.registry.login(login("registry.example"));
  await stage.database.user.delete({ where: { id } });
  expect(await stage.database.registryLogin.count({ where: { userId: id } })).toBe(0);
});

test("a login moves with its owner's row, and not to another registry", async () => {
  const [from, to] = [await enter(), await enter()];
  await from.caller.registry.login(login("registry.example"));
  await stage.database.registryLogin.updateMany({ where: { userId: from.id }, data: { userId: to.id } });
  expect(await to.caller.registry.list()).toMatchObject([{ username: "ann-at-the-registry" }]);
  await stage.database.registryLogin.updateMany({
    where: { userId: to.id },
    data: { registry: "evil.example" },
  });
  expect(await to.caller.registry.list()).toMatchObject([{ registry: "evil.example", username: null }]);
  expect((await requestOfBuild(to.caller)).registryCredentials).toEqual([]);
});

test("a new secret seals anew what the one before it sealed, and what neither opens is counted and kept", async () => {
  const { caller: owner, id } = await enter();
  await owner.registry.login(login("registry.example"));
  const before = stage.env.SLIPWAY_SECRET;
  const next = createAesVault("n".repeat(32), [before]);
  await resealLogins(stage.database, next);
  const alone = createRegistryLogins(stage.database, createAesVault("n".repeat(32)));
  expect(await alone.open(id)).toEqual([login("registry.example")]);
  const stranger = createAesVault("x".repeat(32));
  expect(await resealLogins(stage.database, stranger)).toBeGreaterThan(0);
  expect(await alone.open(id)).toEqual([login("registry.example")]);
  expect(await owner.registry.list()).toMatchObject([{ registry: "registry.example", username: null }]);
});

test("what people type is checked: hosts, lengths, empty names", async () => {
  ({ caller } = await enter());
  await expect(caller.registry.login(login("a b"))).rejects.toMatchObject({
    cause: { code: "registry-host-invalid" },
  });
  for (const wrong of [login("a", ""), login("a", "x", ""), login("a", "x".repeat(20_000))]) {
    await expect(caller.registry.login(wrong)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
  expect(await caller.registry.list()).toEqual([]);
});
