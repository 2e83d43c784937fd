import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../bootstrap/settings.mjs";

/** The first start in a new data directory makes the base images. */
const READY_TIMEOUT_MS = 25 * 60_000;
const STOP_TIMEOUT_MS = 120_000;
const KEPT_LINES = 60;
const KEPT_WARNINGS = 20;
const WARNING_CHARACTERS = 400;
/** Slipways of tests on one machine, killed ones included. */
const NUMBERS = 64;

/**
 * A whole Slipway, started by `npm start`'s own program, with a data directory and a port of its own: it runs beside
 * another one.
 */
export class LiveSlipway {
  #dataDir;
  #port;
  #number = freeNumber();
  /** Tells its namespaces, interfaces, cgroups and tables apart from another Slipway's. */
  #instance = `t${this.#number}`;
  /** @type {string[]} */
  #lines = [];
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;

  /** @param {string} dataDir @param {number} port */
  constructor(dataDir, port) {
    this.#dataDir = dataDir;
    this.#port = port;
  }

  /** A directory on a real disk: /tmp may be memory, which carries neither idmapped overlays nor images of gigabytes. */
  static async create() {
    const dataDir = mkdtempSync("/var/tmp/slipway-test-");
    chmodSync(dataDir, 0o755);
    return new LiveSlipway(dataDir, await freePort());
  }

  get url() {
    return `http://localhost:${this.#port}`;
  }

  get dataDir() {
    return this.#dataDir;
  }

  /** What it printed last. */
  get output() {
    return this.#lines.join("\n");
  }

  /** The last lines of its logs that are warnings or worse (pino's levels). */
  warnings() {
    const logs = path.join(this.#dataDir, "logs");
    const lines = existsSync(logs)
      ? readdirSync(logs).flatMap((name) => readFileSync(path.join(logs, name), "utf8").split("\n"))
      : [];
    const bad = lines.filter((line) => /"level":[456]0\b/.test(line));
    return bad
      .slice(-KEPT_WARNINGS)
      .map((line) => line.slice(0, WARNING_CHARACTERS))
      .join("\n");
  }

  /** @param {AbortSignal} signal @throws {Error} it did not become ready */
  async start(signal) {
    // Settings of the shell are another Slipway's: its database above all.
    const inherited = Object.entries(process.env).filter(([name]) => !/^SLIPWAY_|^DATABASE_URL$/.test(name));
    const env = {
      ...Object.fromEntries(inherited),
      SLIPWAY_DATA_DIR: this.#dataDir,
      SLIPWAY_PORT: String(this.#port),
      SLIPWAY_PUBLIC_URL: this.url,
      SLIPWAY_INSTANCE: this.#instance,
      SLIPWAY_ADMINS: "operator@example.org",
      // Two stages of one journey side by side, while another one builds.
      SLIPWAY_MAX_BUILDS: "4",
      SLIPWAY_ADDRESS_POOL: `100.${80 + (this.#number >> 2)}.${(this.#number & 3) * 64}.0/18`,
      SLIPWAY_ID_RANGE_START: "1500000000",
    };
    const child = spawn(process.execPath, [path.join(ROOT, "infra/bootstrap/start.mjs")], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        if (this.#lines.push(line) > KEPT_LINES) this.#lines.shift();
      });
    }
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
    const ready = once(child, "message", { signal: timeout });
    const ended = once(child, "exit", { signal: timeout }).then(() =>
      Promise.reject(new Error(`it ended:\n${this.output}`)),
    );
    ended.catch(() => undefined);
    await Promise.race([ready, ended]);
  }

  /**
   * Ctrl-C.
   * @returns {Promise<number | null>} its exit status; null when it did not end in time and was killed
   */
  async stop() {
    const child = this.#process;
    if (!child || child.exitCode !== null) return child?.exitCode ?? 0;
    const ended = once(child, "exit");
    child.kill("SIGINT");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const [status] = await ended;
    clearTimeout(timer);
    return status;
  }

  /** @returns {string[]} what of it is still there, besides its files */
  remains() {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return [
      ...mounts.filter((line) => line.includes(this.#dataDir)).map((line) => `mount ${line.split(" ")[4]}`),
      ...this.#processes().map((text) => `process ${text}`),
      ...this.#kernelObjects(),
    ];
  }

  remove() {
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #kernelObjects() {
    const name = `slipway${this.#instance}`;
    const list = (/** @type {string} */ directory) => (existsSync(directory) ? readdirSync(directory) : []);
    const tables = spawnSync("nft", ["list", "tables"], { encoding: "utf8" }).stdout.split("\n");
    const cgroups = ["/sys/fs/cgroup", ...list("/sys/fs/cgroup").map((entry) => `/sys/fs/cgroup/${entry}`)];
    return [
      ...list("/run/netns")
        .filter((entry) => entry.startsWith(`${name}-`))
        .map((entry) => `network namespace ${entry}`),
      ...list("/sys/class/net")
        .filter((entry) => entry.startsWith(`sw${this.#instance}-`))
        .map((entry) => `interface ${entry}`),
      ...cgroups
        .map((parent) => `${parent}/${name}`)
        .filter(existsSync)
        .map((entry) => `cgroup ${entry}`),
      ...tables.filter((table) => table.endsWith(` ${name}`)).map((table) => `nftables ${table}`),
    ];
  }

  #processes() {
    return readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
      .flatMap((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
          const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
          const ours = [command, environment, readlinkSync(`/proc/${pid}/cwd`)].some((text) =>
            text.includes(this.#dataDir),
          );
          return ours ? [`${pid} ${command.slice(0, 100)}`] : [];
        } catch {
          return [];
        }
      });
  }
}

/** One of 64 that no Slipway of tests has, not even one that was killed and left its table: its addresses follow from it. */
function freeNumber() {
  const { stdout } = spawnSync("nft", ["list", "tables"], { encoding: "utf8" });
  const taken = new Set([...stdout.matchAll(/ slipwayt([0-9]+)$/gm)].map(([, number]) => Number(number)));
  const free = Array.from({ length: NUMBERS }, (_, number) => number).filter((number) => !taken.has(number));
  const number = free[randomInt(Math.max(1, free.length))];
  if (number === undefined) throw new Error("all addresses for Slipways of tests are taken: nft list tables");
  return number;
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string")
    throw new Error("a listening TCP server has an address");
  return address.port;
}
