import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { COMPILED_SECCOMP_ANNOTATION } from "./compiled-seccomp.ts";
import { RuntimeHarness } from "./conformance-harness.ts";
import { OciRuntime } from "./oci-runtime.ts";

const configSchema = z.object({ annotations: z.record(z.string(), z.string()), linux: z.object({}).loose() });

/** What crun keeps of a container that runs: its configuration, and the filter that it loaded. */
async function whileItRuns(harness: RuntimeHarness) {
  const abort = new AbortController();
  const spec = harness.spec(["sh", "-c", "echo up; sleep 100"]);
  let started = () => {};
  const up = new Promise<void>((resolve) => {
    started = resolve;
  });
  const running = harness.runtime.run(spec, { stdout: started, stderr: () => {} }, abort.signal);
  try {
    await Promise.race([up, running]);
    const state = path.join(harness.home, "state", spec.id);
    const config = configSchema.parse(JSON.parse(await readFile(path.join(state, "config.json"), "utf8")));
    return { config, filter: await readFile(path.join(state, "seccomp.bpf")) };
  } finally {
    abort.abort();
    await running.catch(() => undefined);
  }
}

describe("the filter that crun compiles once", () => {
  const harness = new RuntimeHarness((directory, cgroups) =>
    OciRuntime.open({
      program: "crun",
      directory: path.join(directory, "containers"),
      stateDirectory: path.join(directory, "state"),
      cgroups,
    }),
  );
  beforeAll(() => harness.open());
  beforeEach(() => harness.beforeEach());
  afterEach(() => harness.afterEach());
  afterAll(() => harness.close());

  test("is loaded byte by byte as crun compiles it from the rules, and the rules stay beside it", async () => {
    const first = await whileItRuns(harness);
    expect(first.config.annotations).toEqual({});
    expect((await harness.shell("true")).code).toBe(0);
    const second = await whileItRuns(harness);
    expect(second.config.annotations[COMPILED_SECCOMP_ANNOTATION]).toBe(first.filter.toString("base64"));
    expect(second.filter).toEqual(first.filter);
    expect(second.config.linux).toMatchObject({ seccomp: first.config.linux.seccomp });
    const status = await harness.shell(
      "grep -E '^Seccomp' /proc/self/status; mount -t tmpfs t /tmp || echo refused",
    );
    expect(status.stdout.replaceAll("\t", "")).toBe("Seccomp:2\nSeccomp_filters:1\nrefused\n");
  });
});
