import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { CommandFailure, refuse, runCommand } from "./command.mjs";
import { ROOT } from "./settings.mjs";
import { isCurrent, stampOf, writeStamp } from "./stamp.mjs";

const NPM_TIMEOUT_MS = 20 * 60_000;
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** @typedef {import("./progress.mjs").Reporter} Reporter */

/**
 * A part of the clone that is made from other files of it. It is made again when the content of those changed, and never
 * otherwise: the stamp of what it was made of lies beside it.
 * @typedef {object} Part
 * @property {string} name for the progress line
 * @property {string[]} script arguments of npm
 * @property {string[]} inputs
 * @property {string} output
 */

/** @satisfies {Record<string, Part>} */
export const PARTS = {
  native: {
    name: "native/",
    script: ["run", "build", "-w", "@slipway/native"],
    inputs: ["native"],
    output: "native/build",
  },
  client: {
    name: "database client",
    script: ["run", "db:generate"],
    inputs: ["prisma/schema.prisma", "package-lock.json"],
    output: "web/src/control-plane/db/generated",
  },
  web: {
    name: "web build",
    script: ["run", "build", "-w", "@slipway/web"],
    inputs: [
      "web",
      "prisma/schema.prisma",
      "worker/protocol",
      "worker/dockerfile",
      "package-lock.json",
      "tsconfig.json",
    ],
    output: "web/dist",
  },
  worker: {
    name: "worker build",
    script: ["run", "build", "-w", "@slipway/worker"],
    inputs: ["worker", "native/src", "package-lock.json", "tsconfig.json"],
    output: "worker/dist",
  },
};

/**
 * @param {Part} part
 * @returns {string} the name of what it would be made of now
 */
export function stampOfPart(part) {
  return stampOf(ROOT, part.inputs, [process.arch]);
}

/**
 * The npm packages of the lock file, exactly.
 * @param {Reporter} reporter
 * @param {AbortSignal} signal
 */
export async function installNpmPackages(reporter, signal) {
  const manifests = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")).workspaces.map(
    (/** @type {string} */ workspace) => `${workspace}/package.json`,
  );
  const stamp = stampOf(ROOT, ["package.json", "package-lock.json", ...manifests], [process.arch]);
  const output = path.join(ROOT, "node_modules");
  if (isCurrent(output, stamp)) return reporter.note("unchanged");
  await npm(["ci", "--include=dev"], NPM_TIMEOUT_MS, reporter, signal);
  writeStamp(output, stamp);
}

/**
 * @param {Part} part
 * @param {Reporter} reporter
 * @param {AbortSignal} signal
 * @returns {Promise<string>} its stamp
 */
export async function makePart(part, reporter, signal) {
  const stamp = stampOfPart(part);
  const output = path.join(ROOT, part.output);
  if (isCurrent(output, stamp)) {
    reporter.note("unchanged");
    return stamp;
  }
  await npm(part.script, BUILD_TIMEOUT_MS, reporter, signal);
  writeStamp(output, stamp);
  return stamp;
}

/**
 * Runs npm as the owner of the clone, so that `sudo npm start` leaves nothing of root's in a person's directory.
 * @param {string[]} args
 * @param {number} timeoutMs
 * @param {Reporter} reporter
 * @param {AbortSignal} signal
 */
async function npm(args, timeoutMs, reporter, signal) {
  const cli = process.env.npm_execpath;
  const [program, first] = cli && existsSync(cli) ? [process.execPath, [cli]] : ["npm", []];
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    NO_COLOR: "1",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  };
  Reflect.deleteProperty(env, "NODE_ENV");
  const command = `npm ${args.join(" ")}`;
  reporter.detail(command);
  try {
    await runCommand(program, [...first, ...args], {
      cwd: ROOT,
      env,
      user: ownerOfClone(),
      timeoutMs,
      signal,
      onLine: (line) => line.trim() && !line.startsWith("npm warn") && reporter.detail(line.trim()),
    });
  } catch (error) {
    throw refuse(error, `${command} failed: ${lastWord(error)}`);
  }
}

/** @returns {NonNullable<import("./command.mjs").CommandOptions["user"]> | null} null when this process is the owner */
function ownerOfClone() {
  const { uid, gid } = statSync(ROOT);
  if (process.getuid?.() !== 0 || uid === 0) return null;
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.split(":")[2] === String(uid));
  const home = entry?.split(":")[5];
  return home ? { uid, gid, home } : { uid, gid };
}

/** What npm itself says of a script that failed, which helps nobody. */
const NPM_NOISE =
  /complete log|^npm error (code|path|command|workspace|location|Lifecycle script)|^npm error$/;

/** @param {unknown} error */
function lastWord(error) {
  if (!(error instanceof CommandFailure)) return String(error);
  const telling = error.tail.filter((line) => /error/i.test(line) && !NPM_NOISE.test(line));
  const line = telling.find((text) => !text.startsWith("npm error")) ?? telling[0];
  return line ? line.replace(/^npm error\s*/, "").trim() : `it ${error.how}.`;
}
