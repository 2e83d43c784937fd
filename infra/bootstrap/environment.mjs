import path from "node:path";
import { readSecret } from "./account.mjs";

/** What children get of the environment that Slipway was started in, beside every SLIPWAY_ setting. */
const PASSED_ON = [
  "PATH",
  "LANG",
  "LC_ALL",
  "TZ",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
];

/** Secrets that the worker must not have. */
const OF_THE_WEB = new Set([
  "SLIPWAY_SECRET",
  "SLIPWAY_EARLIER_SECRETS",
  "SLIPWAY_OPERATOR_CODE",
  "SLIPWAY_OIDC_CLIENT_SECRET",
  "SLIPWAY_METRICS_TOKEN",
]);

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./settings.mjs").Settings} settings
 * @returns {NodeJS.ProcessEnv} what both processes get
 */
function common(env, settings) {
  const own = Object.entries(env).filter(([name]) => name.startsWith("SLIPWAY_") || PASSED_ON.includes(name));
  return {
    ...Object.fromEntries(own),
    NODE_ENV: "production",
    SLIPWAY_DATA_DIR: settings.dataDir,
    SLIPWAY_PUBLIC_URL: settings.publicUrl,
    SLIPWAY_JOIN_TOKEN: env.SLIPWAY_JOIN_TOKEN || readSecret(settings.dataDir, "join-token"),
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./settings.mjs").Settings} settings
 * @param {string} databaseUrl
 * @returns {NodeJS.ProcessEnv}
 */
export function webEnvironment(env, settings, databaseUrl) {
  return {
    ...common(env, settings),
    HOME: "/nonexistent",
    NEXT_TELEMETRY_DISABLED: "1",
    SLIPWAY_PORT: String(settings.port),
    SLIPWAY_LISTEN_ADDRESS: settings.listenAddress,
    SLIPWAY_SECRET: env.SLIPWAY_SECRET || readSecret(settings.dataDir, "auth-secret"),
    SLIPWAY_OPERATOR_CODE: env.SLIPWAY_OPERATOR_CODE || readSecret(settings.dataDir, "operator-code"),
    DATABASE_URL: databaseUrl,
  };
}

/**
 * The worker holds neither the database's address nor what opens accounts and sealed logins.
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./settings.mjs").Settings} settings
 * @returns {NodeJS.ProcessEnv}
 */
export function workerEnvironment(env, settings) {
  const passed = Object.entries(common(env, settings)).filter(([name]) => !OF_THE_WEB.has(name));
  return {
    ...Object.fromEntries(passed),
    HOME: "/root",
    SLIPWAY_CONTROL_PLANE_URL: env.SLIPWAY_CONTROL_PLANE_URL || settings.localUrl,
    SLIPWAY_WORKER_DIR: env.SLIPWAY_WORKER_DIR || path.join(settings.dataDir, "worker"),
  };
}
