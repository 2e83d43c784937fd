import { closeSync, constants } from "node:fs";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { launchPath, NativeError, openInRoot } from "@slipway/native";

/*
 * What is different with runsc (gVisor, the release of December 2022 that Debian 12 has): a kernel of its own, the
 * sentry, carries out what processes of the container ask for, and a gofer opens their files. Both run under the ids of
 * the container's range, in namespaces of their own.
 */

/**
 * ptrace is the platform that needs nothing of the machine. Sockets are those of the container's network namespace and
 * not gVisor's own: gVisor would take the addresses away from a namespace that other containers of the session share.
 * Files are looked up anew each time, because the worker reads and copies them meanwhile. The seccomp profile holds
 * inside, in front of the sentry.
 */
export const GVISOR_OPTIONS: readonly string[] = [
  "--platform=ptrace",
  "--network=host",
  "--file-access=shared",
  "--oci-seccomp",
  "--allow-flag-override",
];

/** Annotation of a container whose network is loopback only. Nobody but the worker writes annotations. */
export const GVISOR_LOOPBACK: Readonly<Record<string, string>> = { "dev.gvisor.flag.network": "none" };

/** Threads of the sentry and the gofer, which the machine counts as processes of the container. */
export const GVISOR_THREADS = 96;

/** runsc that is not root asks newuidmap(1) and newgidmap(1) for its ids, which would ask /etc/subuid for leave. */
export async function makeIdMappers(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of ["newuidmap", "newgidmap"]) {
    const link = path.join(directory, name);
    await rm(link, { force: true });
    await symlink(launchPath(), link);
  }
}

/** The process that is the container's kernel; its children, which stand in for processes inside, bear the same name. */
export async function isSentry(pid: number): Promise<boolean> {
  const parent = /^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""))?.[1];
  return (await calledSentry(pid)) && !(await calledSentry(Number(parent)));
}

async function calledSentry(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
  return command.startsWith("runsc-sandbox\0");
}

/** gVisor puts a tmpfs over an empty /tmp unless something is mounted there; what a build step leaves in it is to stay. */
export function ownTmp(rootfs: string): object[] {
  try {
    closeSync(openInRoot(rootfs, "/tmp", constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  } catch (error) {
    if (error instanceof NativeError) return [];
    throw error;
  }
  return [
    { destination: "/tmp", type: "bind", source: path.join(rootfs, "tmp"), options: ["bind", "rprivate"] },
  ];
}
