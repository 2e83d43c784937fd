import { sessionHostSchema, terminalIdSchema } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { screen, type } from "../session/screen-fixture.ts";
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
  expect(await machine.leftOvers()).toEqual([]);
  await machine.dispose();
});
const docker = (...args: string[]) => engine.docker(args);
const SIZE = { rows: 24, cols: 80 };
const terminalId = (name: string) => terminalIdSchema.parse(`${name}${process.pid}`.padEnd(12, "0"));

test("what docker makes is what the page sees: containers with their ports, images, processes, and terminals in them", async () => {
  const { sessionId } = engine.request;
  const { sessions } = engine;
  await docker("tag", "playground", "mine:1");
  const made = await docker("run", "-d", "--name", "web", "-p", "8080:80", "mine:1", "sleep", "4321");
  await docker("run", "--name", "over", "mine:1", "sh", "-c", "exit 3");
  const id = made.stdout.trim();

  const seen = sessionHostSchema.parse(await engine.view());
  expect(seen.containers).toMatchObject([
    {
      id,
      name: "web",
      image: "mine:1",
      state: "running",
      exitCode: null,
      ports: [{ port: 80, hostPort: 8080 }],
    },
    { name: "over", state: "exited", exitCode: 3, ports: [] },
  ]);
  expect(seen.images.map(({ names }) => names)).toEqual([["mine:1", "playground:latest"]]);
  // By its id an image is looked into as one of the worker's, and none that is not of this session.
  const [{ id: imageId } = { id: engine.request.image }] = seen.images;
  expect(await engine.manifest(imageId)).toBe(engine.request.image);
  const others = await machine.parts.images.get(await machine.labelledImage(["sh"], { whose: "others" }));
  await expect(engine.manifest(others?.imageId ?? imageId)).rejects.toMatchObject({ code: "image-missing" });
  await machine.report(sessionId, ({ ports }) =>
    ports.some(({ port, listening, loopbackOnly }) => port === 8080 && listening && !loopbackOnly),
  );
  const inside = await sessions.inside(sessionId);
  expect(inside.containers.find((one) => one.id === id)).toMatchObject({ name: "web", main: false });
  expect(inside.processes.filter(({ container }) => container === id).map(({ pid }) => pid)).toContain(1);

  const terminal = terminalId("inside");
  await sessions.openTerminal(sessionId, terminal, SIZE, id);
  const found = sessions.terminal(sessionId, terminal);
  expect(await type(found, "hostname; ps | grep -c 'sleep [4]321'", /\n1\r\n/)).toContain(id.slice(0, 12));
  await machine.report(sessionId, ({ terminals }) => terminals.some(({ container }) => container === "web"));

  await docker("rm", "-f", "web");
  await machine.report(
    sessionId,
    ({ ports, terminals }) =>
      !ports.some(({ port }) => port === 8080) &&
      terminals.some(({ container, exitCode }) => container === "web" && exitCode !== null),
  );
  const refused = sessions.openTerminal(
    sessionId,
    terminalId("over"),
    SIZE,
    engine.host.containers.find("over").id,
  );
  await expect(refused).rejects.toMatchObject({ code: "container-conflict" });
  await expect(sessions.openTerminal(sessionId, terminalId("gone"), SIZE, id)).rejects.toMatchObject({
    code: "container-missing",
  });
  await screen(sessions.terminal(sessionId, engine.request.terminals.main), /[$#] /);
});
