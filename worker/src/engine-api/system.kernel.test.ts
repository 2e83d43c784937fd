import { statSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { screen } from "../session/screen-fixture.ts";
import { TestMachine } from "../session/test-machine.ts";
import { TestEngine } from "./engine-fixture.ts";

let machine: TestMachine;
let engine: TestEngine;
beforeAll(async () => {
  machine = await TestMachine.make();
  engine = await TestEngine.launch(machine);
});
afterAll(async () => {
  await engine.end();
  await machine.dispose();
});

test("docker version and docker info speak of the session as a host with the session's limits", async () => {
  const version = await engine.docker(["version", "--format", "{{.Server.APIVersion}} {{.Server.Os}}"]);
  expect(version).toMatchObject({ exitCode: 0, stdout: "1.45 linux\n" });
  const info = await engine.docker(["info", "--format", "{{.MemTotal}} {{.NCPU}} {{.Name}}"]);
  expect(info.stdout).toBe(`${512 * 1024 * 1024} 2 ${engine.host.place.hostname}\n`);
});

test.each(["1.24", "1.41", "1.45"])("clients of API %s are served", async (api) => {
  const said = await engine.docker(["version", "--format", "{{.Client.APIVersion}}"], { api });
  expect(said).toMatchObject({ exitCode: 0, stdout: `${api}\n` });
});

test("other versions, paths and bodies are refused in Docker's form", async () => {
  for (const [path, status] of [
    ["/v1.12/version", 400],
    ["/v9.0/version", 400],
    ["/no/such/thing", 404],
    ["/events?since=yesterday%20or%20so", 400],
    ["/events?filters=%5B1%5D", 400],
  ] as const) {
    const reply = await engine.ask("GET", path);
    expect([path, reply.status]).toEqual([path, status]);
    expect(JSON.parse(reply.text)).toEqual({ message: expect.stringMatching(/./) });
  }
});

test("a ping says which version is spoken, with and without a body", async () => {
  expect(await engine.ask("GET", "/_ping")).toMatchObject({ status: 200, text: "OK" });
  const head = await engine.ask("HEAD", "/_ping");
  expect(head.headers).toMatchObject({ "api-version": "1.45", ostype: "linux", "builder-version": "1" });
});

test("events are told to those who listen and to those who ask for the past", async () => {
  const before = Math.floor(Date.now() / 1_000);
  const { events } = engine.host;
  events.tell({ type: "network", action: "create", id: "n1", attributes: { name: "web" } });
  events.tell({ type: "network", action: "destroy", id: "n1", attributes: { name: "web" } });
  const until = Math.floor(Date.now() / 1_000) + 1;
  const said = await engine.docker([
    ...["events", "--since", `${before}`, "--until", `${until}`],
    ...["--filter", "event=create", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"],
  ]);
  expect(said.stdout).toBe("network create web\n");
  events.tell({ type: "image", action: "delete", id: "sha256:1", attributes: { name: "sha256:1" } });
  const past = await engine.ask("GET", `/events?stream=false&since=30s&filters={"type":["image"]}`);
  expect(JSON.parse(past.text)).toMatchObject({ status: "delete", id: "sha256:1", Action: "delete" });
});

test("an image that carries the label sees the socket where clients look for it, also that of the next worker", async () => {
  const image = await machine.labelledImage(["sh"], { "slipway.engine": "true" });
  let labelled = await TestEngine.launch(machine, { image });
  const { request } = labelled;
  const look = async (name: string) => {
    const main = labelled.sessions.terminal(request.sessionId, request.terminals.main);
    const command = `for f in /run /var/run; do [ -S $f/docker.sock ] && [ -w $f/docker.sock ] && stat -L -c '${name}=%u:%i' $f/docker.sock; done; echo ${name}-$((1+1))\n`;
    main?.write(Buffer.from(command));
    const seen = await screen(main, new RegExp(`${name}-2`));
    return [...seen.matchAll(new RegExp(`${name}=0:(\\d+)`, "g"))].map(([, inode]) => Number(inode));
  };
  try {
    const first = statSync(labelled.socket);
    expect(await look("first")).toEqual([first.ino, first.ino]);
    labelled = await labelled.restarted();
    const second = statSync(labelled.socket);
    expect(second.ctimeMs).toBeGreaterThan(first.ctimeMs);
    expect(await look("second")).toEqual([second.ino, second.ino]);
    expect((await labelled.docker(["version"])).exitCode).toBe(0);
  } finally {
    await labelled.end();
  }
});
