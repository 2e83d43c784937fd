import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TestMachine } from "../../session/test-machine.ts";
import { TestEngine } from "../engine-fixture.ts";

let directory: string;
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
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-engine-build-"));
  return () => rm(directory, { recursive: true, force: true });
});

const write = (dockerfile: string) => writeFile(path.join(directory, "Dockerfile"), dockerfile);
const build = (...args: readonly string[]) => engine.docker(["build", ...args, directory]);
const inspect = async (name: string, format: string) =>
  (await engine.docker(["image", "inspect", "-f", format, name])).stdout.trim();

test("a build tells its steps as the classic builder does, and ends with id and name", async () => {
  await write("FROM playground\nRUN echo from $WHO\nENV A=b\n");
  const said = await build("-t", "app:1", "--build-arg", "WHO=nobody");
  expect(said.stderr).toContain("deprecated");
  const id = await inspect("app:1", "{{.Id}}");
  const short = id.slice("sha256:".length, "sha256:".length + 12);
  const lines = said.stdout.split("\n").filter((line) => /^(Step|Success| --->)/.test(line));
  expect(lines).toEqual([
    "Step 1/3 : FROM playground",
    "Step 2/3 : RUN echo from $WHO",
    "Step 3/3 : ENV A=b",
    ` ---> ${short}`,
    `Successfully built ${short}`,
    "Successfully tagged app:1",
  ]);
  const again = await build("-t", "app:1");
  expect(again.stdout).toContain(" ---> Using cache");
  expect(await inspect("app:1", "{{.Id}}")).toBe(id);
});

test("options of the client arrive: target, arguments, labels, hosts, network, quiet, compressed contexts", async () => {
  await write(
    "FROM playground AS base\nARG WHO=nobody\nRUN echo $WHO > /who && grep -w db /etc/hosts > /hosts && ls /sys/class/net > /net\nFROM base AS later\nRUN false\n",
  );
  const said = await build(
    ...["-q", "--compress", "--target", "base", "--build-arg", "WHO=ada", "--label", "a=b"],
    ...["--add-host", "db:10.1.2.3", "--network", "none", "--memory", "64m", "-t", "quiet"],
  );
  expect(said).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
  expect(await inspect("quiet", "{{json .Config.Labels}}")).toContain('"a":"b"');
  await write("FROM quiet\nRUN cat /who /hosts /net\n");
  const shown = await build("--no-cache");
  expect(shown.stdout).toMatch(/^ada\n10\.1\.2\.3\s+db\nlo$/m);
});

test("a step that fails says so with its command and exit code, and leaves no name", async () => {
  await write("FROM playground\nRUN exit 7\n");
  const said = await build("-t", "never");
  // The client ends as the step did, where the daemon tells how.
  expect(said.exitCode).toBe(7);
  expect(said.stderr).toContain("The command '/bin/sh -c exit 7' returned a non-zero code: 7");
  expect((await engine.docker(["image", "inspect", "never"])).exitCode).toBe(1);
});

test("a Dockerfile that can't be read, and what is not offered, are refused before anything is told", async () => {
  await write("FROM playground\nRUNN true\n");
  expect((await build()).stderr).toContain("RUNN");
  const tar = execFileSync("tar", ["-C", directory, "-c", "."]);
  for (const query of [
    "squash=1",
    "version=2",
    "networkmode=container:x",
    "t=BAD",
    "buildargs=[1]",
    "extrahosts=x",
    "platform=linux/amd64,test",
    "platform=plan9/mips",
  ]) {
    const reply = await engine.ask("POST", `/build?${query}`, tar.toString("latin1"));
    expect([query, reply.status]).toEqual([query, 400]);
  }
  expect((await engine.ask("POST", "/build?remote=ftp://somewhere/x", "")).status).toBe(400);
});

test("a client that goes away ends its build", async () => {
  await write("FROM playground\nRUN sleep 600\n");
  const running = spawn("docker", ["build", directory], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, DOCKER_HOST: `unix://${engine.socket}`, DOCKER_BUILDKIT: "0" },
  });
  const builds = async () => (await machine.parts.runtime.list()).filter((id) => id.startsWith("build-"));
  await machine.until("the build runs", async () => (await builds()).length > 0);
  running.kill();
  await machine.until("nothing of the build is left", async () => (await builds()).length === 0);
});

test("names of another session are no base", async () => {
  await write("FROM playground\nLABEL mine=1\n");
  await build("-t", "only-mine");
  const other = await TestEngine.launch(machine);
  try {
    await write("FROM only-mine\n");
    const said = await other.docker(["build", directory]);
    expect(said.stderr).toContain('There is no image "only-mine"');
  } finally {
    await other.end();
  }
});
