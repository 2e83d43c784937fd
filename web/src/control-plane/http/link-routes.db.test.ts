import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ticketGrantSchema } from "@slipway/protocol";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";
import { LinkRoutes } from "./link-routes.ts";

const PUBLIC_URL = "http://slipway.test:3000";
const END = { cause: "stopped-by-owner", exitCode: 0, metric: null, error: null } as const;

let stage: Stage;
let worker: PlayedWorker;
let server: Server;
let owner: Caller;
let cookie: string;
let sessionId: string;
let playgroundId: string;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_PUBLIC_URL: PUBLIC_URL, SLIPWAY_SESSIONS_PER_PERSON: "100" });
  worker = await join(stage);
  const { services } = stage.controlPlane;
  const routes = new LinkRoutes({
    services,
    publicUrl: PUBLIC_URL,
    pages: async (asked, response) => void response.end(`page ${asked.url}`),
  });
  server = createServer((asked, response) => void routes.request(asked, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const entered = await services.accounts.enterAsGuest();
  owner = stage.as(entered.person);
  cookie = entered.cookies.map((one) => one.split(";")[0]).join("; ");
  playgroundId = (await buildOnce(owner, worker)).playgroundId;
});
afterAll(async () => {
  worker?.leave();
  server?.closeAllConnections();
  server?.close();
  await stage?.close();
});

/** A session of its own for each test. */
beforeEach(async () => {
  if (sessionId) await end();
  sessionId = (await owner.session.launch({ playgroundId, start: "shell", size })).id;
  await worker.command("launch", sessionId);
  await worker.report({ sessionId, revision: 1, state: "running", terminals: [], ports: [], end: null });
});

const end = () =>
  worker.report({ sessionId, revision: 9, state: "ended", terminals: [], ports: [], end: END });

async function ask(path: string, cookies = ""): Promise<IncomingMessage & { text: string }> {
  const { port } = server.address() as AddressInfo;
  const asked = request({ host: "127.0.0.1", port, path, headers: cookies ? { cookie: cookies } : {} });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += chunk;
  return Object.assign(response, { text });
}

const pathOf = (url: string): string => new URL(url).pathname;
const previewLink = (port = 8080) => owner.link.create({ sessionId, grant: { kind: "preview", port } });
const preview = (to: string, port: number | string = 8080, session = sessionId) =>
  `/preview?session=${session}&port=${port}&to=${encodeURIComponent(to)}`;

/** What the ticket in an address of a preview grants, and the address. */
function entered(location: string | undefined) {
  const url = new URL(location ?? "");
  const claims = decodeJwt(url.searchParams.get("ticket") ?? "");
  return { url, grant: ticketGrantSchema.parse(claims), expiresAt: (claims.exp ?? 0) * 1000 };
}

test("a link to a port leads there with a ticket for that port alone, which ends with the session", async () => {
  const answer = await ask(pathOf((await previewLink()).url));
  expect(answer.statusCode).toBe(303);
  const { url, grant, expiresAt } = entered(answer.headers.location);
  expect(url.host).toBe(`8080-${sessionId}.slipway.test:3000`);
  expect(grant).toEqual({ right: "port", session: sessionId, port: 8080 });
  expect(expiresAt).toBeLessThanOrEqual((await owner.session.get({ sessionId })).expiresAt + 1000);
  expect(answer.headers["referrer-policy"]).toBe("no-referrer");
});

test("a link to terminals leads to the page, which gets tickets of the link's role and no other", async () => {
  await worker.report({
    sessionId,
    revision: 2,
    state: "running",
    terminals: [{ terminalId: "terminal01", kind: "main", exitCode: null }],
    ports: [{ port: 80, listening: true, exposed: false, loopbackOnly: false }],
    end: null,
  });
  const nobody = stage.as(null);
  for (const role of ["view", "drive"] as const) {
    const { url } = await owner.link.create({ sessionId, grant: { kind: "terminal", role } });
    expect((await ask(pathOf(url))).text).toBe(`page ${pathOf(url)}`);
    const token = pathOf(url).slice("/l/".length);
    for await (const shared of await nobody.link.watch({ token })) {
      expect(shared).toMatchObject({ sessionId, role, state: "running" });
      expect(JSON.stringify(shared)).not.toMatch(/ports|limits|playground/);
      break;
    }
    const ticket = await nobody.link.terminalTicket({ token, terminalId: "terminal01" });
    expect(ticketGrantSchema.parse(decodeJwt(ticket.ticket))).toEqual({
      right: "terminal",
      session: sessionId,
      terminal: "terminal01",
      role,
    });
    expect(ticket.expiresAt - Date.now()).toBeLessThanOrEqual(60_000);
  }
});

test("a watching link stops nothing and opens nothing else of the session", async () => {
  const { url } = await owner.link.create({ sessionId, grant: { kind: "terminal", role: "drive" } });
  const token = pathOf(url).slice("/l/".length);
  const nobody = stage.as(null);
  await expect(nobody.session.stop({ sessionId })).rejects.toMatchObject({
    cause: { code: "not-signed-in" },
  });
  await expect(
    nobody.link.create({ sessionId, grant: { kind: "terminal", role: "view" } }),
  ).rejects.toThrow();
  await expect(nobody.link.terminalTicket({ token, terminalId: "terminal99" })).rejects.toMatchObject({
    cause: { code: "terminal-missing" },
  });
});

test("the database holds no token, only what can't be turned back", async () => {
  const { url } = await previewLink();
  expect(await stage.dump()).not.toContain(pathOf(url).slice("/l/".length));
});

test("unknown, malformed, revoked and ended links get the same answer, and none of them at once", async () => {
  const revoked = await previewLink();
  await owner.link.revoke({ sessionId, id: revoked.id });
  const past = await previewLink();
  const watching = await owner.link.create({ sessionId, grant: { kind: "terminal", role: "view" } });
  await end();
  const paths = [revoked.url, past.url, watching.url].map(pathOf);
  const answers = [];
  for (const path of [...paths, `/l/${"A".repeat(22)}`, "/l/", "/l/..%2f..%2f", `/l/${"x".repeat(500)}`]) {
    const begun = performance.now();
    const { statusCode, text, headers } = await ask(path);
    expect(performance.now() - begun).toBeGreaterThan(140);
    answers.push({ statusCode, text, location: headers.location, cookie: headers["set-cookie"] });
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]?.text).toBe("page /link-gone");
});

test("who watches by a link sees the end when it is revoked", async () => {
  const link = await owner.link.create({ sessionId, grant: { kind: "terminal", role: "view" } });
  const token = pathOf(link.url).slice("/l/".length);
  const states: string[] = [];
  const watching = (async () => {
    for await (const { state } of await stage.as(null).link.watch({ token })) states.push(state);
  })();
  await expect.poll(() => states).toEqual(["running"]);
  await owner.link.revoke({ sessionId, id: link.id });
  await watching;
  expect(states).toEqual(["running", "ended"]);
  await expect(stage.as(null).link.terminalTicket({ token, terminalId: "terminal01" })).rejects.toMatchObject(
    {
      cause: { code: "link-missing" },
    },
  );
});

test("an owner has a bounded number of links, and gets room by revoking one", async () => {
  for (let made = 0; made < 20; made += 1) await previewLink();
  await expect(previewLink()).rejects.toMatchObject({ cause: { code: "link-limit" } });
  const [first] = await owner.link.list({ sessionId });
  await owner.link.revoke({ sessionId, id: first?.id ?? "" });
  await expect(previewLink()).resolves.toMatchObject({ grant: { kind: "preview", port: 8080 } });
});

test("a preview goes on for its owner: a new ticket up to the session's new end, back to where they were", async () => {
  await owner.session.extend({ sessionId });
  const answer = await ask(preview("/chat?room=1"), cookie);
  expect(answer.statusCode).toBe(303);
  const { url, grant, expiresAt } = entered(answer.headers.location);
  expect(grant).toEqual({ right: "port", session: sessionId, port: 8080 });
  expect(url.searchParams.get("to")).toBe("/chat?room=1");
  expect(expiresAt).toBe(Math.ceil((await owner.session.get({ sessionId })).expiresAt / 1000) * 1000);
});

test("a preview goes on for who came by its link, at this port only, until the link is revoked", async () => {
  const link = await previewLink();
  const followed = await ask(pathOf(link.url));
  const [set = ""] = followed.headers["set-cookie"] ?? [];
  expect(set).toMatch(/; Path=\/preview;.*HttpOnly; SameSite=Lax/);
  const kept = set.split(";")[0] ?? "";
  expect((await ask(preview("/"), kept)).statusCode).toBe(303);
  const token = kept.split("=")[1];
  expect((await ask(preview("/", 9090), `slipway-link-9090-${sessionId}=${token}`)).text).toBe(
    "page /preview-refused",
  );
  await owner.link.revoke({ sessionId, id: link.id });
  expect((await ask(preview("/"), kept)).text).toBe("page /preview-refused");
});

test.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])(
  "a renewal never leads to %s",
  async (to) => {
    const answer = await ask(preview(to), cookie);
    const { url } = entered(answer.headers.location);
    expect(url.host).toBe(`8080-${sessionId}.slipway.test:3000`);
    expect(url.searchParams.get("to")).toBe("/");
  },
);

test("nobody else gets a preview's ticket: no account, another account, another session, no such port", async () => {
  const stranger = await stage.controlPlane.services.accounts.enterAsGuest();
  const other = stranger.cookies.map((one) => one.split(";")[0]).join("; ");
  const asked = [
    ask(preview("/")),
    ask(preview("/"), other),
    ask(preview("/", 8080, "sabsent00"), cookie),
    ask(preview("/", 70_000), cookie),
    ask(preview("/", "8080x"), cookie),
    ask("/preview", cookie),
  ];
  for (const answer of await Promise.all(asked)) {
    expect(answer.text).toBe("page /preview-refused");
    expect(answer.headers.location).toBeUndefined();
  }
  await end();
  expect((await ask(preview("/"), cookie)).text).toBe("page /preview-refused");
});
