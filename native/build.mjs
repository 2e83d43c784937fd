// Builds the addon and the executables beside it with the node-gyp that npm brings along. Does nothing when the
// sources are the ones that the last build was made of.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { headersPrefix } from "./headers.mjs";

const here = import.meta.dirname;
const stampFile = path.join(here, "build/Release/sources.sha256");

/** Every file that a binary is made of. */
function inputs() {
  const files = ["binding.gyp", "build.mjs", "sources.mjs", "package.json"];
  for (const entry of readdirSync(here, { recursive: true })) {
    const skipped = entry.startsWith("build/") || entry.startsWith("node_modules/");
    if (!skipped && /\.(cc|h)$/.test(entry)) files.push(entry);
  }
  return files.sort();
}

/** Node-API is stable across versions of Node, so that the version is not part of it. */
function stamp() {
  const sum = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of inputs()) sum.update(`${file}\n`).update(readFileSync(path.join(here, file)));
  return sum.digest("hex");
}

/** npm says where it lives when it runs a script; otherwise it is beside Node. */
function nodeGyp() {
  const npm = process.env.npm_execpath ?? "";
  const candidates = [
    path.join(path.dirname(npm), "../node_modules/node-gyp/bin/node-gyp.js"),
    path.resolve(process.execPath, "../../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js"),
    "/usr/share/nodejs/npm/node_modules/node-gyp/bin/node-gyp.js",
    "/usr/share/nodejs/node-gyp/bin/node-gyp.js",
  ];
  return candidates.find((file) => existsSync(file));
}

const wanted = stamp();
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) process.exit(0);

const gyp = nodeGyp();
if (gyp === undefined) {
  console.error("native: node-gyp was not found; it comes with npm. Run this as `npm run build -w native`.");
  process.exit(1);
}
const prefix = headersPrefix();
const env = { ...process.env };
if (prefix !== undefined && env.npm_config_nodedir === undefined) env.npm_config_nodedir = prefix;

const started = Date.now();
for (const step of [["configure"], ["build", "--jobs=2"]]) {
  const result = spawnSync(process.execPath, [gyp, ...step, "--loglevel=error"], {
    stdio: "inherit",
    env,
    cwd: here,
  });
  if (result.status !== 0) {
    console.error(
      "native: the build failed. It needs a C++20 compiler, make and python3 (Debian: build-essential, python3).",
    );
    process.exit(1);
  }
}
writeFileSync(stampFile, wanted);
console.log(`native: built in ${Date.now() - started} ms`);
