import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { PREVIEW_COOKIE, PREVIEW_ENTER_PATH, previewHost, sessionIdSchema } from "@slipway/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { NO_DOCKER, NO_FILES } from "./gateway-fixture.ts";
import { HttpGateway } from "./http-gateway.ts";
import { makeTicketFixture, type TicketFixture } from "./ticket-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const session = sessionIdSchema.parse("session1");
const other = sessionIdSchema.parse("session2");
const ended = sessionIdSchema.parse("session3");
const domain = "localhost:3000";
const metrics = new Registry();

let tickets: TicketFixture;
let gateway: HttpGateway;
let gatewayPort: number;
let container: Server;
let port: number;
let ready = false;
let seen: IncomingMessage | null = null;
let body = Buffer.alloc(0);

beforeAll(async () => {
  tickets = await makeTicketFixture();
  container = createServer((incoming, response) => {
    seen = incoming;
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      body = Buffer.concat(chunks);
      response.setHeader("set-cookie", ["app=1; Domain=localhost; Path=/", `${PREVIEW_COOKIE}=stolen`]);
      response.setHeader("keep-alive", "timeout=99");
      if (incoming.url === "/stream") {
        response.write("first");
        setTimeout(() => response.end("second"), 150);
      } else response.end(`you've hit ${incoming.url}`);
    });
  });
  container.on("upgrade", (incoming, socket) => {
    seen = incoming;
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nset-cookie: a=1; Domain=localhost\r\n\r\n",
    );
    socket.pipe(socket);
  });
  port = await listen(container);
  gateway = new HttpGateway({
    publicUrl: "http://localhost:3000",
    terminals: { find: async () => null },
    targets: { address: (id) => (id === ended ? null : "127.0.0.1") },
    files: NO_FILES,
    docker: NO_DOCKER,
    gatewayUrl: null,
    ready: () => ready,
    metrics,
    log: pino({ level: "silent" }),
  });
  gateway.configure({ ticketPublicKey: tickets.publicKey, previewDomain: domain });
  gatewayPort = (await gateway.listen("127.0.0.1", 0)).port;
});

afterAll(async () => {
  await gateway.close();
  container.closeAllConnections();
  container.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly chunks: string[];
}

interface Ask {
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly body?: Buffer;
}

function ask({
  path = "/",
  host = previewHost(port, session, domain),
  headers,
  method,
  body: sent,
}: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: "127.0.0.1", port: gatewayPort, path, method: method ?? "GET", headers: { host, ...headers } },
      (response) => {
        const chunks: string[] = [];
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: chunks.join(""),
            chunks,
          }),
        );
      },
    );
    asking.on("error", reject);
    asking.end(sent);
  });
}

const cookie = async (grant: Record<string, unknown> = {}, expiresIn = 60) =>
  `${PREVIEW_COOKIE}=${await tickets.sign({ right: "port", session, port, ...grant }, { expiresIn })}`;
const enter = (ticket: string, to?: string) =>
  `${PREVIEW_ENTER_PATH}?${new URLSearchParams({ ticket, ...(to === undefined ? {} : { to }) })}`;

/** What a browser says when a person goes to an address. */
const visit = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

describe("entering", () => {
  test("makes a cookie of the ticket and leads on", async () => {
    const ticket = await tickets.sign({ right: "port", session, port });
    const answer = await ask({ path: enter(ticket, "/app?x=1") });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).not.toContain(ticket);
    expect(answer.headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    const [set = ""] = answer.headers["set-cookie"] ?? [];
    expect(set).toMatch(
      new RegExp(`^${PREVIEW_COOKIE}=${ticket}; Path=/; Max-Age=[0-9]+; HttpOnly; SameSite=Lax$`),
    );
    const headers = { cookie: set.split(";")[0] ?? "" };
    const entered = await ask({ path: answer.headers.location ?? "", headers });
    expect(entered).toMatchObject({ status: 303, headers: { location: "/app?x=1" } });
    expect((await ask({ path: "/app?x=1", headers })).text).toBe("you've hit /app?x=1");
  });

  test("goes in no circle where the browser keeps no cookies", async () => {
    const ticket = await tickets.sign({ right: "port", session, port });
    const { headers } = await ask({ path: enter(ticket, "/app"), headers: visit });
    const entered = await ask({ path: headers.location ?? "", headers: visit });
    expect(entered.status).toBe(401);
    expect(entered.headers.location).toBeUndefined();
  });

  test.each(["https://example.org/", "//example.org", "/\\example.org"])("never leads to %s", async (to) => {
    const ticket = await tickets.sign({ right: "port", session, port });
    const { headers } = await ask({ path: enter(ticket, to) });
    expect(headers.location).toBe("/.slipway/entered?to=%2F");
    const back = await ask({
      path: `/.slipway/entered?${new URLSearchParams({ to })}`,
      headers: { cookie: await cookie() },
    });
    expect(back.headers.location).toBe("/");
  });

  test("in a frame keeps the ticket for frames, and goes on as the preview's own origin", async () => {
    const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    const ticket = await tickets.sign({ right: "port", session, port });
    const path = enter(ticket, "/app?x=1</script>");
    const { status, headers } = await ask({ path, headers: { ...frame, "sec-fetch-site": "cross-site" } });
    expect(status).toBe(303);
    const [set = ""] = headers["set-cookie"] ?? [];
    expect(set).toMatch(
      new RegExp(
        `^__Host-${PREVIEW_COOKIE}-framed=${ticket}; Path=/; Max-Age=[0-9]+; HttpOnly; SameSite=None; Secure; Partitioned$`,
      ),
    );
    const cookie = set.split(";")[0] ?? "";
    const entered = await ask({ path: headers.location ?? "", headers: { ...frame, cookie } });
    expect(entered.status).toBe(200);
    expect(entered.text).toContain('location.replace("/app?x=1%3C/script%3E")');
    expect(entered.text).not.toContain(ticket);
    expect(entered.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'nonce-[^']+'; frame-ancestors 'self' http:\/\/localhost:3000$/,
    );
    expect((await ask({ path: "/app?x=1", headers: { cookie } })).text).toBe("you've hit /app?x=1");
    expect(seen?.headers.cookie).toBeUndefined();
  });

  test("in a frame of the same site keeps the ticket as it does elsewhere", async () => {
    const path = enter(await tickets.sign({ right: "port", session, port }));
    const { headers } = await ask({
      path,
      headers: { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-site" },
    });
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(/; HttpOnly; SameSite=Lax$/)]);
  });

  test("is for people who go there and for frames, not for pictures and forms", async () => {
    const path = enter(await tickets.sign({ right: "port", session, port }));
    for (const wrong of [
      { method: "POST" },
      { headers: { "sec-fetch-dest": "image" } },
      { headers: { "sec-fetch-dest": "object" } },
    ]) {
      const answer = await ask({ path, ...wrong });
      expect(answer.status).toBe(403);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  test("has paths of its own, which the container never sees", async () => {
    seen = null;
    for (const path of ["/.slipway/", "/.slipway/enter/", "/.slipway/anything"])
      expect((await ask({ path, headers: { cookie: await cookie() } })).status).toBe(403);
    expect(seen).toBeNull();
  });

  test("is refused with a ticket for something else, and sets no cookie", async () => {
    const wrong = [
      await tickets.sign({ right: "port", session: other, port }),
      await tickets.sign({ right: "port", session, port: port === 80 ? 81 : 80 }),
      await tickets.sign({ right: "terminal", session, terminal: "terminal1", role: "drive" }),
      await tickets.sign({ right: "port", session, port }, { expiresIn: -30 }),
      await (await makeTicketFixture()).sign({ right: "port", session, port }),
      "x".repeat(5000),
      "",
    ];
    for (const ticket of wrong) {
      const answer = await ask({ path: enter(ticket) });
      expect(answer.status).toBe(401);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });
});

describe("a ticket that is missing or over", () => {
  const renewal = (to: string) =>
    `http://localhost:3000/preview?${new URLSearchParams({ session, port: String(port), to })}`;

  test("leads a person who goes there to where they may get one, and back", async () => {
    for (const headers of [visit, { accept: "text/html" }, { ...visit, cookie: await cookie({}, -30) }]) {
      const answer = await ask({ path: "/a?b=c", headers });
      expect(answer).toMatchObject({ status: 303, headers: { location: renewal("/a?b=c") } });
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
    expect((await ask({ path: `/${"a".repeat(4000)}`, headers: visit })).headers.location).toBe(renewal("/"));
    expect((await ask({ path: "//example.org/", headers: visit })).headers.location).toBe(renewal("/"));
  });

  test("leads nobody else: scripts, frames, forms and programs are refused", async () => {
    for (const asked of [
      {},
      { method: "POST", headers: visit },
      { headers: { ...visit, "sec-fetch-dest": "iframe" } },
      { headers: { ...visit, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" } },
    ]) {
      const answer = await ask(asked);
      expect(answer.status).toBe(401);
      expect(answer.headers.location).toBeUndefined();
    }
  });
});

describe("a request", () => {
  test("without a ticket gets a page that says what to do, in the browser's language", async () => {
    const frame = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    const korean = await ask({
      headers: { ...frame, "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" },
    });
    expect(korean.status).toBe(401);
    expect(korean.text).toContain('<html lang="ko">');
    expect(korean.text).toContain("http://localhost:3000");
    const english = await ask({ headers: { ...frame, "accept-language": "en-US,ko;q=0.5" } });
    expect(english.text).toContain("Go back to your session");
    expect((await ask({})).headers["content-type"]).toContain("text/plain");
    // The page around a frame is told by a message, and it alone.
    expect(english.text).toContain(
      'parent.postMessage({"slipwayPreview":{"code":"ticket-invalid"}}, "http://localhost:3000")',
    );
    expect(english.headers["content-security-policy"]).toContain(
      "frame-ancestors 'self' http://localhost:3000;",
    );
  });

  test("of another session's, an expired or a forged cookie is refused", async () => {
    const forged = await (await makeTicketFixture()).sign({ right: "port", session, port });
    for (const wrong of [
      await cookie({ session: other }),
      await cookie({}, -30),
      `${PREVIEW_COOKIE}=${forged}`,
    ]) {
      const answer = await ask({ headers: { cookie: wrong } });
      expect(answer.status).toBe(401);
    }
  });

  test("reaches the container with its own cookies and ours left out", async () => {
    const host = previewHost(port, session, domain);
    await ask({
      headers: { cookie: `theme=dark; ${await cookie()}; lang=ko`, connection: "x-drop", "x-drop": "1" },
    });
    expect(seen?.headers.cookie).toBe("theme=dark; lang=ko");
    expect(seen?.headers.host).toBe(host);
    expect(seen?.headers["x-forwarded-host"]).toBe(host);
    expect(seen?.headers["x-forwarded-proto"]).toBe("http");
    expect(seen?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(seen?.headers["x-drop"]).toBeUndefined();
    expect(JSON.stringify(seen?.rawHeaders)).not.toContain(PREVIEW_COOKIE);
  });

  test("for a path that is ours on other hosts goes to the container too", async () => {
    for (const path of ["/gateway/socket.io/?EIO=4&transport=websocket", "/healthz", "/metrics"]) {
      expect((await ask({ path, headers: { cookie: await cookie() } })).text).toBe(`you've hit ${path}`);
    }
  });

  test("gets the container's cookies for its own host only, and none of our name", async () => {
    const answer = await ask({ headers: { cookie: await cookie() } });
    expect(answer.headers["set-cookie"]).toEqual(["app=1; Path=/"]);
    expect(answer.headers["keep-alive"]).not.toBe("timeout=99");
  });

  test("is streamed in both directions", async () => {
    const answer = await ask({ path: "/stream", headers: { cookie: await cookie() } });
    expect(answer.chunks).toEqual(["first", "second"]);
    const upload = Buffer.alloc(3_000_000, "slipway");
    await ask({ method: "POST", body: upload, headers: { cookie: await cookie() } });
    expect(body.equals(upload)).toBe(true);
  });

  test("to a port that nobody listens on gets a page that says so", async () => {
    const free = createServer();
    const unused = await listen(free);
    await new Promise((resolve) => free.close(resolve));
    const answer = await ask({
      host: previewHost(unused, session, domain),
      headers: { cookie: await cookie({ port: unused }), accept: "text/html" },
    });
    expect(answer.status).toBe(502);
    expect(answer.headers["x-slipway-error"]).toBe("port-unreachable");
    expect(answer.text).toContain(`port ${unused}`);
    expect(answer.text).toContain("0.0.0.0");
  });

  test("to a session that has ended gets a page that says so", async () => {
    const answer = await ask({
      host: previewHost(port, ended, domain),
      headers: { cookie: await cookie({ session: ended }) },
    });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain("ended");
  });

  test("that writes is refused from the page of another session, and taken from one of the same", async () => {
    const headers = { cookie: await cookie() };
    const from = (origin: string) => ask({ method: "POST", headers: { ...headers, origin } });
    expect((await from(`http://${previewHost(port, other, domain)}`)).status).toBe(403);
    expect((await from("http://localhost:3000")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    expect((await from(`http://${previewHost(1, session, domain)}`)).status).toBe(200);
  });

  test("with a header beyond the bound is refused", async () => {
    expect((await ask({ headers: { cookie: await cookie(), big: "x".repeat(40_000) } })).status).toBe(431);
  });
});

describe("a WebSocket", () => {
  function upgrade(
    headers: Record<string, string>,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; socket: Socket | null }> {
    return new Promise((resolve, reject) => {
      const asking = request({
        host: "127.0.0.1",
        port: gatewayPort,
        path: "/socket?x=1",
        headers: {
          host: previewHost(port, session, domain),
          connection: "Upgrade",
          upgrade: "websocket",
          ...headers,
        },
      });
      asking.on("upgrade", (response, socket) => resolve({ status: 101, headers: response.headers, socket }));
      asking.on("response", (response) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, socket: null }),
      );
      asking.on("error", reject);
      asking.end();
    });
  }

  test("passes, without our cookie", async () => {
    const { status, headers, socket } = await upgrade({ cookie: `a=1; ${await cookie()}` });
    expect(status).toBe(101);
    expect(seen?.url).toBe("/socket?x=1");
    expect(seen?.headers.cookie).toBe("a=1");
    expect(headers["set-cookie"]).toEqual(["a=1"]);
    const echo = new Promise<string>((resolve) => socket?.once("data", (data) => resolve(`${data}`)));
    socket?.write("hello");
    expect(await echo).toBe("hello");
    socket?.destroy();
  });

  test("is refused without a ticket, and from the page of another session", async () => {
    expect((await upgrade({})).status).toBe(401);
    const origin = `http://${previewHost(port, other, domain)}`;
    expect((await upgrade({ cookie: await cookie(), origin })).status).toBe(403);
  });
});

describe("other hosts", () => {
  const host = "localhost:3000";

  test("tell health, readiness and metrics", async () => {
    expect((await ask({ host, path: "/healthz" })).status).toBe(200);
    expect((await ask({ host, path: "/readyz" })).status).toBe(503);
    ready = true;
    expect((await ask({ host, path: "/readyz" })).status).toBe(200);
    const answer = await ask({ host, path: "/metrics" });
    expect(answer.text).toContain('slipway_preview_requests_total{outcome="proxied"}');
    expect(answer.text).toContain("slipway_terminal_connections 0");
  });

  test("are not previews, whatever cookie they show", async () => {
    expect((await ask({ host, headers: { cookie: await cookie() } })).status).toBe(404);
    expect(
      (await ask({ host: `${port}-nope.example.org`, headers: { cookie: await cookie() } })).status,
    ).toBe(421);
  });
});
