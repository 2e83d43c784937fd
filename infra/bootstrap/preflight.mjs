import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statfsSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";
import { isOwnAddress } from "./settings.mjs";

const GIB = 1024 ** 3;
/** Free space that the first start needs: npm packages, the build, PostgreSQL, the starter base images. */
export const FIRST_START_FREE_BYTES = 4 * GIB;
/** Free space below which no start makes sense: the database could not even write its log. */
export const START_FREE_BYTES = GIB / 2;
const PROBE_TIMEOUT_MS = 10_000;
const OLDEST_NODE = [20, 19];

const INSTEAD = "run it in a privileged container instead: docker compose -f infra/compose.yaml up";

/**
 * Can this process hold a worker at all?
 * @param {{ platform: string, uid: number | undefined, nodeVersion: string }} facts
 * @throws {Refusal}
 */
export function checkProcess({ platform, uid, nodeVersion }) {
  if (platform !== "linux")
    throw new Refusal(`Slipway's worker needs Linux, and this is ${platform}; ${INSTEAD}`);
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Refusal(`Slipway needs Node ${OLDEST_NODE.join(".")} or newer, and this is ${nodeVersion}.`);
  }
  if (uid !== 0)
    throw new Refusal(`Slipway's worker needs root: start it with sudo npm start, or ${INSTEAD}`);
}

/**
 * cgroups(7): version 2, or version 1 with the controllers that limits need, mounted writable.
 * @param {string} mounts as in /proc/self/mounts
 * @throws {Refusal}
 */
export function checkCgroups(mounts) {
  const found = mounts.split("\n").map((line) => line.split(" "));
  const usable = found.filter(
    ([, , type, options = ""]) => type?.startsWith("cgroup") && options.split(",").includes("rw"),
  );
  const unified = usable.some(([, directory, type]) => type === "cgroup2" && directory === "/sys/fs/cgroup");
  const legacy = ["memory", "pids", "cpu"].every((controller) =>
    usable.some(([, , type, options = ""]) => type === "cgroup" && options.split(",").includes(controller)),
  );
  if (unified || legacy) return;
  const readOnly = found.some(([, , type]) => type?.startsWith("cgroup"));
  throw new Refusal(
    readOnly
      ? `The cgroups of this machine are read-only here, as in a container that is not privileged; ${INSTEAD}`
      : "This machine has no cgroups (nothing is mounted at /sys/fs/cgroup), and sessions can't be limited without them.",
  );
}

/**
 * Mounts an overlay for a moment, in a mount namespace that vanishes with the probe.
 * @param {string} directory where the worker will keep its layers
 * @throws {Refusal}
 */
export async function checkOverlay(directory) {
  const script = [
    "set -e",
    'd=$(mktemp -d -p "$0" .overlay-probe-XXXXXX)',
    "trap 'rm -rf \"$d\"' EXIT",
    'mkdir "$d/lower" "$d/upper" "$d/work" "$d/merged"',
    "grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || { echo no-overlayfs; exit 0; }",
    'unshare --mount --propagation private mount -t overlay -o "lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work" overlay "$d/merged" 2>&1 || echo cannot-mount',
  ].join("\n");
  const lines = await runCommand("sh", ["-c", script, directory], { timeoutMs: PROBE_TIMEOUT_MS });
  if (lines.includes("no-overlayfs")) {
    throw new Refusal(
      "This kernel has no overlayfs (not in /proc/filesystems, and modprobe overlay fails); Slipway needs it.",
    );
  }
  if (lines.includes("cannot-mount")) {
    throw new Refusal(
      `An overlay can't be mounted in ${directory} (${lines[0]}); put SLIPWAY_DATA_DIR on a local file system such as ext4 or xfs, or ${INSTEAD}`,
      { cause: new Error(lines.join("\n")) },
    );
  }
}

/**
 * @param {string} directory
 * @param {number} neededBytes
 * @param {string} what it is for
 * @throws {Refusal}
 */
export function checkFreeSpace(directory, neededBytes, what) {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  const gib = (/** @type {number} */ bytes) => (bytes / GIB).toFixed(1);
  throw new Refusal(
    `The disk of ${directory} is full: ${gib(free)} GiB free, and ${what} needs ${gib(neededBytes)} GiB.`,
  );
}

/**
 * @param {number} port
 * @param {string} address
 * @returns {Promise<void>}
 * @throws {Refusal}
 */
export async function checkPort(port, address) {
  if (!isOwnAddress(address)) {
    throw new Refusal(`SLIPWAY_LISTEN_ADDRESS is "${address}", which is no address of this machine.`);
  }
  await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = "code" in error ? error.code : "";
      const sentence =
        code === "EADDRINUSE"
          ? `Port ${port} on ${address} is taken by another program; choose another with SLIPWAY_PORT.`
          : `Slipway can't listen on ${address}, port ${port} (${error.message}); see SLIPWAY_LISTEN_ADDRESS and SLIPWAY_PORT.`;
      reject(new Refusal(sentence, { cause: error }));
    });
    server.listen({ port, host: address, exclusive: true }, () => server.close(resolve));
  });
}

/**
 * Makes the data directory: root's own, readable for all, each part below it private to whom it serves.
 * @param {string} dataDir
 * @throws {Refusal}
 */
export function makeDataDir(dataDir) {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    if (!lstatSync(dataDir).isDirectory()) throw new Error("it is not a directory");
    accessSync(dataDir, constants.W_OK);
    chownSync(dataDir, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`SLIPWAY_DATA_DIR ${dataDir} can't be used: ${why}.`, { cause: error });
  }
  const closed = closedParent(dataDir);
  if (closed) {
    throw new Refusal(
      `SLIPWAY_DATA_DIR is ${dataDir}, but only root may enter ${closed}; web and database run as another user, so choose a directory such as /var/lib/slipway.`,
    );
  }
}

/**
 * @param {string} file
 * @returns {string | null} the directory on its path that others may not enter
 */
export function closedParent(file) {
  for (let directory = path.dirname(file); directory !== "/"; directory = path.dirname(directory)) {
    if (existsSync(directory) && (statSync(directory).mode & 0o001) === 0) return directory;
  }
  return null;
}

/** @throws {Refusal} everything that can be known before anything is made */
export function checkMachine() {
  checkProcess({ platform: process.platform, uid: process.getuid?.(), nodeVersion: process.versions.node });
  checkCgroups(readFileSync("/proc/self/mounts", "utf8"));
}
