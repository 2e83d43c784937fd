import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestMachine } from "../../session/test-machine.ts";
import { volumeData } from "../../session/volumes/session-volumes.ts";
import { TestEngine } from "../engine-fixture.ts";

let directory: string;
let machine: TestMachine;
let engine: TestEngine;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-engine-volumes-"));
  machine = await TestMachine.make();
  engine = await TestEngine.launch(machine);
});
afterAll(async () => {
  await engine.end();
  await machine.dispose();
  await rm(directory, { recursive: true, force: true });
});

const docker = (...args: readonly string[]) => engine.docker(args);

test("docker volume makes, lists, inspects and removes volumes of the session", async () => {
  expect((await docker("volume", "create", "--label", "a=b", "data")).stdout).toBe("data\n");
  const anonymous = (await docker("volume", "create")).stdout.trim();
  expect(anonymous).toMatch(/^[0-9a-f]{64}$/);
  expect((await docker("volume", "ls", "-q")).stdout.split("\n")).toEqual(
    expect.arrayContaining(["data", anonymous]),
  );
  expect((await docker("volume", "ls", "-q", "--filter", "label=a=b")).stdout).toBe("data\n");
  expect((await docker("volume", "ls", "-q", "--filter", "name=dat")).stdout).toBe("data\n");
  const [inspected] = JSON.parse((await docker("volume", "inspect", "data")).stdout);
  expect(inspected).toMatchObject({ Name: "data", Driver: "local", Labels: { a: "b" }, Scope: "local" });
  expect((await docker("volume", "prune", "-f")).stdout).toContain(anonymous);
  expect((await docker("volume", "ls", "-q")).stdout).toBe("data\n");
  expect((await docker("volume", "rm", "data")).exitCode).toBe(0);
  expect((await docker("volume", "rm", "data")).stderr).toContain("no such volume");
  expect((await engine.ask("DELETE", "/volumes/data?force=1")).status).toBe(204);
});

test("an older client's prune takes all that nobody uses, and says how much that was", async () => {
  await docker("volume", "create", "old");
  await writeFile(path.join(volumeData(engine.host.disk, "old"), "file"), Buffer.alloc(100_000));
  const reply = await engine.ask("POST", "/v1.40/volumes/prune");
  const { VolumesDeleted, SpaceReclaimed } = JSON.parse(reply.text);
  expect(VolumesDeleted).toEqual(["old"]);
  expect(SpaceReclaimed).toBeGreaterThanOrEqual(100_000);
});

test("a volume has what the image has at its path, outlives its container, and is refused to rm while one has it", async () => {
  const dockerfile =
    "FROM playground\nRUN mkdir /data && echo image > /data/file && chmod 1777 /data\nVOLUME /data\n";
  await writeFile(path.join(directory, "Dockerfile"), dockerfile);
  await docker("build", "-q", "-t", "with-volume", directory);
  const first = await docker(
    "run",
    "--name",
    "c1",
    "-v",
    "kept:/data",
    "with-volume",
    "sh",
    "-c",
    "cat /data/file; echo mine > /data/mine",
  );
  expect(first).toMatchObject({ exitCode: 0, stdout: "image\n" });
  expect((await docker("volume", "rm", "kept")).stderr).toContain("volume is in use");
  await docker("rm", "-v", "c1");
  const second = await docker(
    "run",
    "--rm",
    "-v",
    "kept:/data",
    "playground",
    "sh",
    "-c",
    "cat /data/mine; stat -c %a /data",
  );
  expect(second.stdout).toBe("mine\n1777\n");
  expect((await docker("volume", "rm", "kept")).exitCode).toBe(0);
  await docker("run", "--name", "c2", "with-volume", "true");
  expect((await docker("volume", "ls", "-qf", "dangling=false")).stdout).toMatch(/^[0-9a-f]{64}\n$/);
  await docker("rm", "-v", "c2");
  expect((await docker("volume", "ls", "-q")).stdout).toBe("");
});

test("other drivers, options and names are refused in Docker's form", async () => {
  for (const [body, status] of [
    [{ Name: "a", Driver: "nfs" }, 404],
    [{ Name: "a", DriverOpts: { type: "none", o: "bind", device: "/" } }, 400],
    [{ Name: "../a" }, 400],
    [{ Name: 7 }, 400],
  ] as const) {
    const reply = await engine.ask("POST", "/volumes/create", body);
    expect([body, reply.status]).toEqual([body, status]);
    expect(JSON.parse(reply.text)).toEqual({ message: expect.stringMatching(/./) });
  }
  expect((await engine.ask("GET", "/volumes/..%2f..%2fetc")).status).toBe(404);
});

test("docker system df counts images, layers and volumes", async () => {
  await docker("volume", "create", "counted");
  expect((await docker("system", "df", "-v")).stdout).toContain("counted");
  const all = JSON.parse((await engine.ask("GET", "/system/df")).text);
  expect(all.LayersSize).toBeGreaterThan(0);
  const listed = (await docker("images", "-q", "--no-trunc")).stdout.trim().split("\n");
  expect(all.Images.map(({ Id }: { Id: string }) => Id).sort()).toEqual([...new Set(listed)].sort());
  expect(all.Volumes).toEqual([
    expect.objectContaining({ Name: "counted", UsageData: { Size: expect.any(Number), RefCount: 0 } }),
  ]);
  const some = JSON.parse((await engine.ask("GET", "/system/df?type=volume")).text);
  expect(Object.keys(some)).toEqual(["Volumes"]);
  expect((await engine.ask("GET", "/system/df?type=everything")).status).toBe(400);
});
