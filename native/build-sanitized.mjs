// Builds all of native/ with AddressSanitizer and UndefinedBehaviorSanitizer into build/Sanitized, for tests. Whoever runs
// with `--conditions=sanitized` gets these binaries (package.json). Does nothing when no source has changed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";
import { headersPrefix } from "./headers.mjs";

const here = import.meta.dirname;
const target = path.join(here, "build/Sanitized");
const SANITIZE = [
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
  "-fno-omit-frame-pointer",
  "-g1",
  "-O1",
];
const COMMON = [...SANITIZE, "-std=c++20", "-Wall", "-Wextra", "-Wno-unused-parameter"];

/** @param {string} folder */
function sources(folder) {
  return readdirSync(path.join(here, folder))
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort()
    .map((name) => path.join(here, folder, name));
}

function addonFlags() {
  const prefix = headersPrefix() ?? "/usr";
  // Quoted, as binding.gyp uses it.
  const napi = createRequire(import.meta.url)("node-addon-api").include_dir;
  const defines = ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_CPP_EXCEPTIONS"];
  const includes = [
    path.join(prefix, "include/node"),
    path.resolve(here, "..", napi),
    path.resolve(here, napi),
  ];
  return ["-fPIC", ...includes.map((directory) => `-I${directory}`), ...defines.map((name) => `-D${name}`)];
}

/** Sources of the shim that the keeper stands on too. */
const KEEPER_SHARES = ["shim/src/child.cc", "shim/src/console.cc", "shim/src/files.cc"].map((file) =>
  path.join(here, file),
);

/**
 * What is built: binary, folder of sources, sources beside it, flags of the compiler and of the linker.
 * @type {{ name: string, folder: string, more?: string[], compile: string[], link: string[] }[]}
 */
const PRODUCTS = [
  { name: "slipway_native.node", folder: "addon", compile: addonFlags(), link: ["-shared"] },
  { name: "slipway-launch", folder: "launch", compile: [], link: [] },
  { name: "slipway-shim", folder: "shim/src", compile: [], link: [] },
  { name: "slipway-keeper", folder: "keeper", more: KEEPER_SHARES, compile: [], link: [] },
  // Writes one byte too many: proof that the tests would see it.
  { name: "overflow.node", folder: "src/testdata", compile: addonFlags(), link: ["-shared"] },
];

/** @param {readonly string[]} args */
function compiler(args) {
  return new Promise((resolve, reject) => {
    const child = spawn("g++", args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(undefined) : reject(new Error(`g++ exited with ${code}`)),
    );
  });
}

/** @param {readonly (() => Promise<unknown>)[]} jobs */
async function together(jobs) {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

const sum = createHash("sha256").update(`${process.arch} ${process.version}\n`);
for (const file of ["build-sanitized.mjs", "package.json"]) sum.update(readFileSync(path.join(here, file)));
for (const file of PRODUCTS.flatMap(({ folder }) => sources(folder)))
  sum.update(file).update(readFileSync(file));
const stamp = sum.digest("hex");
const stampFile = path.join(target, "sources.sha256");
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

mkdirSync(target, { recursive: true });
const objects = new Map(
  PRODUCTS.map((product) => {
    const code = [...sources(product.folder).filter((file) => file.endsWith(".cc")), ...(product.more ?? [])];
    const files = code.map((file) => ({
      file,
      object: path.join(target, `${product.name}-${path.basename(file)}.o`),
    }));
    return [product, files];
  }),
);
await together(
  [...objects].flatMap(([{ compile }, files]) =>
    files.map(
      ({ file, object }) =>
        () =>
          compiler([...COMMON, ...compile, "-c", file, "-o", object]),
    ),
  ),
);
for (const [{ name, link }, files] of objects) {
  await compiler([...SANITIZE, ...link, ...files.map(({ object }) => object), "-o", path.join(target, name)]);
}
writeFileSync(stampFile, stamp);
