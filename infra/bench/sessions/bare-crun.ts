import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { firstByte } from "./peers.ts";

const CPU_PERIOD_US = 100_000;

const configSchema = z.looseObject({
  process: z.looseObject({ terminal: z.boolean() }),
  annotations: z.record(z.string(), z.string()).optional(),
  linux: z.looseObject({ cgroupsPath: z.string(), resources: z.looseObject({}) }),
});

export interface Limits {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
}

/**
 * Runs crun by itself on what a live session is made of: its root file system, its namespaces (the network's among them), its
 * uid range and seccomp profile, and its limits in a control group of its own. Nothing has to be mounted or connected before.
 */
export async function bareCrun(
  dataDirectory: string,
  limits: Limits,
  times: number,
): Promise<readonly number[]> {
  const bundle = await mkdtemp(path.join(dataDirectory, "crun-peer-"));
  try {
    const state = path.join(bundle, "state");
    await mkdir(state);
    const config = configSchema.parse(JSON.parse(await readFile(await liveBundle(dataDirectory), "utf8")));
    await writeFile(path.join(bundle, "config.json"), JSON.stringify(bare(config, limits)));
    const samples: number[] = [];
    for (let run = 0; run < times; run += 1) {
      const crun = ["crun", "--root", state, "--cgroup-manager", "cgroupfs"];
      samples.push(await firstByte([...crun, "run", "--bundle", bundle, `peer${run}`]));
    }
    return samples;
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

/** config.json of any container that lives. */
async function liveBundle(dataDirectory: string): Promise<string> {
  const containers = path.join(dataDirectory, "worker/containers");
  const [name] = await readdir(containers);
  if (name === undefined) throw new Error("There is no live container to compare with.");
  return path.join(containers, name, "config.json");
}

function bare(config: z.infer<typeof configSchema>, limits: Limits): object {
  return {
    ...config,
    process: { ...config.process, terminal: true },
    // The compiled filter of an earlier container is Slipway's own doing.
    annotations: {},
    linux: {
      ...config.linux,
      cgroupsPath: `/${config.linux.cgroupsPath.split("/")[1]}/peer`,
      resources: {
        devices: [{ allow: false, access: "rwm" }],
        memory: { limit: limits.memoryBytes, swap: limits.memoryBytes },
        cpu: { quota: limits.cpus * CPU_PERIOD_US, period: CPU_PERIOD_US },
        pids: { limit: limits.pids },
      },
    },
  };
}
