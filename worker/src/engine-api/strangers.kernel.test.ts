import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestMachine } from "../session/test-machine.ts";
import { TestEngine } from "./engine-fixture.ts";

/* What one session has is nothing to another one, and who is slow or goes away harms nobody. */

const MIB = 1024 * 1024;
const LOG_BYTES = 40 * MIB;
const PATIENCE = { headMs: 500, bodyMs: 500, lookMs: 100 };
let machine: TestMachine;
let engine: TestEngine;
let other: TestEngine;
beforeAll(async () => {
  machine = await TestMachine.make();
  engine = await TestEngine.launch(machine, { patience: PATIENCE });
  other = await TestEngine.launch(machine);
  for (const one of [engine, other]) await one.docker(["tag", "playground", "busybox"]);
});
afterAll(async () => {
  await engine.end();
  await other.end();
  expect(await machine.leftOvers()).toEqual([]);
  await machine.dispose();
});

interface Theirs {
  readonly container: string;
  readonly image: string;
  readonly exec: string;
  readonly network: string;
}

async function makeTheirs(): Promise<Theirs> {
  const said = async (...args: string[]) => (await other.docker(args)).stdout.trim();
  const container = await said(
    "run",
    "-d",
    "--name",
    "theirs",
    "-v",
    "theirs-data:/data",
    "busybox",
    "sleep",
    "99",
  );
  const image = await said("commit", "-m", "theirs", "theirs", "theirs-image");
  const network = await said("network", "create", "theirs-net");
  const made = await other.ask("POST", `/containers/${container}/exec`, { Cmd: ["true"] });
  return { container, image, exec: (JSON.parse(made.text) as { Id: string }).Id, network };
}

function requestsFor({ container, image, exec, network }: Theirs): [string, string, object?][] {
  const id = encodeURIComponent(image);
  const ofContainer = (name: string): [string, string, object?][] => [
    ...["json", "top", "changes", "export", "stats?stream=0", "logs?stdout=1&follow=1", "archive?path=/"].map(
      (what): [string, string] => ["GET", `/containers/${name}/${what}`],
    ),
    ["HEAD", `/containers/${name}/archive?path=/`],
    ["PUT", `/containers/${name}/archive?path=/`],
    ...[
      "start",
      "stop",
      "restart",
      "kill",
      "pause",
      "unpause",
      "wait",
      "resize?h=9&w=9",
      "rename?name=x",
    ].map((what): [string, string] => ["POST", `/containers/${name}/${what}`]),
    ["POST", `/containers/${name}/attach?stream=1&stdout=1&logs=1`],
    ["POST", `/containers/${name}/update`, { Memory: 64 * MIB }],
    ["POST", `/containers/${name}/exec`, { Cmd: ["true"] }],
    ["POST", `/commit?container=${name}`],
    ["DELETE", `/containers/${name}?force=1`],
    ["POST", "/containers/create", { Image: "busybox", HostConfig: { NetworkMode: `container:${name}` } }],
    ["POST", "/containers/create", { Image: "busybox", HostConfig: { VolumesFrom: [name] } }],
    ["POST", "/networks/bridge/connect", { Container: name }],
  ];
  const ofImage = (name: string): [string, string, object?][] => [
    ...["json", "history", "get"].map((what): [string, string] => ["GET", `/images/${name}/${what}`]),
    ["GET", `/images/get?names=${name}`],
    ["POST", `/images/${name}/tag?repo=mine`],
    ["DELETE", `/images/${name}?force=1`],
    ["POST", "/containers/create", { Image: decodeURIComponent(name) }],
  ];
  return [
    ...[container, container.slice(0, 12), "theirs"].flatMap(ofContainer),
    ...[id, image.slice("sha256:".length, "sha256:".length + 12), "theirs-image"].flatMap(ofImage),
    ["POST", "/images/theirs-image/push"],
    ["POST", `/exec/${exec}/start`, {}],
    ["POST", `/exec/${exec}/resize?h=9&w=9`],
    ["GET", `/exec/${exec}/json`],
    ...[network, "theirs-net"].flatMap((name): [string, string, object?][] => [
      ["GET", `/networks/${name}`],
      ["DELETE", `/networks/${name}`],
      ["POST", `/networks/${name}/connect`, { Container: container }],
      ["POST", `/networks/${name}/disconnect`, { Container: container }],
      ["POST", "/containers/create", { Image: "busybox", HostConfig: { NetworkMode: name } }],
    ]),
    ["GET", "/volumes/theirs-data"],
    ["DELETE", "/volumes/theirs-data?force=0"],
  ];
}

test("what another session has is 404 by every id and name, changes nothing, and is in no list, event or sum", async () => {
  const before = Math.floor(Date.now() / 1_000);
  const theirs = await makeTheirs();
  for (const [method, path, body] of requestsFor(theirs)) {
    expect([method, path, (await engine.ask(method, path, body)).status]).toEqual([method, path, 404]);
  }
  const now = Math.floor(Date.now() / 1_000) + 1;
  const lists = [
    "/containers/json?all=1",
    "/images/json?all=1",
    "/networks",
    "/volumes",
    "/system/df",
    "/info",
  ];
  for (const path of [...lists, `/events?since=${before - 60}&until=${now}`]) {
    const said = (await engine.ask("GET", path)).text;
    for (const word of [...Object.values(theirs), "theirs"])
      expect([path, said.includes(word)]).toEqual([path, false]);
  }
  for (const what of ["containers", "images", "volumes", "networks"]) {
    expect((await engine.ask("POST", `/${what}/prune`)).status).toBe(200);
  }
  expect((await other.docker(["exec", "theirs", "echo", "lives"])).stdout).toBe("lives\n");
  expect((await other.docker(["inspect", "theirs-image", "theirs-net", "theirs-data"])).exitCode).toBe(0);
});

/** Sends this much of a request, and hears what comes until the other side ends it. */
async function unfinished(start: string): Promise<string> {
  const socket = connect({ path: engine.socket, allowHalfOpen: true });
  socket.on("error", () => {});
  socket.write(start);
  const said = await text(socket);
  socket.destroy();
  return said;
}

test("heads and bodies that never come to their end are given up, byte by byte as well, and others are served", async () => {
  const body = "Host: d\r\nContent-Type: application/json\r\nContent-Length: 900\r\n";
  const given = Promise.all([
    unfinished("GET /_ping HTTP/1.1\r\nHost: d\r\nX-Slow: "),
    unfinished(`POST /containers/create HTTP/1.1\r\n${body}\r\n{"Image":`),
    unfinished(`POST /exec/x/start HTTP/1.1\r\n${body}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n{`),
  ]);
  const drip = connect(engine.socket);
  drip.on("error", () => {}).write(`POST /volumes/create HTTP/1.1\r\n${body}\r\n`);
  const dripping = setInterval(() => drip.write(" "), 20);
  const dripped = once(drip.resume(), "close");
  expect((await engine.docker(["run", "--rm", "busybox", "echo", "served"])).stdout).toBe("served\n");
  for (const said of await given) expect(said).toMatch(/^HTTP\/1\.1 408 /);
  await dripped;
  clearInterval(dripping);
});

/** A client that asks and reads nothing of what comes. */
async function deaf(method: string, path: string, upgrade = false): Promise<Socket> {
  const socket = connect(engine.socket);
  socket.on("error", () => {}).pause();
  const more = upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "";
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: d\r\n${more}\r\n`);
  return socket;
}

/** What an answer has, frames included, without keeping it. */
async function bytesOf(path: string): Promise<number> {
  const asked = httpRequest({ socketPath: engine.socket, path }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.byteLength;
  return bytes;
}

/** What this process, which is the worker, holds in memory when all garbage is gone. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("clients that read nothing of a long log, an attachment, an archive or events cost no memory, and leave nothing", async () => {
  const talk = `yes 0123456789abcdef | head -c ${LOG_BYTES}; sleep 1000`;
  await engine.docker(["run", "-d", "--name", "long", "busybox", "sh", "-c", talk]);
  const all = async () => (await bytesOf("/containers/long/logs?stdout=1")) > LOG_BYTES;
  await machine.until("all of it is in the log", all);
  const before = heldBytes();
  const sockets = await Promise.all([
    deaf("GET", "/containers/long/logs?stdout=1"),
    deaf("GET", "/containers/long/logs?stdout=1&follow=1&timestamps=1"),
    deaf("POST", "/containers/long/attach?stream=1&stdout=1&logs=1", true),
    deaf("POST", "/containers/long/attach?stream=1&stdout=1&logs=1"),
    deaf("GET", "/containers/long/export"),
    deaf("GET", "/events?since=1"),
  ]);
  // Whoever reads the same meanwhile gets all of it; by then the others would have it in memory.
  expect(await all()).toBe(true);
  expect((heldBytes() - before) / MIB).toBeLessThan(LOG_BYTES / MIB / 2);
  for (const socket of sockets) socket.destroy();
  await engine.docker(["rm", "-f", "long"]);
  expect(engine.host.containers.list()).toEqual([]);
});

test("clients that vanish before a start and in the middle of an upload leave a container as it is, and nothing else", async () => {
  await engine.docker(["create", "--name", "quiet", "busybox", "sh", "-c", "echo said; exit 4"]);
  for (let count = 0; count < 20; count++) {
    const socket = await deaf("POST", "/containers/quiet/attach?stream=1&stdout=1&stdin=1", true);
    await once(socket.resume(), "data");
    socket.destroy();
  }
  const begun = (method: string, path: string) => {
    const asked = httpRequest({ socketPath: engine.socket, method, path });
    asked.on("error", () => {});
    return new Promise<ClientRequest>((resolve) => asked.write(Buffer.alloc(MIB, 1), () => resolve(asked)));
  };
  const uploads = ["/images/load", "/build", "/images/create?fromSrc=-"].map((path) => begun("POST", path));
  for (const asked of await Promise.all(uploads)) asked.destroy();
  expect((await engine.docker(["start", "-a", "quiet"])).exitCode).toBe(4);
  const reply = await engine.ask("GET", "/images/json?all=1");
  expect((JSON.parse(reply.text) as object[]).length).toBe(1);
});

test("half a connection that is closed still hears its answer", async () => {
  const asked = httpRequest({ socketPath: engine.socket, method: "POST", path: "/containers/quiet/wait" });
  asked.end();
  asked.on("socket", (socket) => socket.on("connect", () => socket.end()));
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  expect(await text(response)).toBe('{"StatusCode":4}\n');
});
