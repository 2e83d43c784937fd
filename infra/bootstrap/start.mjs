import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { ensureAccount } from "./account.mjs";
import { installNpmPackages, makePart, PARTS } from "./clone.mjs";
import { acquireLock } from "./lock.mjs";
import { Log } from "./log.mjs";
import { chosenPackages, installPackages } from "./packages.mjs";
import * as preflight from "./preflight.mjs";
import { Progress } from "./progress.mjs";
import { Refusal, sentenceOf } from "./refusal.mjs";
import { Release } from "./release.mjs";
import { ROOT, readSettings } from "./settings.mjs";
import { recover, Slipway } from "./slipway.mjs";

/*
 * npm start: sets everything up, skips what is done, runs PostgreSQL, web and worker, and stops them on Ctrl-C. It stands on
 * Node alone until the npm packages are there.
 */

/** A person or a service manager asked for the end. */
class Interruption extends Error {
  /** @override */
  name = "Interruption";
}

const progress = new Progress(process.stdout);
const halt = new AbortController();

/** @typedef {import("./settings.mjs").Settings} Settings */

/**
 * Everything that can be refused before anything is installed.
 * @param {Settings} settings
 * @returns {Promise<() => void>} gives the lock back
 */
async function preflightChecks(settings) {
  preflight.checkMachine();
  preflight.makeDataDir(settings.dataDir);
  const unlock = acquireLock(path.join(settings.dataDir, "run"), settings.publicUrl);
  try {
    const leftovers = await recover(settings.dataDir);
    if (leftovers.length > 0)
      progress.say(`Ended what an earlier start left running: ${leftovers.join(", ")}.`);
    const first = !existsSync(path.join(settings.dataDir, "release"));
    preflight.checkFreeSpace(
      settings.dataDir,
      first ? preflight.FIRST_START_FREE_BYTES : preflight.START_FREE_BYTES,
      "Slipway",
    );
    if (!existsSync(path.join(ROOT, "node_modules"))) {
      preflight.checkFreeSpace(ROOT, preflight.FIRST_START_FREE_BYTES, "the first build");
    }
    await preflight.checkPort(settings.port, settings.listenAddress);
    await preflight.checkOverlay(settings.dataDir);
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Installs and builds what is missing, and starts each process as soon as what it needs is there.
 * @param {Settings} settings
 * @param {(slipway: Slipway) => void} onMade told before any process starts
 */
async function bringUp(settings, onMade) {
  const { signal } = halt;
  await all([
    progress.phase("Debian packages", (reporter) =>
      installPackages(chosenPackages(process.env), reporter, signal),
    ),
    progress.phase("npm packages", (reporter) => installNpmPackages(reporter, signal)),
  ]);
  const release = new Release(settings.dataDir);
  const account = await ensureAccount();
  const slipway = new Slipway({ settings, env: process.env, account, release, progress, halt });
  onMade(slipway);

  const database = progress.phase("database", (reporter) => slipway.startDatabase(reporter));
  const page = (async () => {
    const stamp = await progress.phase(PARTS.web.name, (reporter) => makePart(PARTS.web, reporter, signal));
    const directory = release.web(stamp);
    const url = await database;
    await progress.phase("web server", () => slipway.startWeb(directory, url));
  })();
  const worker = (async () => {
    await progress.phase(PARTS.native.name, (reporter) => makePart(PARTS.native, reporter, signal));
    await progress.phase(PARTS.worker.name, (reporter) => makePart(PARTS.worker, reporter, signal));
    await progress.phase("worker, base images", (reporter) => slipway.startWorker(reporter));
  })();
  await all([database, page, worker]);
  release.sweep();
}

/**
 * Waits for all, as the first failure ends the others.
 * @param {Promise<unknown>[]} work
 */
async function all(work) {
  for (const one of work) one.catch((error) => halt.abort(error));
  await Promise.allSettled(work);
  halt.signal.throwIfAborted();
}

/** @param {Slipway} slipway */
async function shutDown(slipway) {
  let forced = false;
  const force = () => {
    forced = true;
    progress.say("Stopping at once; the next start clears away what is left.");
    slipway.kill().catch((error) => progress.say(sentenceOf(error)));
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, force);
  progress.say(progress.paint("dim", "Stopping: sessions end, files stay. Ctrl-C again stops at once."));
  await progress.phase("stopped", async (reporter) => {
    const killed = await slipway.stop((name) => reporter.detail(name));
    if (killed.length > 0 && !forced) reporter.note(`${killed.join(", ")} had to be killed`);
  });
}

/** @param {Settings} settings @param {number} startedMs */
function announce(settings, startedMs) {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  progress.say("");
  progress.say(
    `  ${progress.paint("bold", "Slipway is ready")} at ${progress.paint("bold", settings.publicUrl)}  ${progress.paint("dim", `(${seconds} s)`)}`,
  );
  progress.say(
    progress.paint(
      "dim",
      `  Data in ${settings.dataDir}, logs in ${path.join(settings.dataDir, "logs")}. Ctrl-C stops it.`,
    ),
  );
  progress.say("");
  process.send?.({ ready: true, url: settings.localUrl });
}

/** @returns {Promise<number>} exit status */
async function main() {
  const startedMs = performance.now();
  process.umask(0o022);
  const settings = readSettings(process.env);
  const unlock = await preflightChecks(settings);
  /** @type {Slipway | undefined} */
  let slipway;
  let ready = false;
  const interrupt = () => halt.abort(new Interruption());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, interrupt);
  try {
    await bringUp(settings, (made) => {
      slipway = made;
    });
    ready = true;
    announce(settings, startedMs);
    if (!halt.signal.aborted) await once(halt.signal, "abort");
    throw halt.signal.reason;
  } catch (error) {
    if (!(error instanceof Interruption)) complain(error, settings);
    if (slipway) await shutDown(slipway);
    if (!(error instanceof Interruption)) return 1;
    if (!ready) progress.say("Stopped before it was ready; the next start goes on from here.");
    return ready ? 0 : 130;
  } finally {
    unlock();
  }
}

/** @param {unknown} error @param {Settings} [settings] */
function complain(error, settings) {
  progress.say(`${progress.paint("red", "Slipway:")} ${sentenceOf(error)}`);
  if (!settings || !existsSync(settings.dataDir)) return;
  const log = new Log(path.join(settings.dataDir, "logs/start.log"));
  for (let link = error; link instanceof Error; link = link.cause) log.line(link.stack ?? link.message);
  log.close();
  if (!(error instanceof Refusal)) progress.say(progress.paint("dim", `Details are in ${log.file}.`));
}

main().then(
  (status) => process.exit(status),
  (error) => {
    complain(error);
    process.exit(1);
  },
);
