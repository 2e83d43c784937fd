import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { exportPath, filesPath, recordingPath } from "@slipway/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OIDC_PROVIDER, openBetterAuth } from "../account/auth.ts";
import {
  buildOnce,
  type Caller,
  imageEvent,
  logEvent,
  openStage,
  PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";
import { attachFront } from "./front.ts";
import { GatewayProxy } from "./gateway-proxy.ts";
import { LinkRoutes } from "./link-routes.ts";
import { PlaygroundRoutes } from "./playground-routes.ts";
import { SharedRoutes } from "./shared-routes.ts";
import { createTrpcHandler } from "./trpc-handler.ts";

const PUBLIC_URL = "http://slipway.test:3000";
const log = pino({ level: "silent" });

let stage: Stage;
let front: Server;
let gateway: Server;
let worker: PlayedWorker;
let caller: Caller;
let sessionId: string;
const seen: IncomingMessage[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The gateway's side of a preview: echoes, and takes every upgrade. */
function openGateway(): Server {
  const server = createServer((incoming, response) => {
    seen.push(incoming);
    if (incoming.url?.endsWith("/hold")) return;
    response.writeHead(200, { "x-from": "gateway", "set-cookie": "planted=1" });
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
  caller = stage.as(await stage.enter());
  const { playgroundId } = await buildOnce(caller, worker);
  sessionId = (await caller.session.launch({ playgroundId, start: "shell", size })).id;
  await worker.command("launch", sessionId);

  const { services, workers, signals, agentsHttp } = stage.controlPlane;
  front = createServer();
  const text = (body: string) => (_: IncomingMessage, response: import("node:http").ServerResponse) =>
    Promise.resolve(void response.end(body));
  attachFront(front, {
    hosts: { publicUrl: PUBLIC_URL, previewDomain: "slipway.test:3000", extraHosts: ["web"] },
    isDevelopment: false,
    gateways: new GatewayProxy(stage.database, workers, signals, log),
    agents: agentsHttp,
    pagesUpgrades: createServer(),
    trpc: createTrpcHandler(services, log),
    auth: text("auth"),
    contexts: text("context"),
    links: new LinkRoutes({ services, publicUrl: PUBLIC_URL, pages: text("page") }),
    playgrounds: new PlaygroundRoutes({ services, database: stage.database }),
    shared: new SharedRoutes({ services, database: stage.database }),
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
  expect(headers["content-security-policy"]).toContain("frame-src http://*.slipway.test:3000;");
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

test("terminals are passed on without the cookies of people", async () => {
  seen.length = 0;
  const path = `/gateway/socket.io/?session=${sessionId}&EIO=4&transport=websocket`;
  await upgrade({ path, headers: { origin: PUBLIC_URL, cookie: "slipway.session_token=secret" } });
  expect(seen).toHaveLength(1);
  expect(seen[0]?.headers.cookie).toBeUndefined();
});

test("files of a session come from its gateway: no cookie goes there, and none comes back", async () => {
  for (const file of [exportPath(sessionId), filesPath(sessionId), recordingPath(sessionId, "tterminal0")]) {
    seen.length = 0;
    const headers = { cookie: "slipway.session_token=secret", authorization: "Bearer t" };
    const answer = await ask({ path: `${file}?ticket=t`, headers });
    expect(answer).toMatchObject({ status: 200, headers: { "x-from": "gateway" } });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(seen[0]).toMatchObject({ url: `${file}?ticket=t`, headers: { authorization: "Bearer t" } });
    expect(seen[0]?.headers.cookie).toBeUndefined();
  }
  expect((await ask({ path: exportPath("sabsent00") })).status).toBe(404);
});

test("a file for a container is passed on from our own pages only", async () => {
  seen.length = 0;
  const path = `${filesPath(sessionId)}?path=/a%FF`;
  expect((await ask({ path, method: "PUT", headers: { origin: "http://evil.test" } })).status).toBe(403);
  expect(seen).toEqual([]);
  const headers = { origin: PUBLIC_URL, cookie: "slipway.session_token=secret" };
  expect((await ask({ path, method: "PUT", headers })).status).toBe(200);
  expect(seen[0]).toMatchObject({ method: "PUT", url: path });
  expect(seen[0]?.headers.cookie).toBeUndefined();
});

test("of all endpoints that the library behind accounts has, the way back from a provider is open, and no other", async () => {
  const { api } = openBetterAuth({
    database: stage.database,
    secret: "s".repeat(32),
    publicUrl: PUBLIC_URL,
    roles: { operators: [], teachers: [] },
    oidc: { issuer: "http://provider.test", clientId: "slipway", clientSecret: "secret", name: "Test" },
    log,
  });
  const paths = Object.values(api).flatMap((endpoint) =>
    "path" in endpoint && typeof endpoint.path === "string"
      ? [endpoint.path.replaceAll(/:\w+/g, OIDC_PROVIDER)]
      : [],
  );
  expect(paths).toEqual(
    expect.arrayContaining(["/sign-up/email", "/sign-in/anonymous", `/callback/${OIDC_PROVIDER}`]),
  );
  const open: string[] = [];
  for (const path of new Set(paths)) {
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
      for (const end of ["", "/", "?a=b"]) {
        const { status } = await ask({ path: `/auth${path}${end}`, method, headers: { origin: PUBLIC_URL } });
        if (status !== 404) open.push(`${method} ${path}${end}`);
      }
    }
  }
  expect(open).toEqual([`GET /callback/${OIDC_PROVIDER}`, `GET /callback/${OIDC_PROVIDER}?a=b`]);
});

test("nothing else of a gateway can be reached through our own host", async () => {
  seen.length = 0;
  const file = exportPath(sessionId);
  for (const path of [
    "/gateway/metrics",
    "/gateway/exports/",
    `${file}/`,
    `${file}/../../metrics`,
    `${file}%2f..%2fmetrics`,
    `/gateway/exports/..%2f${sessionId}`,
    `/gateway/recordings/${sessionId}`,
    `//gateway/exports/${sessionId}`,
  ])
    await ask({ path });
  await ask({ path: file, method: "POST", headers: { origin: PUBLIC_URL } });
  await ask({ path: file, method: "PUT", headers: { origin: PUBLIC_URL } });
  await ask({ path: file, method: "DELETE" });
  await ask({ path: filesPath(sessionId), method: "POST", headers: { origin: PUBLIC_URL } });
  expect(seen).toEqual([]);
});

test.each([
  `8080-SESSION.slipway.test.:3000`,
  `8080-SESSION..slipway.test:3000`,
  `8080-SESSION.slipway.test`,
  `8080-SESSION.slipway.test:80`,
  `x.8080-SESSION.slipway.test:3000`,
  `user@8080-SESSION.slipway.test:3000`,
  `08080-SESSION.slipway.test:3000`,
  `99999-SESSION.slipway.test:3000`,
  `8080-SESSION.slipway.test:3000.evil.example`,
  "169.254.169.254",
  "[::ffff:127.0.0.1]",
])("the host %s is neither a preview nor the app", async (pattern) => {
  seen.length = 0;
  const host = pattern.replace("SESSION", sessionId);
  for (const path of ["/", "/trpc/account.me", "/gateway/socket.io/"])
    expect((await ask({ host, path })).status).toBe(421);
  expect(seen).toEqual([]);
});

test("a preview's host means the same in capital letters", async () => {
  expect((await ask({ host: previewOf(8080).toUpperCase() })).headers["x-from"]).toBe("gateway");
});

/** Sends these very bytes, and gets what comes back until the connection ends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(portOf(front), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
    socket.end(text);
  });
}

const post = (host: string, lines: string) => `POST / HTTP/1.1\r\nHost: ${host}\r\n${lines}`;
/** Would be a request of its own to a server that ends the first one earlier. */
const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: HOST\r\n\r\n";

test.each<[string, (host: string) => string]>([
  ["an address as its target", (host) => `GET http://169.254.169.254/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["a tunnel as its wish", (host) => `CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["two hosts", (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: slipway.test:3000\r\n\r\n`],
  [
    "a length and chunks",
    (host) =>
      post(
        host,
        `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN.replace("HOST", host)}`,
      ),
  ],
  ["two lengths", (host) => post(host, `Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`)],
  ["a coding behind chunks", (host) => post(host, `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`)],
  ["a folded line", (host) => post(host, `Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n`)],
  ["a space before a colon", (host) => post(host, `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`)],
  ["a line feed alone", (host) => post(host, `X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)],
])("a request with %s goes nowhere", async (_, text) => {
  for (const host of [previewOf(8080), "slipway.test:3000"]) {
    seen.length = 0;
    expect(await raw(text(host))).toMatch(/^(HTTP\/1\.1 400 |$)/);
    expect(seen).toEqual([]);
  }
});

test("what a page of a preview asks our own origin for is refused, reads included", async () => {
  const path = "/trpc/account.me";
  for (const headers of [
    { origin: `http://${previewOf(8080)}` },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", origin: "null" },
  ])
    expect((await ask({ path, headers })).status).toBe(403);
  const preflight = { origin: `http://${previewOf(8080)}`, "access-control-request-method": "POST" };
  const answer = await ask({ path, method: "OPTIONS", headers: preflight });
  expect(answer.status).toBe(403);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  expect((await ask({ path, headers: { "sec-fetch-site": "same-origin" } })).status).toBe(200);
  expect((await ask({ path })).status).toBe(200);
});

test("a preview that answers nobody takes no place of others", async () => {
  seen.length = 0;
  const held = Array.from({ length: 300 }, () =>
    request({ host: "127.0.0.1", port: portOf(front), path: "/hold", headers: { host: previewOf(8081) } }),
  );
  for (const one of held) one.on("error", () => undefined).end();
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(300);
  expect((await ask({ host: previewOf(8080) })).status).toBe(200);
  for (const one of held) one.destroy();
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

test("a docker address that was taken back lets nobody in, puts out who is in, and leaves a later one alone", async () => {
  await worker.report({ sessionId, revision: 1, state: "running", terminals: [], ports: [], end: null });
  const addressed = async () => new URL((await caller.session.dockerAddress({ sessionId })).host).pathname;
  const first = await addressed();
  expect(await ask({ path: `${first}/v1.41/info` })).toMatchObject({ status: 200 });
  const held = request({
    host: "127.0.0.1",
    port: portOf(front),
    path: `${first}/hold`,
    headers: { host: "slipway.test:3000" },
  });
  const broken = once(held, "error");
  held.end();
  await expect.poll(() => seen.some(({ url }) => url === `${first}/hold`)).toBe(true);
  await caller.session.revokeDockerAddresses({ sessionId });
  await broken;
  expect(await ask({ path: `${first}/v1.41/info` })).toMatchObject({ status: 401 });
  expect(await upgrade({ path: `${first}/v1.41/exec/x/start` })).toMatchObject({ status: 401 });
  expect(await ask({ path: `${await addressed()}/v1.41/info` })).toMatchObject({ status: 200 });
  expect(await ask({ path: `/gateway/docker/${sessionId}/nonsense/info` })).toMatchObject({ status: 401 });
});
