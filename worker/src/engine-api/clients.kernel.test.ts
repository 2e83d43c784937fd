import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import Dockerode from "dockerode";
import { pack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestMachine } from "../session/test-machine.ts";
import { TestEngine } from "./engine-fixture.ts";

/* Clients that nobody here wrote: what they can't do with a session, people can't. */

let machine: TestMachine;
let engine: TestEngine;
let project: string;
beforeAll(async () => {
  machine = await TestMachine.make();
  engine = await TestEngine.launch(machine);
  await engine.docker(["tag", "playground", "busybox"]);
  project = await mkdtemp(path.join(tmpdir(), "slipway-shop-"));
});
afterAll(async () => {
  await engine.end();
  expect(await machine.leftOvers()).toEqual([]);
  await machine.dispose();
  await rm(project, { recursive: true });
});

const STACK = `
version: "3.8"
services:
  web:
    image: busybox
    command: httpd -f -p 80 -h /srv
    ports: ["8090:80"]
    volumes: ["pages:/srv"]
    networks:
      front:
        aliases: [www]
    depends_on: [store]
  store:
    image: busybox
    command: sh -c 'mkdir /p; echo PONG > /p/ping; httpd -f -p 6379 -h /p'
    networks: [front, back]
    healthcheck:
      test: ["CMD", "true"]
      interval: 1s
  worker:
    build: ./worker
    environment: {GREETING: "hello from the worker"}
    networks: [front, back]
    restart: on-failure
    stop_grace_period: 1s
networks:
  front:
  back:
    internal: true
volumes:
  pages:
`;
const WORKER = `FROM busybox
RUN echo built > /made
CMD echo "$GREETING"; cat /made; while ! wget -qO /dev/null http://www/; do sleep 0.1; done; wget -qO- http://store:6379/ping; sleep 1000
`;

test("docker-compose brings up a stack of three services, shows it, runs things in it and takes it away", async () => {
  await writeFile(path.join(project, "docker-compose.yml"), STACK);
  await mkdir(path.join(project, "worker"));
  await writeFile(path.join(project, "worker/Dockerfile"), WORKER);
  const compose = async (...args: string[]) => {
    const said = await engine.client("docker-compose", ["-p", "shop", ...args], { cwd: project });
    if (said.exitCode !== 0) throw new Error(`${args.join(" ")}: ${said.stderr}`);
    return said.stdout;
  };
  await compose("up", "-d");
  await compose("exec", "-T", "web", "sh", "-c", "echo hello > /srv/index.html");
  await machine.until("the worker has asked both", async () =>
    /worker_1 +\| hello from the worker\n.*\| built\n(.*\n)*.*PONG/.test(
      await compose("logs", "--no-color", "worker"),
    ),
  );
  expect(await compose("ps")).toMatch(
    /shop_store_1 .* Up \(healthy\).*\n(.*\n)*shop_web_1 .* Up .* 0\.0\.0\.0:8090->80\/tcp/,
  );
  expect(await compose("exec", "-T", "worker", "wget", "-qO-", "http://web/")).toBe("hello\n");
  expect(await compose("run", "--rm", "-T", "worker", "cat", "/made")).toContain("built");
  await compose("up", "-d", "--scale", "worker=2");
  expect((await compose("ps", "-q")).trim().split("\n")).toHaveLength(4);
  await compose("down", "-v", "-t", "1", "--rmi", "local");
  const left = await Promise.all(
    [
      ["ps", "-aq"],
      ["volume", "ls", "-q"],
      ["network", "ls", "-q", "-f", "type=custom"],
      ["images", "-q", "shop_worker"],
    ].map(async (args) => (await engine.docker(args)).stdout),
  );
  expect(left).toEqual(["", "", "", ""]);
});

test("docker-py finds what its programs rely on", async () => {
  const script = path.join(import.meta.dirname, "testdata/docker-py.py");
  const said = await engine.client("python3", [script]);
  expect(said).toMatchObject({ exitCode: 0, stderr: "" });
  expect(said.stdout.trimEnd().split("\n")).toHaveLength(15);
});

test("dockerode sees and does what it does with a Docker host", async () => {
  const docker = new Dockerode({ socketPath: engine.socket });
  const follow = (stream: NodeJS.ReadableStream) =>
    new Promise<{ stream?: string; aux?: { ID?: string } }[]>((resolve, reject) =>
      docker.modem.followProgress(stream, (error, lines) => (error ? reject(error) : resolve(lines))),
    );
  expect(String(await docker.ping())).toBe("OK");
  expect(await docker.version()).toMatchObject({ ApiVersion: "1.45", Os: "linux" });

  const context = pack();
  context.entry(
    { name: "Dockerfile" },
    "FROM busybox\nLABEL made=here\nCMD echo out; echo err >&2; read line; echo got $line\n",
  );
  context.finalize();
  const lines = await follow(
    await docker.buildImage(context as unknown as NodeJS.ReadableStream, { t: "made:1" }),
  );
  expect(lines.map(({ stream }) => stream ?? "").join("")).toContain("Successfully tagged made:1");
  expect(
    (await docker.listImages({ filters: { label: ["made=here"] } })).map(({ RepoTags }) => RepoTags),
  ).toEqual([["made:1"]]);
  expect((await docker.getImage("made:1").history())[0]).toMatchObject({ Tags: ["made:1"] });

  const changes: string[] = [];
  const events = (await docker.getEvents({ filters: { type: ["container"] } })) as unknown as Readable;
  events.on("data", (data: Buffer) =>
    changes.push(...[...String(data).matchAll(/"Action":"([a-z]+)/g)].map((found) => found[1] ?? "")),
  );
  const container = await docker.createContainer({
    Image: "made:1",
    name: "ode",
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
  });
  const streams = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  });
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(streams, out, err);
  const ended = once(streams, "end");
  await container.start();
  streams.write("a line\n");
  expect(await container.wait()).toEqual({ StatusCode: 0 });
  await ended;
  out.end();
  err.end();
  expect([await text(out), await text(err)]).toEqual(["out\ngot a line\n", "err\n"]);
  expect(changes).toEqual(["create", "attach", "start", "die"]);
  events.destroy();

  const logs = await container.logs({ stdout: true, stderr: false, timestamps: false });
  expect(
    Buffer.from(logs as unknown as Uint8Array)
      .subarray(8)
      .toString(),
  ).toContain("out\n");
  const file = pack();
  file.entry({ name: "placed" }, "placed");
  file.finalize();
  await container.putArchive(file as unknown as NodeJS.ReadableStream, { path: "/tmp" });
  expect((await container.changes()) as unknown).toContainEqual({ Path: "/tmp/placed", Kind: 1 });
  await expect(container.kill()).rejects.toMatchObject({
    statusCode: 409,
    json: { message: expect.stringContaining("is not running") },
  });
  await container.remove();
  await expect(container.inspect()).rejects.toMatchObject({ statusCode: 404 });
  await expect(docker.createContainer({ Image: "nobody:1" })).rejects.toMatchObject({ statusCode: 404 });

  const sleeper = await docker.createContainer({
    Image: "busybox",
    Cmd: ["sleep", "1000"],
    HostConfig: { Memory: 32 * 2 ** 20, Init: true },
  });
  await sleeper.start();
  const exec = await sleeper.exec({
    Cmd: ["sh", "-c", "cat; exit 4"],
    AttachStdin: true,
    AttachStdout: true,
  });
  const said = await exec.start({ hijack: true, stdin: true });
  const heard = new PassThrough();
  docker.modem.demuxStream(said, heard, heard);
  said.end("echoed");
  await once(said, "end");
  heard.end();
  expect([await text(heard), (await exec.inspect()).ExitCode]).toEqual(["echoed", 4]);
  expect(await sleeper.stats({ stream: false })).toMatchObject({ memory_stats: { limit: 32 * 2 ** 20 } });
  expect((await sleeper.top()).Processes.flat().join(" ")).toContain("sleep 1000");
  await sleeper.pause();
  expect((await docker.listContainers({ filters: { status: ["paused"] } })).map(({ Id }) => Id)).toEqual([
    sleeper.id,
  ]);
  await sleeper.unpause();
  await sleeper.remove({ force: true });

  const network = await docker.createNetwork({ Name: "ode-net", Labels: { a: "b" } });
  expect(await network.inspect()).toMatchObject({
    Name: "ode-net",
    Labels: { a: "b" },
    Driver: "bridge",
    IPAM: { Driver: "default" },
  });
  await network.remove();
  const volume = await docker.createVolume({ Name: "ode-vol" });
  expect(await docker.getVolume("ode-vol").inspect()).toMatchObject({
    Name: "ode-vol",
    Scope: "local",
    Driver: "local",
  });
  await volume.remove();
  expect(await docker.pruneImages({ filters: { dangling: { false: true } } })).toMatchObject({
    SpaceReclaimed: expect.any(Number),
  });
});
