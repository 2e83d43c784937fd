import { mkdirSync } from "node:fs";
import path from "node:path";
import { Child, endLeftovers } from "./child.mjs";
import { runCommand } from "./command.mjs";
import { databaseCommand, databaseUrl, prepareDatabase, waitForDatabase } from "./database.mjs";
import { webEnvironment, workerEnvironment } from "./environment.mjs";
import { parseLine, parsePostgresLine, Screen } from "./output.mjs";
import { waitForReady, withTimeout } from "./readiness.mjs";
import { Refusal } from "./refusal.mjs";
import { ROOT } from "./settings.mjs";

/** How each process is asked to end, in the order of stopping, and how long it may take. */
const STOPS = /** @type {const} */ ([
  // SIGINT ends every session and removes what they were made of; SIGTERM leaves them for the next worker.
  { name: "worker", signal: "SIGINT", timeoutMs: 60_000 },
  { name: "web", signal: "SIGTERM", timeoutMs: 10_000 },
  { name: "postgres", signal: "SIGINT", timeoutMs: 20_000 },
]);
/** The same for what a supervisor that was killed left running: its sessions live on. */
const LEFTOVERS = STOPS.map((stop) =>
  stop.name === "worker" ? { ...stop, signal: /** @type {const} */ ("SIGTERM") } : stop,
);
const WEB_READY_TIMEOUT_MS = 60_000;
/** The first start makes the base images, from the network or from packages. */
const WORKER_READY_TIMEOUT_MS = 20 * 60_000;
const DEPLOY_TIMEOUT_MS = 120_000;
/** Terminals and pages have come back by then. */
const STANDBY_AFTER_MS = 5_000;

/** @typedef {import("./progress.mjs").Reporter} Reporter */
/** @typedef {(typeof STOPS)[number]["name"]} Name */

/**
 * @typedef {object} SlipwayOptions
 * @property {import("./settings.mjs").Settings} settings
 * @property {NodeJS.ProcessEnv} env
 * @property {import("./account.mjs").Account} account
 * @property {import("./release.mjs").Release} release
 * @property {import("./progress.mjs").Progress} progress
 * @property {AbortController} halt ends a start that is under way; aborted here with a Refusal when a process is given up
 */

/**
 * The processes of one machine: PostgreSQL, web, worker. The last two run without Node's --enable-source-maps: reading the map of a
 * bundle of megabytes takes half a second at the first error that is logged, in which no key of anybody is echoed. The
 * bundles keep names, and say which file each part is from.
 */
export class Slipway {
  #options;
  /** @type {Map<Name, Child>} */
  #children = new Map();

  /** @param {SlipwayOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Starts PostgreSQL, unless an external one is named, and brings it to this version's schema.
   * @param {Reporter} reporter
   * @returns {Promise<string>} its connection string
   */
  async startDatabase(reporter) {
    const url = this.#options.settings.databaseUrl ?? (await this.#startPostgres(reporter));
    reporter.detail("migrations");
    await this.#deploy(url);
    return url;
  }

  /** @param {Reporter} reporter */
  async #startPostgres(reporter) {
    const { settings, account, release } = this.#options;
    const directory = path.join(settings.dataDir, "postgres");
    const options = { programs: release.postgres(), directory, account };
    reporter.detail("PostgreSQL");
    const { made } = await prepareDatabase(options);
    if (made) reporter.note("made");
    const child = this.#child("postgres", {
      command: () => databaseCommand(options),
      cwd: "/",
      env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
      account,
      orphanSignal: "SIGINT",
      beforeRestart: () => prepareDatabase(options),
      parse: parsePostgresLine,
    });
    child.start();
    await waitForDatabase(directory, child.pid, this.#options.halt.signal);
    child.keep();
    return databaseUrl(directory);
  }

  /** @param {string} url @throws {Refusal} the sentence of prisma/main.ts */
  async #deploy(url) {
    try {
      const args = ["--import", "tsx", "prisma/main.ts", "deploy"];
      const env = { ...process.env, DATABASE_URL: url };
      const { signal } = this.#options.halt;
      await runCommand(process.execPath, args, { cwd: ROOT, env, timeoutMs: DEPLOY_TIMEOUT_MS, signal });
    } catch (error) {
      const tail = error instanceof Error && "tail" in error && Array.isArray(error.tail) ? error.tail : [];
      const sentence = tail.findLast((line) => line.trim() !== "");
      throw new Refusal(sentence ?? "The database could not be brought to this version's schema.", {
        cause: error,
      });
    }
  }

  /**
   * @param {string} directory the release's copy of web/dist
   * @param {string} url of the database
   */
  async startWeb(directory, url) {
    const { settings, env, account, release, halt } = this.#options;
    const program = release.node();
    const child = this.#child("web", {
      command: () => ({ program, args: [path.join(directory, "server.mjs")] }),
      cwd: directory,
      env: webEnvironment(env, settings, url),
      account,
      orphanSignal: "SIGTERM",
      ...(settings.standby && { standbyAfterMs: STANDBY_AFTER_MS }),
      parse: parseLine,
    });
    child.start();
    await waitForReady(`${settings.localUrl}/readyz`, {
      name: "The web server",
      timeoutMs: WEB_READY_TIMEOUT_MS,
      logFile: child.logFile,
      signal: halt.signal,
    });
    child.keep();
  }

  /** @param {Reporter} reporter */
  async startWorker(reporter) {
    const { settings, env, halt } = this.#options;
    mkdirSync(path.join(settings.dataDir, "worker"), { recursive: true, mode: 0o711 });
    /** @type {Promise<void>} */
    const ready = new Promise((resolve) => {
      const child = this.#child("worker", {
        command: () => ({
          program: process.execPath,
          args: [path.join(ROOT, "worker/dist/main.mjs")],
        }),
        cwd: "/",
        env: workerEnvironment(env, settings),
        account: null,
        orphanSignal: "SIGTERM",
        ...(settings.standby && { standbyAfterMs: STANDBY_AFTER_MS }),
        parse: (line, stream) => {
          const said = parseLine(line, stream);
          if (said.progress) reporter.detail(said.progress);
          if (said.ready) resolve();
          return said;
        },
      });
      child.start();
    });
    const late = `The worker was not ready within ${WORKER_READY_TIMEOUT_MS / 60_000} minutes; its log is ${this.#logFile("worker")}.`;
    await withTimeout(ready, WORKER_READY_TIMEOUT_MS, late, halt.signal);
    this.#children.get("worker")?.keep();
  }

  /**
   * Stops what runs, the worker first: it tells the control plane how its sessions ended.
   * @param {(name: Name) => void} onStop told before each
   * @returns {Promise<Name[]>} those that had to be killed
   */
  async stop(onStop) {
    /** @type {Name[]} */
    const killed = [];
    for (const { name, signal, timeoutMs } of STOPS) {
      const child = this.#children.get(name);
      if (!child) continue;
      onStop(name);
      if ((await child.stop(signal, timeoutMs)) === "killed") killed.push(name);
    }
    return killed;
  }

  /** Kills what runs, now. What it leaves is cleared away by the next start. */
  async kill() {
    await Promise.all([...this.#children.values()].map((child) => child.stop("SIGKILL", 0)));
  }

  /** @param {Name} name */
  #logFile(name) {
    return path.join(this.#options.settings.dataDir, "logs", `${name}.log`);
  }

  /**
   * @param {Name} name
   * @param {Pick<import("./child.mjs").ChildOptions, "command" | "cwd" | "env" | "account" | "orphanSignal" | "standbyAfterMs" | "beforeRestart"> &
   *   { parse: (line: string, stream: "stdout" | "stderr") => import("./output.mjs").Said }} options
   */
  #child(name, { parse, ...options }) {
    const { settings, progress, halt } = this.#options;
    const screen = new Screen(name, progress);
    const logFile = this.#logFile(name);
    let last = "";
    const child = new Child({
      ...options,
      name,
      logFile,
      runDirectory: path.join(settings.dataDir, "run"),
      onLine: (line, stream) => {
        const said = parse(line, stream);
        if (said.refusal) halt.abort(new Refusal(said.refusal));
        else if (said.trouble && !halt.signal.aborted) screen.show(said.trouble);
        last = said.trouble?.text ?? last;
      },
      onTrouble: (how) => screen.show({ level: "warn", text: `${how}; its log is ${logFile}` }),
      onGivenUp: (how) =>
        halt.abort(new Refusal(`The ${name} process ${how}${last && ` (${last})`}; its log is ${logFile}.`)),
    });
    this.#children.set(name, child);
    return child;
  }
}

/**
 * Ends what an earlier supervisor left running when it was killed.
 * @param {string} dataDir
 * @returns {Promise<string[]>} names
 */
export function recover(dataDir) {
  return endLeftovers(path.join(dataDir, "run"), LEFTOVERS);
}
