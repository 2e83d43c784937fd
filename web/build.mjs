import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

/*
 * Makes web/dist, which needs nothing else of this repository and can be copied elsewhere:
 *   server.mjs    the control plane in one file, started with `node server.mjs`
 *   web/.next     the pages
 *   node_modules  what Next's tracing found that the pages and Next itself need
 *   migrations    names of the migrations that this version knows
 */

const web = import.meta.dirname;
const repository = path.join(web, "..");
const dist = path.join(web, "dist");
const pages = path.join(web, ".next");

/** @param {string[]} args of node */
function run(args) {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { status } = spawnSync(process.execPath, args, { cwd: web, stdio: "inherit", env });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with status ${status}`);
}

/** The Prisma client is not in git. */
function generateDatabaseClient() {
  run(["--import", "tsx", path.join(repository, "prisma/main.ts"), "generate"]);
}

function buildPages() {
  rmSync(path.join(pages, "standalone"), { recursive: true, force: true });
  run([path.join(repository, "node_modules/next/dist/bin/next"), "build"]);
}

async function bundleServer() {
  await build({
    entryPoints: [path.join(web, "src/control-plane/main.ts")],
    outfile: path.join(dist, "server.mjs"),
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"' },
    // Optional native parts of pg and ws, which nobody installs here; Next stays beside the bundle.
    external: ["next", "pg-native", "bufferutil", "utf-8-validate"],
    banner: {
      js: 'import { createRequire as bannerRequire } from "node:module"; const require = bannerRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}

function copyPages() {
  const standalone = path.join(pages, "standalone");
  cpSync(standalone, dist, { recursive: true, verbatimSymlinks: true });
  // Next's own server, which ours replaces.
  rmSync(path.join(dist, "web/server.js"), { force: true });
  cpSync(path.join(pages, "static"), path.join(dist, "web/.next/static"), { recursive: true });
  const files = path.join(web, "public");
  if (existsSync(files)) cpSync(files, path.join(dist, "web/public"), { recursive: true });
  cpSync(path.join(repository, "prisma/migrations"), path.join(dist, "migrations"), { recursive: true });
}

generateDatabaseClient();
buildPages();
rmSync(dist, { recursive: true, force: true });
copyPages();
await bundleServer();
