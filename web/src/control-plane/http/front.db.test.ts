import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOnce, imageEvent, logEvent, openStage, PlayedWorker, type Stage, size } from "../test-stage.ts";
import { attachFront } from "./front.ts";
import { GatewayProxy } from "./gateway-proxy.ts";
import { createTrpcHandler } from "./trpc-handler.ts";

const PUBLIC_URL = "http://slipway.test:3000";
const log = pino({ level: "silent" });

let stage: Stage;
let front: Server;
let gateway: Server;
let worker: PlayedWorker;
let sessionId: string;
const seen: IncomingMessage[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The gateway's side of a preview: echoes, and takes every upgrade. */
function openGateway(): Server {
  const server = createServer((incoming, response) => {
    seen.push(incoming);
    response.writeHead(200, { "x-from": "gateway" });
    incoming.pipe(response);
  });
  server.on("upgrade", (incoming, socket) => {
    seen.push(incoming);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  return server.listen(0, "127.0.0.1");
}

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_PUBLIC_URL: PUBLIC_URL });
  gateway = openGateway();
  await once(gateway, "listening");
  worker = new PlayedWorker(stage.agentsUrl);
  await worker.connected();
  await worker.hello({ gatewayUrl: `http://127.0.0.1:${portOf(gateway)}` });
  const caller = stage.as(await stage.enter());
  const { playgroundId } = await buildOnce(caller, worker);
  sessionId = (await caller.session.launch({ playgroundId, start: "shell", size })).id;
  await worker.command("launch", sessionId);

  const { services, workers, agentsHttp } = stage.controlPlane;
  front = createServer();
  const text = (body: string) => (_: IncomingMessage, response: import("node:http").ServerResponse) =>
    Promise.resolve(void response.end(body));
  attachFront(front, {
    hosts: { publicUrl: PUBLIC_URL, previewDomain: "slipway.test:3000", extraHosts: ["web"] },
    isDevelopment: false,
    gateways: new GatewayProxy(stage.database, log),
    agents: agentsHttp,
    pagesUpgrades: createServer(),
    trpc: createTrpcHandler(services, log),
    auth: text("auth"),
    contexts: text("context"),
    pages: text("page"),
    readiness: () => Promise.resolve(null),
    metrics: new Registry(),
    metricsToken: workers.list().length === 1 ? undefined : "unused",
    countSignIn: () => Promise.resolve(),
    log,
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  worker?.leave();
  for (const server of [front, gateway]) {
    server?.closeAllConnections();
    server?.close();
  }
  await stage?.close();
});

interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask({ path = "/", method = "GET", host = "slipway.test:3000", headers = {}, body }: Ask) {
  const asked = request({
    host: "127.0.0.1",
    port: portOf(front),
    path,
    method,
    headers: { ...headers, host },
  });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

/** Status of the answer to an upgrade, and what comes back for "ping". */
function upgrade({ path = "/", host = "slipway.test:3000", headers = {} }: Ask) {
  const connection = { connection: "Upgrade", upgrade: "websocket" };
  const asked = request({
    host: "127.0.0.1",
    port: portOf(front),
    path,
    headers: { ...headers, ...connection, host },
  });
  asked.end();
  return new Promise<{ status: number | undefined; echo: string }>((resolve, reject) => {
    asked.on("error", reject);
    asked.on("response", (response) => resolve({ status: response.statusCode, echo: "" }));
    asked.on("upgrade", (response, socket) => {
      socket.once("data", (data) => {
        socket.destroy();
        resolve({ status: response.statusCode, echo: String(data) });
      });
      socket.write("ping");
    });
  });
}

const previewOf = (port: number) => `${port}-${sessionId}.slipway.test:3000`;

test.each(["evil.example", "slipway.test.evil.example", "x.slipway.test:3000", "slipway.test:3001"])(
  "the host %j gets nothing, whatever it asks for",
  async (host) => {
    expect((await ask({ host })).status).toBe(421);
    expect((await ask({ host, path: "/trpc/account.me" })).status).toBe(421);
    expect((await upgrade({ host, headers: { origin: PUBLIC_URL } })).status).toBe(421);
  },
);

test("pages live at the public origin; inner names are for workers and probes", async () => {
  expect(await ask({})).toMatchObject({ status: 200, text: "page" });
  const inner = await ask({ host: "127.0.0.1:3000", path: "/p/abc?x=1" });
  expect(inner).toMatchObject({ status: 307, headers: { location: `${PUBLIC_URL}/p/abc?x=1` } });
  expect((await ask({ host: "web:3000", path: "/healthz" })).status).toBe(200);
});

test("our pages can't be framed, sniffed or made to run foreign scripts", async () => {
  const { headers } = await ask({});
  expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{24}';/);
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
});

test("a page of another origin, a preview included, changes nothing", async () => {
  const post = { method: "POST", path: "/trpc/account.enter", body: "{}" };
  const json = { "content-type": "application/json" };
  for (const origin of ["http://evil.example", `http://${previewOf(8080)}`, "null"]) {
    expect((await ask({ ...post, headers: { ...json, origin } })).status).toBe(403);
  }
  const own = await ask({ ...post, headers: { ...json, origin: PUBLIC_URL } });
  expect(own.status).toBe(200);
  expect(own.headers["set-cookie"]?.join()).toMatch(/Path=\/; HttpOnly; SameSite=Lax/);
});

/** The cookie of a new guest. */
async function enter(): Promise<string> {
  const headers = { "content-type": "application/json", origin: PUBLIC_URL };
  const entered = await ask({ method: "POST", path: "/trpc/account.enter", headers, body: "{}" });
  return entered.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

test("a body beyond the bound is refused", async () => {
  const body = JSON.stringify({ id: "x", path: "a", content: "a".repeat(5 * 1024 * 1024) });
  const headers = { "content-type": "application/json", origin: PUBLIC_URL, cookie: await enter() };
  expect((await ask({ method: "POST", path: "/trpc/playground.saveFile", headers, body })).status).toBe(413);
});

test("a preview's requests reach the gateway with their host, and forged forwarding headers don't", async () => {
  seen.length = 0;
  const host = previewOf(8080);
  const headers = { "x-forwarded-for": "6.6.6.6", "x-forwarded-host": "forged", forwarded: "for=6.6.6.6" };
  const answer = await ask({ host, method: "POST", path: "/a?b=c", headers, body: "hello" });
  expect(answer).toMatchObject({ status: 200, text: "hello", headers: { "x-from": "gateway" } });
  expect(answer.headers["content-security-policy"]).toBeUndefined();
  const [incoming] = seen;
  expect(incoming).toMatchObject({ url: "/a?b=c", method: "POST" });
  expect(incoming?.headers.host).toBe(host);
  expect(incoming?.headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(JSON.stringify(incoming?.headers)).not.toMatch(/6\.6\.6\.6|forged/);
});

test("a preview of a session that doesn't exist is not found", async () => {
  expect((await ask({ host: "8080-sabsent00.slipway.test:3000" })).status).toBe(404);
});

test("a preview's WebSocket is passed through", async () => {
  expect(await upgrade({ host: previewOf(8080), path: "/live" })).toEqual({ status: 101, echo: "ping" });
});

test("terminals are passed to the session's gateway, for our own pages only", async () => {
  const path = `/gateway/socket.io/?session=${sessionId}&EIO=4&transport=websocket`;
  expect(await upgrade({ path, headers: { origin: PUBLIC_URL } })).toEqual({ status: 101, echo: "ping" });
  expect((await upgrade({ path, headers: { origin: "http://evil.example" } })).status).toBe(403);
  expect((await upgrade({ path })).status).toBe(403);
  const absent = path.replace(sessionId, "sabsent00");
  expect((await upgrade({ path: absent, headers: { origin: PUBLIC_URL } })).status).toBe(404);
});

test("figures are for this machine, not for what comes through a proxy", async () => {
  expect((await ask({ path: "/metrics" })).status).toBe(200);
  expect((await ask({ path: "/metrics", headers: { "x-forwarded-for": "1.2.3.4" } })).status).toBe(403);
});

test("build events come as server-sent events whose ids are the sequence numbers, and resume by the last id", async () => {
  const json = { "content-type": "application/json", origin: PUBLIC_URL };
  const cookie = await enter();
  const post = async (name: string, body: object) => {
    const headers = { ...json, cookie };
    const answer = await ask({ method: "POST", path: `/trpc/${name}`, headers, body: JSON.stringify(body) });
    return JSON.parse(answer.text).result.data;
  };
  const { id: playgroundId } = await post("playground.create", {});
  const { id: buildId } = await post("build.start", { playgroundId, noCache: false });
  await worker.command("build", buildId);
  await worker.send(buildId, [
    { sequence: 0, event: logEvent(0) },
    { sequence: 1, event: logEvent(1) },
    { sequence: 2, event: imageEvent },
  ]);
  const input = encodeURIComponent(JSON.stringify({ buildId, after: null }));
  const path = `/trpc/build.events?input=${input}`;
  const all = await ask({ path, headers: { cookie } });
  expect(all.headers["content-type"]).toMatch(/^text\/event-stream/);
  expect(all.text.match(/^id: .*$/gm)).toEqual(["id: 0", "id: 1", "id: 2"]);
  const rest = await ask({ path, headers: { cookie, "last-event-id": "1" } });
  expect(rest.text.match(/^id: .*$/gm)).toEqual(["id: 2"]);
});
