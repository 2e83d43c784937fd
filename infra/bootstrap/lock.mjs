import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { identify, isAlive, readIdentity } from "./identity.mjs";
import { Refusal } from "./refusal.mjs";

/** How many stale locks in a row may be cleared away before something is wrong. */
const ATTEMPTS = 3;

/**
 * Makes this process the only supervisor of a data directory until it ends, however it ends: a lock whose process is gone
 * is stale and is taken over.
 * @param {string} directory holds the lock; is made when missing
 * @param {string} url told to whoever comes second
 * @returns {() => void} gives the lock back
 * @throws {Refusal} another Slipway runs on this directory
 */
export function acquireLock(directory, url) {
  mkdirSync(directory, { recursive: true });
  const lock = path.join(directory, "lock.json");
  const mine = path.join(directory, `lock.${process.pid}`);
  writeFileSync(mine, JSON.stringify({ ...identify(process.pid), url }), { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryLink(mine, lock)) return () => rmSync(lock, { force: true });
      clearStale(lock, mine);
    }
    throw new Refusal(`Another start of Slipway holds ${lock}; wait until it is done.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * link(2) fails when the name exists, and the file that it names is complete: nobody ever reads half a lock.
 * @param {string} file
 * @param {string} name
 */
function tryLink(file, name) {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} lock
 * @param {string} mine
 * @throws {Refusal} it is not stale
 */
function clearStale(lock, mine) {
  const holder = readIdentity(lock);
  if (holder && isAlive(holder))
    throw new Refusal(`Slipway runs already (process ${holder.pid}) at ${urlOf(lock)}.`);
  const aside = `${mine}.stale`;
  try {
    renameSync(lock, aside);
  } catch {
    return; // Someone else cleared it away.
  }
  // Between reading and renaming, another start may have done all of this and put its own lock there.
  const moved = readIdentity(aside);
  if (moved && isAlive(moved)) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

/** @param {string} lock */
function urlOf(lock) {
  try {
    return String(JSON.parse(readFileSync(lock, "utf8")).url);
  } catch {
    return "an unknown address";
  }
}
