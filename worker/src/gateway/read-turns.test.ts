import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReadTurns } from "./read-turns.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const CHUNK = Buffer.alloc(256 * 1024, "x");
let server: Server;
const sockets = new Set<Socket>();

/** Writes for as long as somebody reads. */
beforeEach(async () => {
  server = createServer((socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(CHUNK));
    };
    socket.on("error", () => {}).on("drain", pour);
    sockets.add(socket);
    pour();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
});

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.add(socket);
  await once(socket, "connect");
  return socket;
}

test("however many sockets are full, few are read in one turn of the event loop", async () => {
  const turns = new ReadTurns();
  let reads = 0;
  for (let count = 0; count < 20; count++) {
    const socket = await open();
    socket.on("data", () => {
      reads += 1;
    });
    turns.add("a", socket);
  }
  // Each has its first read when it likes.
  await expect.poll(() => reads).toBeGreaterThan(40);
  const perTurn: number[] = [];
  for (let turn = 0; turn < 300; turn++) {
    const before = reads;
    await new Promise((resolve) => setImmediate(resolve));
    perTurn.push(reads - before);
  }
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(4);
});

test("a session with one full socket is read as often as one with many", async () => {
  const turns = new ReadTurns();
  const reads = { many: 0, one: 0 };
  const add = async (session: "many" | "one") => {
    const socket = await open();
    socket.on("data", () => {
      reads[session] += 1;
    });
    turns.add(session, socket);
  };
  for (let count = 0; count < 20; count++) await add("many");
  await add("one");
  const before = { ...reads };
  await expect.poll(() => reads.many - before.many).toBeGreaterThan(400);
  expect(reads.one - before.one).toBeGreaterThan(200);
});

test("a socket that its reader has paused stays paused", async () => {
  const turns = new ReadTurns();
  const socket = await open();
  let reads = 0;
  socket.on("data", () => {
    reads += 1;
    if (reads === 5) socket.pause();
  });
  turns.add("a", socket);
  await expect.poll(() => reads).toBe(5);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBe(5);
  socket.resume();
  await expect.poll(() => reads).toBeGreaterThan(10);
});
