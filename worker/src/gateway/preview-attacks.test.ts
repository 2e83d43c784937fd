import type { Socket } from "node:net";
import { PREVIEW_COOKIE, PREVIEW_ENTER_PATH, previewHost } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { CONNECTIONS_PER_SESSION } from "./container-connections.ts";
import { type Container, DOMAIN, GatewayFixture, neighbour, PUBLIC_URL, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CLOSE = "Connection: close\r\n";

let fixture: GatewayFixture;
/** A neighbour's program, which has to answer whatever happens beside it. */
let beside: Container;

beforeAll(async () => {
  fixture = await GatewayFixture.open();
  beside = await fixture.container((socket) => socket.end(OK));
});

afterEach(async () => {
  const answer = await fixture.exchange(await fixture.head(beside.port, CLOSE, undefined, neighbour));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhello$/s);
  const health = await fixture.exchange(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${CLOSE}\r\n`);
  expect(health).toMatch(/^HTTP\/1\.1 200 /);
});

afterAll(() => fixture.close());

const headOf = (answer: string) => answer.split("\r\n\r\n", 1)[0] ?? "";
const bodyOf = (answer: string) => answer.slice(headOf(answer).length + 4);

/** What a browser gets from a container that sends these bytes. */
async function answerTo(bytes: string | ((socket: Socket) => void), lines = CLOSE, first?: string) {
  const container = await fixture.container((socket) => {
    if (typeof bytes === "string") socket.end(bytes, "latin1");
    else bytes(socket);
  });
  return fixture.exchange(await fixture.head(container.port, lines, first));
}

describe("a container's answer", () => {
  test.each<[string, string]>([
    ["a status below all others", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"],
    ["the status 000", "HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n"],
    [
      "a switch that nobody asked for",
      "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nx",
    ],
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["an endless line", "x".repeat(100_000)],
    ["a header beyond the bound", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}\r\n\r\n`],
    ["half a header", "HTTP/1.1 200 OK\r\nX: "],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"],
    ["a name with a line feed", "HTTP/1.1 200 OK\r\nX: a\nSet-Cookie\r\n: b\r\n\r\n"],
    ["nothing", ""],
  ])("with %s becomes a page of ours", async (_, bytes) => {
    const answer = await answerTo(bytes);
    expect(headOf(answer)).toMatch(/^HTTP\/1\.1 502 .*x-slipway-error: port-unreachable/s);
  });

  test("with a reason that no header may hold has none", async () => {
    const answer = await answerTo("HTTP/1.1 200 a\x01\x7fb\r\nContent-Length: 2\r\n\r\nok");
    expect(answer).toMatch(/^HTTP\/1\.1 (200 OK|502 )/);
  });

  test("with endless informational answers ends", async () => {
    const flood = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000);
    const answer = await answerTo((socket) => {
      const pour = () => {
        while (!socket.destroyed && socket.write(flood));
      };
      socket.on("drain", pour);
      pour();
    });
    expect(headOf(answer)).toMatch(/^HTTP\/1\.1 502 /);
  });

  test.each<[string, string, string]>([
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "hello",
    ],
    [
      "chunk extensions",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
      "hello",
    ],
    [
      "a coding behind chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\nhello",
      "hello",
    ],
    ["a coding of no chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello", "hello"],
    ["HTTP/1.0 and no length", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"],
    ["a second answer behind it", `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond`, "hello"],
  ])("with %s is framed anew", async (_, bytes, expected) => {
    const answer = await answerTo(bytes);
    const head = headOf(answer).toLowerCase();
    expect(head).toMatch(/^http\/1\.1 (200|502) /);
    if (head.includes(" 502 ")) return;
    const chunked = head.includes("transfer-encoding: chunked");
    expect(chunked).not.toBe(head.includes("content-length:"));
    expect(bodyOf(answer)).toBe(chunked ? `5\r\n${expected}\r\n0\r\n\r\n` : expected);
  });

  test("that breaks off breaks off for the browser too", async () => {
    const short = await answerTo("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
    expect(bodyOf(short)).toBe("hello");
    const chunks = await answerTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    expect(bodyOf(chunks)).not.toContain("0\r\n\r\n");
    const garbage = await answerTo(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzzzz\r\n",
    );
    expect(bodyOf(garbage)).not.toContain("0\r\n\r\n");
  });

  test("speaks for its own origin and for nothing else", async () => {
    const fields = [
      "Set-Cookie: a=1; Domain=localhost; Path=/",
      "Set-Cookie: __Secure-a=1; Domain=.localhost; Secure",
      `Set-Cookie: ${PREVIEW_COOKIE}=planted; Domain=localhost`,
      `Set-Cookie: =${PREVIEW_COOKIE}=planted; Domain=localhost`,
      'Clear-Site-Data: "*"',
      "Strict-Transport-Security: max-age=1; includeSubDomains",
      'Public-Key-Pins: max-age=1; includeSubDomains; pin-sha256="x"',
      'Alt-Svc: h2="evil.example:443"',
      'NEL: {"report_to":"x","max_age":1,"include_subdomains":true}',
      'Report-To: {"group":"x","max_age":1,"endpoints":[{"url":"https://evil.example"}]}',
      "X-Accel-Redirect: /internal/secret",
      "X-Sendfile: /etc/passwd",
      "X-Slipway-Error: forbidden",
      "Origin-Agent-Cluster: ?0",
      "Proxy-Authenticate: Basic",
      "Keep-Alive: timeout=99",
      "Upgrade: h2c",
      "Connection: X-Secret",
      "X-Secret: 1",
      "Service-Worker-Allowed: /",
      "Access-Control-Allow-Origin: *",
      "Content-Security-Policy: default-src 'self'",
      "X-Frame-Options: DENY",
      "Refresh: 5",
      "WWW-Authenticate: Basic",
    ];
    const answer = await answerTo(`HTTP/1.1 200 OK\r\n${fields.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`);
    const lines = headOf(answer).toLowerCase().split("\r\n").slice(1).sort();
    expect(lines.filter((line) => !/^(date|connection): /.test(line))).toEqual([
      "access-control-allow-origin: *",
      "content-length: 0",
      "content-security-policy: default-src 'self'",
      "content-security-policy: frame-ancestors 'none'",
      "origin-agent-cluster: ?1",
      "refresh: 5",
      "service-worker-allowed: /",
      "set-cookie: __secure-a=1; secure",
      "set-cookie: a=1; path=/",
      "www-authenticate: basic",
      "x-frame-options: deny",
    ]);
  });

  test("that leads to the enter path of another session with a ticket of its own enters nothing", async () => {
    const stolen = await fixture.tickets.sign({ right: "port", session, port: beside.port });
    const path = `${PREVIEW_ENTER_PATH}?ticket=${stolen}&to=/`;
    const host = previewHost(beside.port, neighbour, DOMAIN);
    const answer = await fixture.exchange(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`);
    expect(headOf(answer)).toMatch(/^HTTP\/1\.1 401 /);
    expect(headOf(answer).toLowerCase()).not.toContain("set-cookie");
  });
});

describe("a request", () => {
  test.each<[string, string, string]>([
    ["an address as its target", "", "GET http://169.254.169.254/latest/meta-data HTTP/1.1"],
    ["a tunnel as its wish", "", "CONNECT 169.254.169.254:80 HTTP/1.1"],
    ["no path", "", "OPTIONS * HTTP/1.1"],
    ["two hosts", "Host: localhost:3000\r\n", "GET / HTTP/1.1"],
    ["a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "POST / HTTP/1.1"],
    ["a coding behind chunks", "Transfer-Encoding: chunked, identity\r\n", "POST / HTTP/1.1"],
    ["two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n", "POST / HTTP/1.1"],
    ["a folded line", "Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n", "POST / HTTP/1.1"],
    ["a space before a colon", "Transfer-Encoding : chunked\r\n", "POST / HTTP/1.1"],
    ["a line feed alone", "X: a\nTransfer-Encoding: chunked\r\n", "POST / HTTP/1.1"],
    ["a return alone", "X: a\rTransfer-Encoding: chunked\r\n", "POST / HTTP/1.1"],
  ])("with %s reaches no container", async (_, lines, first) => {
    const container = await fixture.container((socket) => socket.end(OK));
    const answer = await fixture.exchange(await fixture.head(container.port, lines + CLOSE, first));
    expect(answer).toMatch(/^(HTTP\/1\.1 400 |$)/);
    expect(container.heard).toEqual([]);
  });

  test.each([
    "HOST.",
    "HOST:3000",
    "localhost:3000.HOST",
    "user@HOST",
    "evil.example:3000",
    "127.0.0.1:3000",
    "[::1]:3000",
    "0x7f.1",
    "localhost:3000",
    "localhost",
    ".localhost:3000",
    "PORT-SESSION.evil.example",
    "0PORT-SESSION.localhost:3000",
    "PORT-SESSION.x.localhost:3000",
    "x.PORT-SESSION.localhost:3000",
    "PORT-SESSION..localhost:3000",
    "PORT-SESSION-.localhost:3000",
    "PORT-SESSION.localhost:80",
    "PORT--SESSION.localhost:3000",
    "PORT-SESSION/.localhost:3000",
    "PORT-SESSION%00.localhost:3000",
  ])("with the host %s reaches no container, whatever it shows", async (pattern) => {
    const container = await fixture.container((socket) => socket.end(OK));
    const host = pattern
      .replace("HOST", previewHost(container.port, session, DOMAIN))
      .replace("PORT", String(container.port))
      .replace("SESSION", session);
    const cookie = await fixture.cookie(container.port);
    for (const path of ["/", "/gateway/socket.io/?EIO=4&transport=websocket", PREVIEW_ENTER_PATH]) {
      const text = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n${CLOSE}\r\n`;
      expect(await fixture.exchange(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    expect(container.heard).toEqual([]);
  });

  test("for the state of the gateway is answered under its own names only", async () => {
    for (const host of ["evil.example", "evil.example:3000", "localhost.evil.example", "x.localhost:3000"]) {
      for (const path of ["/metrics", "/healthz", "/readyz"]) {
        const answer = await fixture.exchange(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 421 /);
        expect(answer).not.toContain("slipway_");
      }
    }
  });

  test("reaches the container with who asked and for what by our word alone", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    const lines = [
      "X-Forwarded-For: 6.6.6.6, 203.0.113.9",
      "X-Forwarded-Host: forged",
      "X-Forwarded-Proto: gopher",
      "X-Forwarded-Prefix: /forged",
      "Forwarded: for=6.6.6.6",
      "X-Real-IP: 6.6.6.6",
      "Connection: X-Forwarded-For, X-Dropped, Host, close",
      "X-Dropped: 1",
      "Keep-Alive: 5",
      "Proxy-Authorization: Basic eA==",
      "TE: trailers",
      "Authorization: Bearer of-the-app",
      "",
    ].join("\r\n");
    await fixture.exchange(await fixture.head(container.port, lines));
    const host = previewHost(container.port, session, DOMAIN);
    const [, ...heard] = headOf(container.heard[0] ?? "")
      .toLowerCase()
      .split("\r\n");
    expect(heard.sort()).toEqual([
      "authorization: bearer of-the-app",
      "connection: close",
      `host: ${host}`,
      // The nearest proxy says it: the web server, on this machine.
      "x-forwarded-for: 203.0.113.9",
      `x-forwarded-host: ${host}`,
      "x-forwarded-port: 3000",
      "x-forwarded-proto: http",
    ]);
  });

  test.each<[string, string]>([
    ["a script or picture of another session", "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n"],
    ["a script of a page that hides itself", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"],
    [
      "a frame in another session's page",
      "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
    ],
    ["a read by another session's page", `Origin: http://8080-${neighbour}.${DOMAIN}\r\n`],
    ["a read by the app's page", `Origin: ${PUBLIC_URL}\r\n`],
    ["a read by a page without origin", "Origin: null\r\n"],
    ["a read by a page of another scheme", `Origin: https://8080-${session}.${DOMAIN}\r\n`],
    ["a read by a foreign page", "Origin: http://evil.example\r\n"],
  ])("that is %s is refused", async (_, lines) => {
    const container = await fixture.container((socket) => socket.end(OK));
    const answer = await fixture.exchange(await fixture.head(container.port, lines + CLOSE));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(container.heard).toEqual([]);
  });

  test("of a page of the same session, and of a person who follows a link, is taken", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    for (const lines of [
      `Origin: http://8080-${session}.${DOMAIN}\r\n`,
      `Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\nReferer: http://8080-${session}.${DOMAIN}/\r\n`,
      "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
      "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n",
    ])
      expect(await fixture.exchange(await fixture.head(container.port, lines + CLOSE))).toMatch(/ 200 OK/);
  });

  test("to ask whether it may ask shows no ticket, and gets nowhere", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    const host = previewHost(container.port, session, DOMAIN);
    const lines = `Origin: http://8080-${neighbour}.${DOMAIN}\r\nAccess-Control-Request-Method: POST\r\n`;
    const answer = await fixture.exchange(`OPTIONS / HTTP/1.1\r\nHost: ${host}\r\n${lines}${CLOSE}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.toLowerCase()).not.toContain("access-control-allow");
    expect(container.heard).toEqual([]);
  });

  test("among many planted cookies of our name still shows its ticket", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    const planted = await fixture.cookie(container.port, neighbour);
    const cookie = [...Array(15).fill(planted), await fixture.cookie(container.port)].join("; ");
    const host = previewHost(container.port, session, DOMAIN);
    const answer = await fixture.exchange(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n${CLOSE}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(container.heard[0]).not.toContain(PREVIEW_COOKIE);
  });
});

describe("connections", () => {
  test("behind a refused WebSocket carry no second request", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.example\r\n";
    const second = await fixture.head(container.port, CLOSE, "GET /second HTTP/1.1");
    const answer = await fixture.exchange((await fixture.head(container.port, upgrade)) + second);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(container.heard).toEqual([]);
  });

  test("behind a WebSocket that the app refuses carry no second request", async () => {
    const container = await fixture.container((socket) => socket.end(`${OK}HTTP/1.1 200 OK\r\n\r\n`));
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const second = await fixture.head(container.port, CLOSE, "GET /second HTTP/1.1");
    const answer = await fixture.exchange((await fixture.head(container.port, upgrade)) + second);
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n(.*\r\n)?\r\nhello$/is);
    expect(container.heard).toHaveLength(1);
    expect(container.heard[0]).not.toContain("/second");
  });

  test("that ask for another protocol are refused and not left hanging", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    const answer = await fixture.exchange(
      await fixture.head(container.port, "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(container.heard).toEqual([]);
  });

  test("to a container that breaks off or hangs end, also when the browser gives up first", async () => {
    const container = await fixture.container((socket, first) => {
      if (first.includes("/reset")) socket.resetAndDestroy();
    });
    const reset = await fixture.exchange(await fixture.head(container.port, CLOSE, "GET /reset HTTP/1.1"));
    expect(reset).toMatch(/^HTTP\/1\.1 502 /);
    const waiting = fixture.send(await fixture.head(container.port, CLOSE, "GET /hang HTTP/1.1"));
    await expect.poll(() => container.sockets.size).toBe(1);
    waiting.socket.destroy();
    await expect.poll(() => container.sockets.size).toBe(0);
  });

  test("of a WebSocket end together, whichever end goes first", async () => {
    const container = await fixture.container((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    );
    const open = async () => {
      const lines = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
      const browser = fixture.send(await fixture.head(container.port, lines));
      await expect.poll(() => browser.text).toContain(" 101 ");
      return browser;
    };
    const first = await open();
    first.socket.resetAndDestroy();
    await expect.poll(() => container.sockets.size).toBe(0);
    const second = await open();
    for (const socket of container.sockets) socket.resetAndDestroy();
    await second.ended();
  });

  test("of a session are bounded, and those beyond say so", async () => {
    const container = await fixture.container((socket, first) => {
      if (first.includes("/after")) socket.end(OK);
    });
    const head = await fixture.head(container.port, "", "GET /hold HTTP/1.1");
    const held = Array.from({ length: CONNECTIONS_PER_SESSION }, () => fixture.send(head));
    await expect.poll(() => container.heard.length).toBe(CONNECTIONS_PER_SESSION);
    expect(await fixture.exchange(await fixture.head(container.port, CLOSE))).toMatch(/^HTTP\/1\.1 429 /);
    for (const one of held) one.socket.destroy();
    await expect.poll(() => container.sockets.size).toBe(0);
    const after = await fixture.head(container.port, CLOSE, "GET /after HTTP/1.1");
    expect(await fixture.exchange(after)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("a session that ends", () => {
  const owners = [session, neighbour];
  afterEach(() => {
    for (const id of owners) fixture.addresses.set(id, "127.0.0.1");
  });

  test("takes its open requests and WebSockets with it", async () => {
    const container = await fixture.container((socket, first) =>
      socket.write(
        first.includes("Upgrade")
          ? "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
          : "HTTP/1.1 200 OK\r\n\r\nfirst",
      ),
    );
    const request = fixture.send(await fixture.head(container.port, CLOSE));
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const tunnel = fixture.send(await fixture.head(container.port, upgrade));
    await expect.poll(() => request.text.includes("first") && tunnel.text.includes(" 101 ")).toBe(true);
    fixture.addresses.delete(session);
    fixture.gateway.sessionEnds(session);
    await Promise.all([request.ended(), tunnel.ended()]);
    await expect.poll(() => container.sockets.size).toBe(0);
    const gone = await fixture.exchange(await fixture.head(container.port, CLOSE));
    expect(gone).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("sends no byte to whoever has its address when the connection opens", async () => {
    const container = await fixture.container((socket) => socket.end(OK));
    // The lookup is done in the turn in which the connection begins; it opens in a later one.
    let looks = 0;
    const { addresses } = fixture;
    const get = addresses.get.bind(addresses);
    addresses.get = (id) => {
      if (id !== session) return get(id);
      looks += 1;
      return looks === 1 ? "127.0.0.1" : "127.0.0.2";
    };
    try {
      const head = await fixture.head(container.port, `${CLOSE}Content-Length: 6\r\n`, "POST / HTTP/1.1");
      expect(await fixture.exchange(`${head}secret`)).toMatch(/^HTTP\/1\.1 404 /);
    } finally {
      addresses.get = get;
    }
    expect(looks).toBe(2);
    expect(container.heard).toEqual([]);
  });
});
