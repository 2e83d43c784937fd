import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fileOf, PlainRegistry } from "./plain-registry-fixture.ts";
import { noise, partialFiles } from "./transfer-fixture.ts";

const KILLED_PULL = fileURLToPath(new URL("./killed-pull-fixture.ts", import.meta.url));
const stage = new PlainRegistry();

describe("a way that breaks", () => {
  const name = () => `${stage.between.host}/breaks:1`;
  const layers = [[{ path: "big", content: noise(2_000_000) }]];

  test("is gone on from where it broke", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const there = await stage.machine();
    stage.between.breakAfterBytes = 700_000;
    stage.between.seen.length = 0;
    await there.transfer.pull(name(), there.options());
    const blobs = stage.asked("GET", "/blobs/").filter((line) => line.includes("bytes="));
    expect(blobs.length).toBeGreaterThanOrEqual(2);
    expect(blobs[0]).toMatch(/ bytes=[1-9]\d*-$/);
    expect((await fileOf(there, name(), "big")).equals(layers[0]?.[0]?.content as Buffer)).toBe(true);
  });

  test("is gone on by a worker that comes back after a kill", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const directory = path.join(stage.root, "killed");
    stage.atEnd(() => rm(directory, { recursive: true, force: true }));
    Object.assign(stage.between, { breakAfterBytes: 700_000, stalls: true });
    const worker = spawn(process.execPath, ["--import", "tsx", KILLED_PULL, directory, name()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await Promise.race([once(worker.stdout, "data"), once(worker, "exit")]);
    expect(String(said)).toBe("arrived\n");
    worker.kill("SIGKILL");
    await once(worker, "exit");
    Object.assign(stage.between, { breakAfterBytes: null, stalls: false });
    stage.between.seen.length = 0;
    const second = await stage.machine({ directory });
    await second.transfer.pull(name(), second.options());
    expect(stage.asked("GET", "/blobs/").filter((line) => / bytes=[1-9]/.test(line))).toHaveLength(1);
    expect((await fileOf(second, name(), "big")).equals(layers[0]?.[0]?.content as Buffer)).toBe(true);
    expect(await partialFiles(second)).toEqual([]);
  });

  test("that left wrong bytes behind begins again", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const first = await stage.machine({ patience: { attempts: 1 } });
    stage.between.breakAfterBytes = 700_000;
    await expect(first.transfer.pull(name(), first.options())).rejects.toMatchObject({});
    stage.between.breakAfterBytes = null;
    const [partial = ""] = await partialFiles(first);
    const file = path.join(first.directory, "transfer/partial", partial);
    await writeFile(file, Buffer.alloc((await readFile(file)).length));
    await first.transfer.pull(name(), first.options());
    expect((await fileOf(first, name(), "big")).equals(layers[0]?.[0]?.content as Buffer)).toBe(true);
  });

  test("is waited for as the registry asks, and asked again after 429 and 503", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const there = await stage.machine();
    const answers = [429, 503];
    stage.between.trouble = (_, response) => {
      const status = answers.shift();
      if (status === undefined) return false;
      response.writeHead(status, status === 429 ? { "retry-after": "1" } : {}).end();
      return true;
    };
    const started = performance.now();
    await there.transfer.pull(name(), there.options());
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  test("is given up as busy where the registry asks for too long a wait", async () => {
    const there = await stage.machine();
    stage.between.trouble = (_, response) =>
      Boolean(response.writeHead(429, { "retry-after": "3600" }).end());
    await expect(there.transfer.pull(name(), there.options())).rejects.toMatchObject({
      code: "registry-busy",
      fault: "capacity",
    });
    expect(stage.between.seen).toHaveLength(1);
  });

  test("does not keep a layer from being sent", async () => {
    const here = await stage.machine();
    let breaks = 2;
    stage.between.trouble = (incoming) => {
      if (incoming.method !== "PATCH" || breaks === 0) return false;
      breaks -= 1;
      incoming.once("data", () => incoming.socket.destroy());
      return true;
    };
    const { image } = await stage.pushed(here, `${stage.between.host}/sent:1`);
    expect(breaks).toBe(0);
    const there = await stage.machine();
    expect((await there.transfer.pull(`${stage.registry.host}/sent:1`, there.options())).imageId).toBe(
      image.imageId,
    );
  });

  test("is left at once when nobody waits any more, and by one of two when one does", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const there = await stage.machine({ patience: { idleMs: 10_000 } });
    let stalled = 0;
    stage.between.trouble = (incoming, response) => {
      if (stalled > 0 || !incoming.url?.includes("/blobs/")) return false;
      stalled += 1;
      response.writeHead(200);
      response.flushHeaders();
      return true;
    };
    const controller = new AbortController();
    const options = { ...there.options(), signal: controller.signal };
    const alone = there.transfer.pull(name(), options);
    setTimeout(() => controller.abort(new Error("cancelled")), 150);
    await expect(alone).rejects.toThrowError("cancelled");
    // The abandoned run is no hindrance for the next one.
    await there.transfer.pull(name(), there.options());
  });

  test("is shared by two who want the same", async () => {
    await stage.pushed(await stage.machine(), name(), layers);
    const there = await stage.machine();
    stage.between.seen.length = 0;
    const [one, two] = await Promise.all([
      there.transfer.pull(name(), there.options()),
      there.transfer.pull(name(), there.options()),
    ]);
    expect(two).toBe(one);
    expect(stage.asked("GET", "/manifests/")).toHaveLength(1);
    expect(stage.asked("GET", "/blobs/")).toHaveLength(2);
  });
});

describe("a registry that is not there", () => {
  test("is not waited for again a moment later", async () => {
    const there = await stage.machine({ insecure: ["127.0.0.1:1"] });
    const pull = () => there.transfer.pull("127.0.0.1:1/a:1", there.options());
    await expect(pull()).rejects.toMatchObject({ code: "registry-unreachable", fault: "platform" });
    const started = performance.now();
    await expect(pull()).rejects.toThrowError(/a moment ago/);
    expect(performance.now() - started).toBeLessThan(100);
  });

  test("at an address that nobody opened is refused, with no packet sent", async () => {
    const there = await stage.machine({ insecure: [] });
    for (const name of [`${stage.registry.host}/a:1`, "localhost:5000/a:1", "169.254.169.254/a:1"]) {
      await expect(there.transfer.pull(name, there.options())).rejects.toMatchObject({
        code: "registry-address-refused",
        fault: "user",
      });
    }
  });
});
