import { GATEWAY_SOCKET_PATH, PREVIEW_ENTER_PATH, PROTOCOL_VERSION, previewHost } from "@slipway/protocol";
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DOMAIN, GatewayFixture, neighbour, PUBLIC_URL, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const CLOSE = "Connection: close\r\n";

let fixture: GatewayFixture;
const lines: string[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.open({ logged: (line) => lines.push(line) });
});
afterAll(() => fixture.close());

/** What the door of terminals says to a ticket. */
function knock(ticket: string, headers: Record<string, string> = { origin: PUBLIC_URL }): Promise<string> {
  const socket = io(`http://127.0.0.1:${fixture.port}/terminals`, {
    path: GATEWAY_SOCKET_PATH,
    transports: ["websocket"],
    query: { session },
    auth: { ticket, protocolVersion: PROTOCOL_VERSION, client: "c".repeat(16) },
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  return new Promise<string>((resolve) => {
    socket.on("connect", () => resolve("welcome"));
    socket.on("connect_error", (error) => {
      const data: unknown = "data" in error ? error.data : null;
      resolve(typeof data === "object" && data !== null && "code" in data ? String(data.code) : "refused");
    });
  }).finally(() => socket.disconnect());
}

test("each door takes tickets of its own right, for its own session and port", async () => {
  const { port, heard } = await fixture.container((socket) => socket.end());
  const grants = [
    { right: "terminal", session, terminal: "terminal1", role: "drive" },
    { right: "terminal", session, terminal: "terminal1", role: "view" },
    { right: "export", session },
    { right: "port", session: neighbour, port },
    { right: "port", session, port: port === 80 ? 81 : 80 },
  ];
  for (const grant of grants) {
    const ticket = await fixture.tickets.sign(grant);
    const host = previewHost(port, session, DOMAIN);
    for (const request of [
      `GET ${PREVIEW_ENTER_PATH}?ticket=${ticket} HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: slipway-preview=${ticket}\r\n${CLOSE}\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${ticket}\r\n${CLOSE}\r\n`,
      `GET /?ticket=${ticket} HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`,
    ])
      expect(await fixture.exchange(request)).toMatch(/^HTTP\/1\.1 401 /);
    if (grant.right !== "terminal") expect(await knock(ticket)).toBe("ticket-invalid");
  }
  const foreign = await fixture.tickets.sign({ ...grants[0], session: neighbour });
  expect(await knock(foreign)).toBe("ticket-invalid");
  expect(heard).toEqual([]);
});

test("terminals are for pages of the app: a preview's page is refused with the best of tickets", async () => {
  const ticket = await fixture.tickets.sign({
    right: "terminal",
    session,
    terminal: "terminal1",
    role: "drive",
  });
  expect(await knock(ticket)).toBe("welcome");
  for (const origin of [
    `http://8080-${session}.${DOMAIN}`,
    "null",
    "http://localhost",
    "http://localhost:3000.evil.example",
  ])
    expect(await knock(ticket, { origin })).toBe("refused");
  expect(await knock(ticket, {})).toBe("refused");
});

test("a ticket of an earlier session opens nothing once the session is gone, its address included", async () => {
  const { port, heard } = await fixture.container((socket) => socket.end());
  const head = await fixture.head(port, CLOSE);
  fixture.addresses.delete(session);
  try {
    expect(await fixture.exchange(head)).toMatch(/^HTTP\/1\.1 404 /);
  } finally {
    fixture.addresses.set(session, "127.0.0.1");
  }
  expect(heard).toEqual([]);
});

test("who is made to enter with another's ticket sees another's preview, and keeps all of their own", async () => {
  const { port } = await fixture.container((socket) => socket.end());
  // The attacker's ticket names the attacker's session, and so does the only host that takes it.
  const attackers = await fixture.tickets.sign({ right: "port", session: neighbour, port });
  const enter = (host: string) =>
    fixture.exchange(
      `GET ${PREVIEW_ENTER_PATH}?ticket=${attackers}&to=/ HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`,
    );
  const own = await enter(previewHost(port, session, DOMAIN));
  expect(own).toMatch(/^HTTP\/1\.1 401 /);
  expect(own.toLowerCase()).not.toContain("set-cookie");
  const theirs = await enter(previewHost(port, neighbour, DOMAIN));
  expect(theirs).toMatch(/^HTTP\/1\.1 303 .*\r\nset-cookie: slipway-preview=/is);
  // For that one host: there is no Domain.
  expect(theirs.toLowerCase()).not.toContain("domain=");
});

test("the log holds no ticket, at any level, however it came and whatever was wrong with it", async () => {
  const { port } = await fixture.container((socket) => socket.end("no HTTP"));
  const closed = await fixture.container(() => {});
  closed.close();
  const good = await fixture.tickets.sign({ right: "port", session, port });
  const over = await fixture.tickets.sign({ right: "port", session, port }, { expiresIn: -60 });
  const wrong = await fixture.tickets.sign({ right: "export", session });
  const host = previewHost(port, session, DOMAIN);
  for (const ticket of [good, over, wrong, `${good}x`]) {
    for (const path of [
      `${PREVIEW_ENTER_PATH}?ticket=${ticket}&to=/`,
      `/gateway/exports/${session}?ticket=${ticket}`,
    ])
      for (const name of [host, "localhost:3000"])
        await fixture.exchange(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\n${CLOSE}\r\n`);
    await fixture.exchange(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: slipway-preview=${ticket}\r\n${CLOSE}\r\n`,
    );
    await knock(ticket);
  }
  await fixture.exchange(await fixture.head(closed.port, CLOSE));
  const log = lines.join("");
  expect(log).toContain("a preview could not be shown");
  expect(log).not.toMatch(/eyJ[\w-]+\.|slipway-preview=/);
});
