import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CommandFailure, refuse, runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

const QUERY_TIMEOUT_MS = 30_000;
const INSTALL_TIMEOUT_MS = 20 * 60_000;
const LISTS = "/var/lib/apt/lists";

/** What Slipway runs on and is built with, by Debian package; the comment says what for. */
const PACKAGES = [
  "crun", // the OCI runtime
  "golang-github-containers-common", // the default seccomp profile
  "tini", // the init of `docker run --init`
  "nftables", // walls between the sessions' networks
  "iproute2", // their interfaces and addresses
  "e2fsprogs", // mkfs.ext4: a disk of its own for each session
  "mount", // mount, losetup
  "util-linux", // setpriv, unshare
  "passwd", // useradd
  "mmdebstrap", // base images from Debian packages
  "busybox-static", // the busybox base image
  "ca-certificates", // registries over TLS
  "zstd", // layers that are compressed so, and archives that ADD unpacks
  "bzip2",
  "xz-utils",
  "git", // repositories that ADD names
  "openssh-client", // an ssh agent for RUN --mount=type=ssh
  "g++", // native/
  "make",
  "python3",
];

/** What `npm test` needs beside those. */
export const TEST_PACKAGES = [
  "chromium",
  "runc", // all three OCI runtimes pass the same tests
  "runsc",
  "docker-registry", // a real registry
  "skopeo", // and a client of it
  "openssl",
  "docker.io", // what BuildKit builds is compared with what Slipway builds
  "docker-compose", // a client of a session's Engine API
];

/** What `npm run bench -- build`, `-- sessions` and `-- engine` compare with. */
export const BENCH_PACKAGES = ["docker.io", "buildah", "skopeo", "python3"];

/** Beside crun; runsc is gVisor. */
const OPTIONAL_RUNTIMES = ["runc", "runsc"];

/**
 * What the settings ask for beside those.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
export const chosenPackages = (env) => OPTIONAL_RUNTIMES.filter((name) => name === env.SLIPWAY_RUNTIME);

/**
 * Installs the Debian packages that are missing; does nothing, and in no time, when none is.
 * @param {readonly string[]} extra beside what Slipway itself needs
 * @param {import("./progress.mjs").Reporter} reporter
 * @param {AbortSignal} signal
 * @throws {Refusal}
 */
export async function installPackages(extra, reporter, signal) {
  const wanted = [...PACKAGES, ...nodeHeaders(), ...extra];
  const missing = await missingPackages(wanted);
  if (missing.length === 0) return reporter.note("all there");
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Refusal(
      `This is ${systemName()}, and Slipway installs packages on Debian and Ubuntu only; install ${missing.join(", ")} by hand, or use infra/compose.yaml.`,
    );
  }
  try {
    if (!hasLists()) await apt(["update"], reporter, signal);
    await install(missing, reporter, signal);
  } catch (error) {
    throw refuse(error, `Debian packages could not be installed (${missing.join(", ")}): ${reasonOf(error)}`);
  }
  reporter.note(`installed ${missing.join(", ")}`);
}

/**
 * Lists that are too old name versions that the mirror has no more: then update once, and try again.
 * @param {string[]} missing
 * @param {import("./progress.mjs").Reporter} reporter
 * @param {AbortSignal} signal
 */
async function install(missing, reporter, signal) {
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  try {
    await apt(install, reporter, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    await apt(["update"], reporter, signal);
    await apt(install, reporter, signal);
  }
}

/**
 * An installation that has begun is let finish: dpkg that is stopped half-way has to be mended by hand.
 * @param {string[]} args
 * @param {import("./progress.mjs").Reporter} reporter
 * @param {AbortSignal} signal
 */
async function apt(args, reporter, signal) {
  signal.throwIfAborted();
  reporter.detail(`apt-get ${args[0]} ${args.slice(3).join(" ")}`);
  // Lines of descriptor 3, as in apt's README.progress-reporting: kind:package:percent:text
  const options = ["-o", "Dpkg::Use-Pty=0", "-o", "APT::Status-Fd=3", "-o", "DPkg::Lock::Timeout=120"];
  await runCommand("apt-get", [...options, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8", NEEDRESTART_MODE: "l" },
    timeoutMs: INSTALL_TIMEOUT_MS,
    onStatus: (line) => {
      const [kind, , percent, text] = line.split(":");
      if (kind === "dlstatus" || kind === "pmstatus")
        reporter.detail(`${Math.round(Number(percent))} % ${text ?? ""}`);
    },
  });
}

/**
 * @param {string[]} wanted
 * @returns {Promise<string[]>}
 */
async function missingPackages(wanted) {
  const installed = new Set();
  try {
    const format = `--showformat=\${db:Status-Status} \${Package}\n`;
    await runCommand("dpkg-query", ["--show", format, ...wanted], {
      timeoutMs: QUERY_TIMEOUT_MS,
      onLine: (line) => {
        if (line.startsWith("installed ")) installed.add(line.slice("installed ".length));
      },
    });
  } catch {
    // Status 1: it does not know some of them, which is what this asks.
  }
  return wanted.filter((name) => !installed.has(name));
}

/**
 * Debian's own Node keeps the headers that native/ is compiled with in a package of its own; other builds bring them along.
 * @returns {string[]}
 */
function nodeHeaders() {
  const header = path.resolve(process.execPath, "../../include/node/node_api.h");
  return process.execPath === "/usr/bin/node" && !existsSync(header) ? ["libnode-dev"] : [];
}

function hasLists() {
  return existsSync(LISTS) && readdirSync(LISTS).some((name) => name.includes("_Packages"));
}

function systemName() {
  try {
    return (
      /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "an unknown Linux"
    );
  } catch {
    return "an unknown Linux";
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof CommandFailure)) return String(error);
  const line = error.tail.findLast((text) => /^E: /.test(text));
  if (line?.includes("Unable to locate package")) {
    return `${line.slice(3)}; on Ubuntu they are in "universe" (add-apt-repository universe).`;
  }
  return line ? `${line.slice(3)}` : `${error.how}.`;
}
