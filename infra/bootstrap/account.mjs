import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { refuse, runCommand } from "./command.mjs";

/** The system user that web and database run as. */
export const ACCOUNT = "slipway";
const ADD_TIMEOUT_MS = 30_000;
const SECRET_BYTES = 32;

/** @typedef {{ name: string, uid: number, gid: number }} Account */

/**
 * The unprivileged user, made when it is missing.
 * @returns {Promise<Account>}
 */
export async function ensureAccount() {
  const known = findAccount();
  if (known) return known;
  try {
    const home = ["--no-create-home", "--home-dir", "/nonexistent"];
    await runCommand(
      "useradd",
      ["--system", "--user-group", ...home, "--shell", "/usr/sbin/nologin", ACCOUNT],
      {
        timeoutMs: ADD_TIMEOUT_MS,
      },
    );
  } catch (error) {
    throw refuse(
      error,
      `The system user ${ACCOUNT} could not be made; make it by hand with useradd --system ${ACCOUNT}.`,
    );
  }
  const made = findAccount();
  if (!made) throw new Error(`useradd ended well, and /etc/passwd has no ${ACCOUNT}`);
  return made;
}

/** @returns {Account | null} */
function findAccount() {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${ACCOUNT}:`));
  const [name, , uid, gid] = line?.split(":") ?? [];
  return name && uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : null;
}

/**
 * A secret of this data directory: random, made once, readable for root only. Processes get it by their environment.
 * @param {string} dataDir
 * @param {string} name
 * @returns {string}
 */
export function readSecret(dataDir, name) {
  const directory = path.join(dataDir, "secrets");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const file = path.join(directory, name);
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(SECRET_BYTES).toString("base64url"), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, "utf8").trim();
}
