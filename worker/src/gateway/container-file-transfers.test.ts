import { request as httpRequest } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { encodeContainerPath, filesPath, MAX_UPLOAD_BYTES, SlipwayError } from "@slipway/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ContainerDownload, ContainerFiles } from "../session/files/container-files.ts";
import { readQuery } from "./container-file-transfers.ts";
import { GatewayFixture, neighbour, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const HOSTILE = '/x/a"\r\nset-cookie: b=1;<b>한\udcff';

let fixture: GatewayFixture;
let done: string[];
let download: () => Promise<ContainerDownload>;

beforeEach(async () => {
  done = [];
  download = async () => ({
    kind: "file",
    name: HOSTILE,
    sizeBytes: 2,
    content: Readable.from([Buffer.from("ok")]),
  });
  const files: ContainerFiles = {
    list: async (path) => {
      done.push(`list ${path}`);
      return { path, entries: [], cut: false };
    },
    read: () => download(),
    write: async (path, content, { sizeBytes, maxBytes }) => {
      const bytes = await buffer(content);
      done.push(`write ${path} ${bytes} ${sizeBytes} ${maxBytes}`);
    },
    makeDirectory: async (path) => void done.push(`make ${path}`),
  };
  fixture = await GatewayFixture.open({
    containers: {
      containerFiles: (id) => {
        if (id === session) return files;
        throw new SlipwayError("session-not-running", "It is over.");
      },
      currentDirectory: async (_id, terminal) => `/where/${terminal}/is`,
    },
  });
});
afterEach(() => fixture.close());

async function ask(query: string, init: RequestInit = {}, grant: object = { right: "files", session }) {
  const ticket = await fixture.tickets.sign(grant as Parameters<typeof fixture.tickets.sign>[0]);
  return await fetch(`http://127.0.0.1:${fixture.port}${filesPath(session)}${query}`, {
    ...init,
    headers: { authorization: `Bearer ${ticket}`, ...init.headers },
  });
}

test("files need a ticket for the files of this very session", async () => {
  const grants = [
    { right: "files", session: neighbour },
    { right: "export", session },
    { right: "terminal", session, terminal: "terminal1", role: "drive" },
    { right: "port", session, port: 80 },
  ];
  for (const grant of grants) {
    for (const init of [{}, { method: "PUT", body: "x" }]) {
      const answer = await ask("?path=/etc/passwd", init, grant);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: "ticket-invalid" } });
    }
  }
  expect(done).toEqual([]);
});

test("a listing is of the path that was asked for, or of where a terminal is", async () => {
  const path = "/a b/한/%41&path=x\udcff";
  expect(await (await ask(`?path=${encodeContainerPath(path)}`)).json()).toMatchObject({ path });
  expect(await (await ask("?terminal=terminal1")).json()).toMatchObject({ path: "/where/terminal1/is" });
  expect(readQuery("a=%zz%4&b&c=%00").get("a")).toBe("%zz%4");
});

test("a download is a file to save whatever its name is, and a browser shows nothing of it", async () => {
  const answer = await ask("?path=/x&download");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(answer.headers.get("content-disposition")).toMatch(
    /^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.%!~-]+$/,
  );
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "content-length": "2",
  });
  expect(await answer.text()).toBe("ok");
  expect((await ask("?path=/x&download&check")).status).toBe(204);
  download = () => Promise.reject(new SlipwayError("download-too-large", "Too much."));
  expect((await ask("?path=/x&download&check")).status).toBe(413);
});

test("an upload comes to its path as it is, and says how long it is before", async () => {
  expect((await ask("?path=/up/%FF", { method: "PUT", body: "bytes" })).status).toBe(204);
  expect((await ask("?path=/dir&directory", { method: "PUT" })).status).toBe(204);
  expect(done).toEqual([`write /up/\udcff bytes 5 ${MAX_UPLOAD_BYTES}`, "make /dir"]);
  const endless = await ask("?path=/x", {
    method: "PUT",
    body: Readable.toWeb(Readable.from([Buffer.from("?")])) as ReadableStream,
    duplex: "half",
  } as RequestInit);
  expect(endless.status).toBe(400);
  expect((await ask("", { method: "PUT", body: "x" })).status).toBe(400);
  expect((await ask("?path=/x", { method: "POST", body: "x" })).status).toBe(400);
});

test("what goes on with a session ends with it, and gives its place to others", async () => {
  const content = new PassThrough();
  download = async () => ({ kind: "tar", name: "t", sizeBytes: null, content });
  content.write("half");
  const answer = await ask("?path=/t&download");
  const ticket = await fixture.tickets.sign({ right: "files", session });
  const upload = httpRequest({
    port: fixture.port,
    path: `${filesPath(session)}?path=/x`,
    method: "PUT",
    headers: { authorization: `Bearer ${ticket}`, "content-length": 100 },
  });
  const broken = new Promise((resolve) => upload.on("error", resolve).on("response", resolve));
  upload.write("some");
  for (let more = 0; more < 2; more += 1) void ask("?path=/t&download").catch(() => {});
  await expect.poll(async () => (await ask("?path=/")).status).toBe(429);
  fixture.gateway.sessionEnds(session);
  await expect(answer.text()).rejects.toThrow();
  await broken;
  expect(content.destroyed).toBe(true);
  await expect.poll(async () => (await ask("?path=/")).status).toBe(200);
  expect(done.filter((line) => line.startsWith("write"))).toEqual([]);
});
