import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailure, refuse, runCommand } from "./command.mjs";
import { end, identify } from "./identity.mjs";
import { Refusal } from "./refusal.mjs";

/*
 * PostgreSQL as a child of ours: its own user, its files in one directory, and a unix socket as the only door. Who
 * connects is known by the kernel (peer authentication), so that there is no password to keep.
 *
 *   <directory>/cluster   PostgreSQL's data directory
 *   <directory>/socket    its unix socket; only its user and root may enter
 */

/** Name of the role and of the database. */
const NAME = "slipway";
const INIT_TIMEOUT_MS = 120_000;
/** Recovery after a crash reads the log since the last checkpoint, at most max_wal_size. */
const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 15;
/** SIGINT is PostgreSQL's fast shutdown: it ends connections and writes a checkpoint. */
const STOP_TIMEOUT_MS = 20_000;
/** Backends of a server that was killed end by themselves. */
const ORPHAN_TIMEOUT_MS = 5_000;
/** sun_path of unix(7) holds 108 bytes, with the zero at its end. */
const SOCKET_PATH_BYTES = 107;
const SOCKET_NAME = ".s.PGSQL.5432";

/**
 * @typedef {object} DatabaseOptions
 * @property {string} programs directory that holds PostgreSQL's bin, lib and share
 * @property {string} directory
 * @property {{ name: string, uid: number, gid: number } | null} account whom it runs as; null: as this process
 * @property {boolean} [durable] false gives up safety after a crash of the machine, for tests
 */

/**
 * @param {string} directory
 * @returns {string} connection string for those that run as the account or as root
 */
export function databaseUrl(directory) {
  return `postgresql://${NAME}@localhost/${NAME}?host=${encodeURIComponent(path.join(directory, "socket"))}`;
}

/**
 * Makes everything ready for a server to start: makes the cluster when there is none, ends what an earlier server left.
 * Killed at any point, it is safe to call again.
 * @param {DatabaseOptions} options
 * @returns {Promise<{ made: boolean }>}
 * @throws {Refusal} the cluster is of another PostgreSQL, or the path is too long
 */
export async function prepareDatabase(options) {
  const { directory, account } = options;
  const socket = path.join(directory, "socket");
  if (Buffer.byteLength(path.join(socket, SOCKET_NAME)) > SOCKET_PATH_BYTES) {
    throw new Refusal(`${socket} is too long a path for a unix socket; choose a shorter SLIPWAY_DATA_DIR.`);
  }
  for (const part of [directory, socket]) {
    mkdirSync(part, { recursive: true, mode: 0o700 });
    chmodSync(part, 0o700);
    if (account) chownSync(part, account.uid, account.gid);
  }
  const cluster = clusterOf(directory);
  const made = !existsSync(path.join(cluster, "PG_VERSION"));
  if (made) await makeCluster(options, cluster);
  checkVersion(options, cluster);
  await endOrphans(cluster);
  writeAccess(options, cluster);
  return { made };
}

/**
 * @param {DatabaseOptions} options
 * @returns {{ program: string, args: string[] }} the server
 */
export function databaseCommand({ programs, directory, durable = true }) {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: path.join(directory, "socket"),
    shared_buffers: "128MB",
    max_connections: "100",
    log_line_prefix: "%m [%p] ",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return { program: path.join(programs, "bin/postgres"), args: ["-D", clusterOf(directory), ...options] };
}

/**
 * Waits until the server says in its pid file that it takes connections, as pg_ctl does.
 * @param {string} directory
 * @param {number} pid
 * @param {AbortSignal} signal aborted when the server has ended
 * @throws {Refusal} not ready in time; or the signal's reason
 */
export async function waitForDatabase(directory, pid, signal) {
  const file = path.join(clusterOf(directory), "postmaster.pid");
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(READY_POLL_MS)) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (Number(lines[0]) === pid && lines[7]?.trim() === "ready") return;
    signal.throwIfAborted();
  }
  throw new Refusal(`PostgreSQL was not ready within ${READY_TIMEOUT_MS / 1000} s; its log says why.`);
}

/** @param {string} directory */
function clusterOf(directory) {
  return path.join(directory, "cluster");
}

/**
 * initdb works in a directory of another name, so that a cluster that is there is complete.
 * @param {DatabaseOptions} options
 * @param {string} cluster
 */
async function makeCluster({ programs, account }, cluster) {
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const environment = {
    cwd: "/",
    user: account,
    timeoutMs: INIT_TIMEOUT_MS,
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
  };
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"];
  try {
    const initdb = path.join(programs, "bin/initdb");
    await runCommand(initdb, ["-D", unfinished, "-U", NAME, "--auth=peer", ...locale], environment);
    const single = ["--single", "-D", unfinished, "postgres"];
    await runCommand(path.join(programs, "bin/postgres"), single, {
      ...environment,
      input: `CREATE DATABASE ${NAME}\n`,
    });
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const reason =
      error instanceof CommandFailure ? error.tail.findLast((line) => /error|fatal/i.test(line)) : undefined;
    throw refuse(error, `The database could not be made: ${reason ?? "initdb failed"}.`);
  }
  renameSync(unfinished, cluster);
}

/**
 * @param {DatabaseOptions} options
 * @param {string} cluster
 */
function checkVersion({ programs }, cluster) {
  const found = Number(readFileSync(path.join(cluster, "PG_VERSION"), "utf8"));
  const catalog = readFileSync(path.join(programs, "share/postgresql/postgres.bki"), "latin1").slice(0, 64);
  const wanted = Number(/^# PostgreSQL (\d+)/.exec(catalog)?.[1]);
  if (found === wanted) return;
  throw new Refusal(
    found > wanted
      ? `The database in ${cluster} is of PostgreSQL ${found}, newer than this Slipway's ${wanted}; start the newer Slipway that made it.`
      : `The database in ${cluster} is of PostgreSQL ${found}, and this Slipway brings ${wanted}; dump it with the older Slipway and restore it here.`,
  );
}

/**
 * Who may come in: the account and root, by the socket, as the role.
 * @param {DatabaseOptions} options
 * @param {string} cluster
 */
function writeAccess({ account }, cluster) {
  const people = new Set(["root", account?.name ?? userInfo().username]);
  const map = [...people].map((name) => `${NAME} ${name} ${NAME}\n`).join("");
  for (const [name, text] of [
    ["pg_hba.conf", `local all all peer map=${NAME}\n`],
    ["pg_ident.conf", map],
  ]) {
    const file = path.join(cluster, String(name));
    writeFileSync(`${file}.new`, String(text), { mode: 0o600 });
    if (account) chownSync(`${file}.new`, account.uid, account.gid);
    renameSync(`${file}.new`, file);
  }
}

/**
 * Ends every process that still works in the cluster (its working directory is there: nobody else's is), and removes the
 * pid file of a server that is gone, whose number may be another program's by now.
 * @param {string} cluster
 */
async function endOrphans(cluster) {
  const pidFile = path.join(cluster, "postmaster.pid");
  const server = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8").split("\n")[0]) : 0;
  const orphans = processesIn(cluster);
  const alive = orphans.includes(server) ? identify(server) : null;
  if (alive) await end(alive, "SIGINT", STOP_TIMEOUT_MS);
  for (
    const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
    processesIn(cluster).length > 0;
    await sleep(READY_POLL_MS)
  ) {
    if (Date.now() < deadline) continue;
    await Promise.all(
      processesIn(cluster).map(async (pid) => {
        const identity = identify(pid);
        if (identity) await end(identity, "SIGKILL", 0);
      }),
    );
  }
  rmSync(pidFile, { force: true });
}

/**
 * @param {string} directory
 * @returns {number[]} processes that work in it
 */
function processesIn(directory) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === directory;
      } catch {
        return false;
      }
    })
    .map(Number);
}
