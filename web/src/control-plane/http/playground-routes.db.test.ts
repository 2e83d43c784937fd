import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, openStage, type Stage } from "../test-stage.ts";
import { PlaygroundRoutes } from "./playground-routes.ts";

let stage: Stage;
let server: Server;
let caller: Caller;
/** Who asks: in the place of a cookie. */
const people = new Map<string, Awaited<ReturnType<Stage["enter"]>>>();

beforeAll(async () => {
  stage = await openStage();
  const { services } = stage.controlPlane;
  for (const who of ["owner", "stranger"]) people.set(who, await stage.enter());
  caller = stage.as(people.get("owner") ?? null);
  const accounts = {
    ...services.accounts,
    identify: async ({ cookie }: { cookie?: string }) => people.get(cookie ?? "") ?? null,
  };
  const routes = new PlaygroundRoutes({ services: { ...services, accounts }, database: stage.database });
  server = createServer((request, response) => {
    routes.request(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  server?.close();
  await stage?.close();
});

const ask = (path: string, init: RequestInit & { as?: string } = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/playgrounds/${path}`, {
    ...init,
    headers: { cookie: init.as ?? "owner" },
  });
const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { data: { slipway: { code: string } } } }).error.data.slipway.code;

const BYTES = Uint8Array.from({ length: 1000 }, (_, n) => (n * 7) % 256);
const upload = (id: string, files: Parameters<typeof zipSync>[0], into = "", as = "owner") =>
  ask(`${id}/zip?into=${encodeURIComponent(into)}`, {
    method: "POST",
    body: zipSync(files) as Uint8Array<ArrayBuffer>,
    as,
  });

test("what goes in as a zip comes out as a zip, bytes, empty folders and all", async () => {
  const { id } = await caller.playground.create({});
  const answer = await upload(id, { "tool.bin": BYTES, "empty/": new Uint8Array() }, "in/here");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ result: { data: { files: 1, skipped: [] } } });
  const response = await ask(`${id}/zip`);
  expect(response.headers.get("content-disposition")).toContain('filename="node.zip"');
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  expect(Object.keys(files).sort()).toEqual(
    ["Dockerfile", "app.js", "in/", "in/here/", "in/here/empty/", "in/here/tool.bin"].sort(),
  );
  expect(Buffer.from(files["in/here/tool.bin"] ?? [])).toEqual(Buffer.from(BYTES));
  expect(Buffer.from(files.Dockerfile ?? []).toString()).toMatch(/^FROM node/);
});

test("one file comes as it is, and never as something that a browser would show", async () => {
  const { id } = await caller.playground.create({});
  await upload(id, { 'evil".html': new TextEncoder().encode("<script>alert(1)</script>") });
  const response = await ask(`${id}/file?path=${encodeURIComponent('evil".html')}`);
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  expect(response.headers.get("content-disposition")).toBe(
    "attachment; filename=\"evil_.html\"; filename*=UTF-8''evil%22.html",
  );
  expect(await response.text()).toContain("alert");
  expect((await ask(`${id}/file?path=absent`)).status).toBe(404);
  expect((await ask(`${id}/file?path=..%2Fx`)).status).toBe(400);
});

test("a stranger, and who has not entered, gets nothing and changes nothing", async () => {
  const { id } = await caller.playground.create({});
  for (const [as, status] of [
    ["stranger", 404],
    ["nobody", 401],
  ] as const) {
    expect((await ask(`${id}/zip`, { as })).status).toBe(status);
    expect((await ask(`${id}/file?path=Dockerfile`, { as })).status).toBe(status);
    expect((await upload(id, { planted: BYTES }, "", as)).status).toBe(status);
  }
  expect((await caller.playground.get({ id })).files).toHaveLength(2);
  expect((await ask(`pabsent00/zip`)).status).toBe(404);
});

test("an upload that is too large or no zip is refused with a code, and changes nothing", async () => {
  const { id } = await caller.playground.create({});
  const send = (body: Uint8Array<ArrayBuffer>) => ask(`${id}/zip`, { method: "POST", body });
  expect(await codeOf(await send(new Uint8Array(10)))).toBe("archive-invalid");
  const large = new Uint8Array(40 * 1024 * 1024);
  // The server does not wait for what it will not take: a client sees its answer or a broken connection.
  const refusal = await send(large).then(codeOf, () => "broken");
  expect(refusal).toMatch(/files-too-large|broken/);
  expect((await caller.playground.get({ id })).files).toHaveLength(2);
});
