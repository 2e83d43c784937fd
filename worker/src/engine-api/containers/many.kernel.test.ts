import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { MAX_SESSION_CONTAINERS } from "../../session/containers/session-containers.ts";
import { BODY_BYTES } from "../request-body.ts";
import { sharedEngine } from "../shared-engine-fixture.ts";

const shared = sharedEngine();
const create = (more: object = {}) =>
  shared.engine.ask("POST", "/containers/create", { Image: "busybox", Cmd: ["sleep", "1000"], ...more });

/** What the kernel says, by the first or the second version of control groups. */
async function isFrozen(cgroup: string): Promise<boolean> {
  const first = await readFile(`/sys/fs/cgroup/freezer${cgroup}/freezer.state`, "utf8").catch(() => null);
  if (first !== null) return first === "FROZEN\n";
  return (await readFile(`/sys/fs/cgroup${cgroup}/cgroup.freeze`, "utf8")) === "1\n";
}

test("containers share the volumes of another one, and stand still with their session", async () => {
  await shared.engine.docker([
    "run",
    "-d",
    "--name",
    "first",
    "-v",
    "shared:/data",
    "busybox",
    "sleep",
    "1000",
  ]);
  await shared.engine.docker(["exec", "first", "touch", "/data/seen"]);
  const from = (mode: string, ...command: string[]) =>
    shared.engine.docker(["run", "--rm", "--volumes-from", `first${mode}`, "busybox", ...command]);
  expect((await from("", "ls", "/data")).stdout).toBe("seen\n");
  expect((await from(":ro", "touch", "/data/more")).stderr).toContain("Read-only file system");
  expect((await create({ HostConfig: { VolumesFrom: ["nobody"] } })).status).toBe(404);
  expect((await create({ HostConfig: { VolumesFrom: ["first:odd"] } })).status).toBe(400);

  const { cgroup } = shared.engine.host.containers.find("first").running?.container ?? {};
  await shared.engine.sessions.pause(shared.engine.request.sessionId, true);
  expect(await isFrozen(cgroup ?? "")).toBe(true);
  await shared.engine.sessions.pause(shared.engine.request.sessionId, false);
  expect(await isFrozen(cgroup ?? "")).toBe(false);
  await shared.engine.docker(["rm", "-f", "first"]);
});

test("fifty containers run in one session, and more than its limit are refused with a sentence", async () => {
  const ids: string[] = [];
  for (let made = 0; made < MAX_SESSION_CONTAINERS; made++) ids.push(JSON.parse((await create()).text).Id);
  const refused = await create();
  expect([refused.status, refused.text]).toEqual([
    409,
    expect.stringContaining(`has ${MAX_SESSION_CONTAINERS} containers`),
  ]);
  const started = await Promise.all(
    ids.slice(0, 50).map((id) => shared.engine.ask("POST", `/containers/${id}/start`)),
  );
  expect(started.map(({ status, text: said }) => `${status} ${said}`)).toEqual(Array(50).fill("204 "));
  expect(JSON.parse((await shared.engine.ask("GET", "/containers/json")).text)).toHaveLength(50);
});

test("what is no request is refused, and a client that goes away halfway harms nobody", async () => {
  for (const body of ["{", "[]", '"text"', '{"Cmd":7}', '{"HostConfig":{"Memory":"much"}}']) {
    expect((await shared.engine.ask("POST", "/containers/create", body)).status).toBe(400);
  }
  expect(
    (await shared.engine.ask("POST", "/containers/create", Buffer.alloc(BODY_BYTES + 1, 32))).status,
  ).toBe(413);
  expect((await shared.engine.ask("GET", "/containers/json?filters=%7B")).status).toBe(400);
  const raw = async (lines: string) => {
    const socket = connect(shared.engine.socket);
    socket.end(lines);
    return await text(socket);
  };
  expect(await raw("no request\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  await raw("POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{");
  await raw("POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 100000\r\n\r\nhalf");
  await raw(
    "POST /exec/x/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 9\r\n\r\n{",
  );
  expect((await shared.engine.ask("GET", "/_ping")).text).toBe("OK");
});
