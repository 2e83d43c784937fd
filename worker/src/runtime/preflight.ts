import { randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { launchPath, mountOverlay, NativeError, unmount, unmountAll } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import type { IdRange } from "../snapshot/snapshotter.ts";
import type { Runtime } from "./runtime.ts";

/** What a preflight works in. */
const HOME = "preflight-";
const RUN_TIMEOUT_MS = 30_000;
/** Enough for gVisor's own threads and memory too. */
const LIMITS = { memoryBytes: 128 * 1024 * 1024, cpus: 1, pids: 256 };

export interface PreflightParts {
  readonly cgroups: Cgroups;
  readonly runtime: Runtime;
  /** A directory of the file system that snapshots and disks are on; no two preflights have one at the same time. */
  readonly directory: string;
  readonly ids: IdRange;
}

/**
 * Tries everything that containers stand on, for real, and leaves nothing behind. Rejects with `overlay-missing`,
 * `idmap-missing`, `cgroups-missing` or `runtime-failed`, and a sentence that says what the machine lacks.
 */
export async function preflight(parts: PreflightParts): Promise<void> {
  await mkdir(parts.directory, { recursive: true });
  await removeRemains(parts.directory);
  const home = await mkdtemp(path.join(parts.directory, HOME));
  try {
    for (const name of ["lower", "upper", "work", "target"]) {
      await mkdir(path.join(home, name));
      await chmod(path.join(home, name), 0o755);
    }
    await tryOverlay(home);
    await tryIdmap(home, parts.ids);
    await tryRuntime(home, parts);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Of a preflight in whose middle the worker was killed. */
async function removeRemains(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(HOME)) continue;
    const home = path.join(directory, name);
    await unmountAll(path.join(home, "target"));
    await rm(home, { recursive: true, force: true });
  }
}

async function tryOverlay(home: string): Promise<void> {
  try {
    await mountAt(home, null);
    await unmount(path.join(home, "target"), { detach: true });
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new SlipwayError(
      "overlay-missing",
      `overlayfs can't be used below ${path.dirname(home)}: ${reason}.`,
      {
        cause,
        params: { reason },
      },
    );
  }
}

/** What the container's root writes must belong to 0 on disk. */
async function tryIdmap(home: string, ids: IdRange): Promise<void> {
  const target = path.join(home, "target");
  let owner: number;
  try {
    await mountAt(home, ids);
    try {
      await writeFile(path.join(home, "upper", "probe"), "");
      owner = (await stat(path.join(target, "probe"))).uid;
    } finally {
      await unmount(target, { detach: true });
    }
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new SlipwayError(
      "idmap-missing",
      `overlayfs takes no idmapped layers below ${path.dirname(home)} (Linux 5.19 or newer is needed): ${reason}.`,
      { cause, params: { reason } },
    );
  }
  if (owner !== ids.firstHostId) {
    throw new SlipwayError(
      "idmap-missing",
      `An idmapped overlay shows owner ${owner}, not ${ids.firstHostId}.`,
    );
  }
}

/** Runs a container that holds one static program and nothing else. */
async function tryRuntime(home: string, { cgroups, runtime, ids }: PreflightParts): Promise<void> {
  const name = `preflight-${randomUUID().slice(0, 8)}`;
  await copyFile(launchPath(), path.join(home, "lower", "self-test"));
  await chmod(path.join(home, "lower", "self-test"), 0o755);
  let said = "";
  const hear = (chunk: Uint8Array) => {
    said = (said + Buffer.from(chunk).toString()).slice(0, 1000);
  };
  try {
    await cgroups.create(name, LIMITS);
    const user = { uid: 0, gid: 0, additionalGids: [] };
    const code = await runtime.run(
      {
        id: name,
        rootfs: {
          lowers: [path.join(home, "lower")],
          upper: path.join(home, "upper"),
          work: path.join(home, "work"),
        },
        process: { args: ["/self-test", "--self-test"], env: [], cwd: "/", user },
        hostname: "preflight",
        ids,
        networkNamespace: null,
        hostsFile: "",
        resolvConf: "",
        cgroupParent: cgroups.path(name),
        limits: { ...LIMITS, openFiles: 64 },
      },
      { stdout: hear, stderr: hear },
      AbortSignal.timeout(RUN_TIMEOUT_MS),
    );
    if (code !== 0) throw new Error(`it exited with ${code}${said === "" ? "" : ` and said: ${said}`}`);
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause;
    const reason = reasonOf(cause);
    throw new SlipwayError("runtime-failed", `${runtime.name} can't run a container here: ${reason}.`, {
      cause,
      params: { reason },
    });
  } finally {
    await cgroups.remove(name);
  }
}

async function mountAt(home: string, idRange: IdRange | null): Promise<void> {
  await mountOverlay({
    lowers: [path.join(home, "lower")],
    upper: { directory: path.join(home, "upper"), work: path.join(home, "work") },
    target: path.join(home, "target"),
    idRange,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof NativeError) return `${error.syscall} failed with ${error.code} (${error.path})`;
  return error instanceof Error ? error.message : String(error);
}
