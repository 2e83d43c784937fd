import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const APT = "/etc/apt";

/**
 * Hosts of the package registries that this machine is set to use: npm's, and those of apt's sources. They belong to a
 * machine's settings and not into the repository.
 * @returns {string[]}
 */
export function registryHosts() {
  const registry = execFileSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
  const sources = aptSources().flatMap(
    (file) => readFileSync(file, "utf8").match(/https?:\/\/[^\s/]+/g) ?? [],
  );
  const hosts = [registry, ...sources]
    .filter((address) => URL.canParse(address))
    .map((address) => new URL(address).host);
  return [...new Set(hosts)];
}

/** @returns {string[]} sources.list(5) and the files of sources.list.d */
function aptSources() {
  const directory = path.join(APT, "sources.list.d");
  const parts = existsSync(directory) ? readdirSync(directory).map((name) => path.join(directory, name)) : [];
  return [path.join(APT, "sources.list"), ...parts].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  );
}
