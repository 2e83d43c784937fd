import { networkInterfaces } from "node:os";
import path from "node:path";
import { Refusal } from "./refusal.mjs";

/** The clone that these files lie in. */
export const ROOT = path.resolve(import.meta.dirname, "../..");

/**
 * What the bootstrap itself has to know. Every other setting is checked by the process that it is for (`env.ts`).
 * @typedef {object} Settings
 * @property {string} dataDir
 * @property {number} port
 * @property {string} listenAddress
 * @property {string} publicUrl origin that people type
 * @property {string} localUrl where processes of this machine reach the web server
 * @property {boolean} standby whether a second web server and a second worker wait, loaded, for the end of the first
 * @property {string | null} databaseUrl an external PostgreSQL, or null for the embedded one
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 * @throws {Refusal} a setting is wrong
 */
export function readSettings(env) {
  const dataDir = env.SLIPWAY_DATA_DIR || "/var/lib/slipway";
  if (!path.isAbsolute(dataDir) || path.normalize(dataDir) !== dataDir || dataDir === "/") {
    throw new Refusal(
      `SLIPWAY_DATA_DIR is "${dataDir}"; it has to be an absolute path such as /var/lib/slipway.`,
    );
  }
  const port = Number(env.SLIPWAY_PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Refusal(`SLIPWAY_PORT is "${env.SLIPWAY_PORT}"; it has to be a number from 1 to 65535.`);
  }
  const listenAddress = env.SLIPWAY_LISTEN_ADDRESS || "127.0.0.1";
  const publicUrl = env.SLIPWAY_PUBLIC_URL || `http://localhost:${port}`;
  if (!URL.canParse(publicUrl)) {
    throw new Refusal(
      `SLIPWAY_PUBLIC_URL is "${publicUrl}"; it has to be a URL such as http://localhost:3000.`,
    );
  }
  const localUrl = `http://${reachable(listenAddress)}:${port}`;
  const standby = env.SLIPWAY_STANDBY || "on";
  if (standby !== "on" && standby !== "off") {
    throw new Refusal(`SLIPWAY_STANDBY is "${standby}"; it has to be on or off.`);
  }
  const databaseUrl = env.DATABASE_URL || null;
  return { dataDir, port, listenAddress, publicUrl, localUrl, standby: standby === "on", databaseUrl };
}

/** @param {string} address what a server listens on; the answer is where a client of the same machine reaches it */
function reachable(address) {
  if (address === "0.0.0.0" || address === "localhost") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}

/**
 * @param {string} address
 * @returns {boolean} whether a server may listen on it here
 */
export function isOwnAddress(address) {
  if (["0.0.0.0", "::", "localhost"].includes(address) || address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === address));
}
