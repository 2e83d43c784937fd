import { SlipwayError } from "@slipway/protocol";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appRouter } from "./router.ts";
import {
  buildOnce,
  type Caller,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "./test-stage.ts";
import { wireErrorOf } from "./trpc.ts";

/** What to ask of each procedure, given someone's things; `open` ones are for everyone, `own` ones are about oneself, `token` ones about what a link opens, `refused` ones are open and give nothing without more. */
type Subject = { playgroundId: string; buildId: string; sessionId: string };
type Probe =
  | "open"
  | "own"
  | "token"
  /** For operators only; the input is a good one. */
  | { readonly operator: unknown }
  | { readonly refused: string; readonly input: unknown }
  | ((subject: Subject) => { input: unknown; missing: string });

const image =
  (more: object): Probe =>
  ({ playgroundId, buildId }) => ({
    input: { playgroundId, image: { kind: "build", buildId }, ...more },
    missing: "playground-missing",
  });

const PROBES: Record<string, Probe> = {
  "account.me": "open",
  "account.enter": "open",
  "account.ways": "open",
  "account.signUp": { input: { email: "ann@example.org" }, refused: "request-invalid" },
  "account.signIn": {
    input: { email: "ann@example.org", password: "a wrong one" },
    refused: "sign-in-failed",
  },
  "account.startOidc": { input: {}, refused: "sign-in-unavailable" },
  "account.signOut": "own",
  "account.changePassword": "own",
  "account.proveOperator": "own",
  "account.remove": "own",
  "admin.overview": { operator: undefined },
  "admin.sessions": { operator: undefined },
  "admin.builds": { operator: undefined },
  "admin.users": { operator: { search: "" } },
  "admin.quotas": { operator: undefined },
  "admin.audit": { operator: { words: "", before: null } },
  "admin.stopSession": { operator: { sessionId: "sabsent00", reason: "" } },
  "admin.cancelBuild": { operator: { buildId: "babsent00" } },
  "admin.drain": { operator: { workerId: "worker01", draining: true } },
  "admin.setQuota": { operator: { role: "guest", wish: {} } },
  "admin.proveEmail": { operator: { userId: "uabsent00" } },
  "admin.resetPassword": { operator: { userId: "uabsent00" } },
  "system.status": "open",
  "system.baseImages": "own",
  "playground.create": "own",
  "playground.list": "own",
  "playground.get": ({ playgroundId: id }) => ({ input: { id }, missing: "playground-missing" }),
  "playground.saveFile": ({ playgroundId: id }) => ({
    input: { id, path: "a", content: "" },
    missing: "playground-missing",
  }),
  "playground.rename": ({ playgroundId: id }) => ({
    input: { id, name: "taken over" },
    missing: "playground-missing",
  }),
  "playground.delete": ({ playgroundId: id }) => ({
    input: { id },
    missing: "playground-missing",
  }),
  "playground.fork": ({ playgroundId: id }) => ({
    input: { id },
    missing: "playground-missing",
  }),
  "playground.watch": ({ playgroundId: id }) => ({
    input: { id },
    missing: "playground-missing",
  }),
  "playground.readText": ({ playgroundId: id }) => ({
    input: { id, path: "Dockerfile" },
    missing: "playground-missing",
  }),
  "playground.createFolder": ({ playgroundId: id }) => ({
    input: { id, path: "folder" },
    missing: "playground-missing",
  }),
  "playground.remove": ({ playgroundId: id }) => ({
    input: { id, path: "Dockerfile" },
    missing: "playground-missing",
  }),
  "playground.move": ({ playgroundId: id }) => ({
    input: { id, from: "Dockerfile", to: "b" },
    missing: "playground-missing",
  }),
  "playground.versions": ({ playgroundId: id }) => ({
    input: { id },
    missing: "playground-missing",
  }),
  "playground.differences": ({ playgroundId: id }) => ({
    input: { id, number: 1 },
    missing: "playground-missing",
  }),
  "playground.readVersion": ({ playgroundId: id }) => ({
    input: { id, number: 1, path: "Dockerfile" },
    missing: "playground-missing",
  }),
  "playground.keepVersion": ({ playgroundId: id }) => ({
    input: { id, name: "mine" },
    missing: "playground-missing",
  }),
  "playground.restore": ({ playgroundId: id }) => ({
    input: { id, number: 1 },
    missing: "playground-missing",
  }),
  "playgroundLink.create": ({ playgroundId: id }) => ({
    input: { id, history: true },
    missing: "playground-missing",
  }),
  "playgroundLink.list": ({ playgroundId: id }) => ({ input: { id }, missing: "playground-missing" }),
  "playgroundLink.revoke": ({ playgroundId: id }) => ({
    input: { id, linkId: "labsent00" },
    missing: "playground-missing",
  }),
  "playgroundLink.view": "token",
  "playgroundLink.readText": "token",
  "playgroundLink.fork": "token",
  "build.start": ({ playgroundId }) => ({
    input: { playgroundId, noCache: false },
    missing: "playground-missing",
  }),
  "build.cancel": ({ buildId }) => ({ input: { buildId }, missing: "build-missing" }),
  "build.list": ({ playgroundId }) => ({
    input: { playgroundId, before: null },
    missing: "playground-missing",
  }),
  "build.outline": ({ buildId }) => ({ input: { buildId }, missing: "build-missing" }),
  "build.get": ({ buildId }) => ({ input: { buildId }, missing: "build-missing" }),
  "build.events": ({ buildId }) => ({ input: { buildId, after: null }, missing: "build-missing" }),
  "registry.list": "own",
  "registry.login": "own",
  "registry.logout": "own",
  "session.launch": ({ playgroundId }) => ({
    input: { playgroundId, start: "shell", size },
    missing: "playground-missing",
  }),
  "session.stop": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.extend": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.watch": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.terminalTicket": ({ sessionId }) => ({
    input: { sessionId, terminalId: "terminal01" },
    missing: "session-missing",
  }),
  "session.usage": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.inside": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.host": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.dockerAddress": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.revokeDockerAddresses": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.get": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.pause": ({ sessionId }) => ({ input: { sessionId, paused: true }, missing: "session-missing" }),
  "session.openTerminal": ({ sessionId }) => ({ input: { sessionId, size }, missing: "session-missing" }),
  "session.exportUrl": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "session.filesTicket": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "savedImage.save": ({ sessionId }) => ({ input: { sessionId, name: "mine" }, missing: "session-missing" }),
  "savedImage.list": ({ playgroundId }) => ({ input: { playgroundId }, missing: "playground-missing" }),
  "savedImage.watch": ({ playgroundId }) => ({ input: { playgroundId }, missing: "playground-missing" }),
  "savedImage.delete": ({ playgroundId }) => ({
    input: { playgroundId, id: "iabsent00" },
    missing: "playground-missing",
  }),
  "image.list": ({ playgroundId }) => ({ input: { playgroundId }, missing: "playground-missing" }),
  "image.about": image({}),
  "image.layers": image({}),
  "image.directory": image({ asked: { layer: 0, path: "", onlyChanges: false, offset: 0, limit: 1 } }),
  "image.path": image({ asked: { path: "a" } }),
  "image.search": image({ asked: { layer: 0, text: "a" } }),
  "image.file": image({ asked: { layer: 0, path: "a", offset: 0 } }),
  "image.compare": image({ other: { kind: "build", buildId: "babsent00" } }),
  "image.differences": image({
    other: { kind: "build", buildId: "babsent00" },
    page: { after: "", limit: 1 },
  }),
  "link.create": ({ sessionId }) => ({
    input: { sessionId, grant: { kind: "terminal", role: "view" } },
    missing: "session-missing",
  }),
  "link.list": ({ sessionId }) => ({ input: { sessionId }, missing: "session-missing" }),
  "link.revoke": ({ sessionId }) => ({ input: { sessionId, id: "labsent00" }, missing: "session-missing" }),
  "link.watch": "token",
  "link.terminalTicket": "token",
  "session.previewUrl": ({ sessionId }) => ({ input: { sessionId, port: 8080 }, missing: "session-missing" }),
};

const definitions = appRouter._def.procedures as unknown as Record<
  string,
  { _def: { type: string; meta?: { rate?: string } } }
>;
const procedures = Object.keys(definitions);

let stage: Stage;
let worker: PlayedWorker;
let subject: Subject;
let stranger: Caller;
let nobody: Caller;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
  owner = stage.as(await stage.enter());
  const { playgroundId, buildId } = await buildOnce(owner, worker);
  const { id: sessionId } = await owner.session.launch({ playgroundId, start: "shell", size });
  subject = { playgroundId, buildId, sessionId };
  stranger = stage.as(await stage.enter());
  nobody = stage.as(null);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

function ask(caller: Caller, path: string, input: unknown): Promise<unknown> {
  const [area = "", name = ""] = path.split(".");
  const areas = caller as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const procedure = areas[area]?.[name];
  if (!procedure) throw new Error(`no procedure ${path}`);
  return procedure(input);
}

/** The first of what a subscription tells, or the answer itself. */
async function first(answer: Promise<unknown>): Promise<unknown> {
  const value = await answer;
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return value;
  for await (const item of value as AsyncIterable<unknown>) return item;
  return undefined;
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof TRPCError) return wireErrorOf(error).code;
    if (error instanceof SlipwayError) return error.code;
    throw error;
  }
  return "answered";
}

test("every procedure has a probe here", () => {
  expect(Object.keys(PROBES).sort()).toEqual([...procedures].sort());
});

test("every procedure that changes something names its rate", () => {
  const rateless = Object.entries(definitions)
    .filter(([, procedure]) => procedure._def.type === "mutation" && !procedure._def.meta?.rate)
    .map(([path]) => path);
  expect(rateless).toEqual([]);
});

describe.each(procedures)("%s", (path) => {
  const probe = PROBES[path];
  if (probe === "open") {
    test("is open to everyone", async () => {
      expect(await refusalOf(ask(nobody, path, undefined))).toBe("answered");
    });
    return;
  }
  if (typeof probe === "object" && "operator" in probe) {
    test("is for operators: not for those who have not entered, guests, members and teachers", async () => {
      expect(await refusalOf(ask(nobody, path, probe.operator))).toBe("not-signed-in");
      for (const role of ["guest", "member", "teacher"] as const) {
        const person = {
          id: "someone",
          guest: role === "guest",
          name: "S",
          email: null,
          emailProved: true,
          role,
        };
        expect(await refusalOf(ask(stage.as(person), path, probe.operator))).toBe("forbidden");
      }
    });
    return;
  }
  if (typeof probe === "object") {
    test("gives nothing to anybody without more", async () => {
      expect(await refusalOf(ask(nobody, path, probe.input))).toBe(probe.refused);
      expect(await refusalOf(ask(stranger, path, probe.input))).toBe(probe.refused);
    });
    return;
  }
  if (probe === "token") {
    test("opens nothing without a link's token, for nobody and for its session's owner", async () => {
      const input = { token: "A".repeat(22), terminalId: "terminal01", path: "Dockerfile" };
      expect(await refusalOf(first(ask(nobody, path, input)))).toBe("link-missing");
      expect(await refusalOf(first(ask(owner, path, input)))).toBe("link-missing");
    });
    return;
  }
  test("refuses those who have not entered", async () => {
    const input = typeof probe === "function" ? probe(subject).input : {};
    expect(await refusalOf(ask(nobody, path, input))).toBe("not-signed-in");
  });
  if (typeof probe !== "function") return;
  test("lets a stranger see no difference between another's thing and nothing", async () => {
    const { input, missing } = probe(subject);
    const absent = probe({ playgroundId: "pabsent00", buildId: "babsent00", sessionId: "sabsent00" });
    expect(await refusalOf(ask(stranger, path, input))).toBe(missing);
    expect(await refusalOf(ask(stranger, path, absent.input))).toBe(missing);
  });
});

test("a stranger's list does not show another's playground", async () => {
  expect(await stranger.playground.list()).toEqual([]);
});

test("what the stranger tried has changed nothing", async () => {
  const row = await stage.database.playground.findUnique({
    where: { id: subject.playgroundId },
    include: { files: true, builds: true, sessions: true },
  });
  expect(row?.files.map((file) => file.path).sort()).toEqual(["Dockerfile", "app.js"]);
  expect(row?.builds).toHaveLength(1);
  expect(row?.sessions.map((session) => session.state)).toEqual(["starting"]);
});
