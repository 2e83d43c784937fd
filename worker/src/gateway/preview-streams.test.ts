import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { previewHost } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DOMAIN, GatewayFixture, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const CLOSE = "Connection: close\r\n";
const MIB = 1024 * 1024;
/** More than all buffers between a container and a browser hold, those of the kernel included. */
const FLOOD_BYTES = 128 * MIB;
/** What those buffers may hold at most; without back-pressure all of the flood would be in them. */
const BUFFERED_BYTES = 48 * MIB;
const CHUNK = Buffer.alloc(256 * 1024, "slipway");

let fixture: GatewayFixture;

beforeAll(async () => {
  fixture = await GatewayFixture.open();
});
afterAll(() => fixture.close());

/** Writes so much, as fast as the other side takes it, and tells how much of it is on its way. */
function pour(socket: Socket, bytes: number): { written: () => number } {
  let written = 0;
  const more = () => {
    while (written < bytes && !socket.destroyed) {
      written += CHUNK.length;
      if (!socket.write(CHUNK)) return;
    }
  };
  socket.on("drain", more);
  more();
  return { written: () => written };
}

/** Waits until a number stays the same. */
async function settled(value: () => number): Promise<number> {
  for (let last = -1; ; await sleep(300)) {
    if (value() === last && last > 0) return last;
    last = value();
  }
}

test("events arrive when they are sent, not when the answer ends", async () => {
  let container: Socket | null = null;
  const { port } = await fixture.container((socket) => {
    container = socket;
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 0\n\n");
  });
  const browser = fixture.send(await fixture.head(port, "Accept: text/event-stream\r\n"));
  for (const number of [0, 1, 2]) {
    await expect.poll(() => browser.text).toContain(`data: ${number}\n\n`);
    (container as Socket | null)?.write(`data: ${number + 1}\n\n`);
  }
  browser.socket.destroy();
});

test("a download waits in the container when the browser reads no more, and is whole in the end", async () => {
  let download = { written: () => 0 };
  const { port } = await fixture.container((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${FLOOD_BYTES}\r\n\r\n`);
    download = pour(socket, FLOOD_BYTES);
  });
  const asked = request({
    port: fixture.port,
    host: "127.0.0.1",
    headers: { host: previewHost(port, session, DOMAIN), cookie: await fixture.cookie(port) },
  });
  const received = new Promise<number>((resolve, reject) => {
    asked.on("error", reject).on("response", async (response) => {
      const stopped = await settled(download.written);
      expect(stopped).toBeLessThan(BUFFERED_BYTES);
      let bytes = 0;
      response.on("data", (data: Buffer) => {
        bytes += data.length;
      });
      response.on("end", () => resolve(bytes));
    });
  });
  asked.end();
  expect(await received).toBe(FLOOD_BYTES);
});

test("an upload waits in the browser when the container reads no more, and is whole in the end", async () => {
  let container: Socket | null = null;
  let bytes = 0;
  const { port } = await fixture.container((socket, first) => {
    socket.pause();
    container = socket;
    bytes = first.length - first.indexOf("\r\n\r\n") - 4;
  });
  const browser = fixture.send(
    await fixture.head(port, `${CLOSE}Content-Length: ${FLOOD_BYTES}\r\n`, "PUT / HTTP/1.1"),
  );
  const upload = pour(browser.socket, FLOOD_BYTES);
  expect(await settled(upload.written)).toBeLessThan(BUFFERED_BYTES);
  const slow = container as Socket | null;
  slow?.on("data", (data: Buffer) => {
    bytes += data.length;
    if (bytes >= FLOOD_BYTES) slow.end("HTTP/1.1 204 No Content\r\n\r\n");
  });
  slow?.resume();
  expect(await browser.ended()).toMatch(/^HTTP\/1\.1 204 /);
  expect(bytes).toBe(FLOOD_BYTES);
});

test("an answer before the end of an upload reaches the browser", async () => {
  const { port } = await fixture.container((socket) =>
    socket.end("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),
  );
  const browser = fixture.send(
    await fixture.head(port, `${CLOSE}Content-Length: ${4 * MIB}\r\n`, "POST / HTTP/1.1"),
  );
  await expect.poll(() => browser.text).toMatch(/^HTTP\/1\.1 413 .*\r\n\r\nno$/s);
  pour(browser.socket, 4 * MIB);
  expect(await browser.ended()).toMatch(/no$/);
});

test("a browser that asks whether to go on is told so, and the container not asked", async () => {
  const { port, heard } = await fixture.container((socket, first) => {
    const answer = () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (first.endsWith("hello")) answer();
    else socket.once("data", answer);
  });
  const browser = fixture.send(
    await fixture.head(port, `${CLOSE}Expect: 100-continue\r\nContent-Length: 5\r\n`, "POST / HTTP/1.1"),
  );
  await expect.poll(() => browser.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  browser.socket.write("hello");
  expect(await browser.ended()).toMatch(/\r\n\r\nok$/);
  expect(heard.join("").toLowerCase()).not.toContain("expect");
});

test("answers without a body leave the connection to the next request", async () => {
  const { port } = await fixture.container((socket, first) => {
    const path = first.split(" ")[1];
    const answers: Record<string, string> = {
      "/head": "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
      "/none": "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
      "/same": 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 1000\r\n\r\n',
      "/old": "HTTP/1.0 200 OK\r\n\r\nold",
      "/last": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlast\r\n0\r\nX-Trailer: 1\r\n\r\n",
    };
    socket.end(answers[path ?? ""] ?? "");
  });
  const heads = [
    await fixture.head(port, "", "HEAD /head HTTP/1.1"),
    await fixture.head(port, "", "GET /none HTTP/1.1"),
    await fixture.head(port, "", "GET /same HTTP/1.1"),
    await fixture.head(port, "", "GET /old HTTP/1.1"),
    await fixture.head(port, CLOSE, "GET /last HTTP/1.1"),
  ];
  const answers = (await fixture.exchange(heads.join(""))).split(/(?=HTTP\/1\.1 )/);
  expect(answers.map((answer) => answer.split(" ")[1])).toEqual(["200", "204", "304", "200", "200"]);
  expect(answers[0]).toMatch(/content-length: 1000\r\n.*\r\n\r\n$/is);
  expect(answers[2]).toMatch(/etag: "1"/i);
  expect(answers[3]).toMatch(/\r\n\r\n3\r\nold\r\n0\r\n\r\n$/);
  // Trailers may be left out on the way (RFC 9110 section 6.5.1).
  expect(answers[4]).toMatch(/\r\n\r\n4\r\nlast\r\n0\r\n\r\n$/);
});

test("a browser of HTTP/1.0 gets a body to the end of the connection", async () => {
  const { port } = await fixture.container((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
  );
  const answer = await fixture.exchange(await fixture.head(port, "", "GET / HTTP/1.0"));
  expect(answer).toMatch(/\r\n\r\nhello$/);
  expect(answer.toLowerCase()).not.toContain("transfer-encoding");
});

test("browsers that send headers drop by drop are in nobody's way", async () => {
  const { port } = await fixture.container((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
  );
  const slow = Array.from({ length: 300 }, () => fixture.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "));
  for (const { socket } of slow) socket.write("x");
  expect(await fixture.exchange(await fixture.head(port, CLOSE))).toMatch(/\r\n\r\nok$/);
  for (const { socket } of slow) socket.destroy();
});

test("a container that answers drop by drop is in nobody's way", async () => {
  const dripping = await fixture.container((socket) => socket.write("HTTP/1.1 200 OK\r\nX-Slow: x"));
  const { port } = await fixture.container((socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
  );
  const head = await fixture.head(dripping.port);
  const slow = Array.from({ length: 100 }, () => fixture.send(head));
  await expect.poll(() => dripping.sockets.size).toBe(100);
  expect(await fixture.exchange(await fixture.head(port, CLOSE))).toMatch(/\r\n\r\nok$/);
  for (const { socket } of slow) socket.destroy();
  await expect.poll(() => dripping.sockets.size).toBe(0);
});

test("a WebSocket carries bytes of any kind both ways, with what was sent before the switch", async () => {
  const early = randomBytes(1_000).toString("latin1");
  const { port } = await fixture.container((socket, first) => {
    const sent = first.split("\r\n\r\n").slice(1).join("\r\n\r\n");
    socket.setEncoding("latin1");
    socket.write("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "latin1");
    socket.write(Buffer.from(sent));
    socket.on("data", (data) => socket.write(data, "latin1"));
  });
  const lines = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const browser = fixture.send((await fixture.head(port, lines)) + early);
  await expect.poll(() => browser.text).toContain(" 101 ");
  await expect.poll(() => browser.text.endsWith(early)).toBe(true);
  const late = randomBytes(100_000).toString("latin1");
  browser.socket.write(late, "latin1");
  await expect.poll(() => browser.text.endsWith(late)).toBe(true);
  browser.socket.destroy();
});
