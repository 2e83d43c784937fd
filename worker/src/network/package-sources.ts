import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** Where a machine says which package sources it uses: apt's (sources.list(5)), npm's (npmrc) and pip's (pip.conf) files. */
const APT_DIRECTORY = "/etc/apt";
const NPM_FILES = ["/etc/npmrc", "~/.npmrc"];
const PIP_FILES = ["/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf"];
/** Environment variables of npm and pip that name a source. */
const VARIABLES = [
  "npm_config_registry",
  "NPM_CONFIG_REGISTRY",
  "PIP_INDEX_URL",
  "PIP_EXTRA_INDEX_URL",
  "UV_INDEX_URL",
];
const NPM_SETTING = /^\s*(?:@[^\s=:]+:)?registry\s*=\s*(\S+)/;
const PIP_SETTING = /^\s*(?:extra-)?index-url\s*=\s*(.+)/;
const URL_PATTERN = /\bhttps?:\/\/[^\s"'<>\]]+/g;

/** What of the machine is read; another for tests. */
export interface SourceFiles {
  /** Content of a file; rejects where there is none. */
  read(file: string): Promise<string>;
  list(directory: string): Promise<string[]>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const thisMachine: SourceFiles = {
  read: (file) => readFile(file, "utf8"),
  list: (directory) => readdir(directory),
  environment: process.env,
};

/** The hosts of this machine's own package sources: what its sessions may reach where the operator lists no others. */
export async function packageSources(files: SourceFiles = thisMachine): Promise<string[]> {
  const read = async (file: string) =>
    await files.read(file.replace("~", files.environment.HOME ?? homedir())).catch(() => "");
  const directory = path.join(APT_DIRECTORY, "sources.list.d");
  const lists = (await files.list(directory).catch(() => [])).filter((name) =>
    /\.(list|sources)$/.test(name),
  );
  const apt = await Promise.all(
    [path.join(APT_DIRECTORY, "sources.list"), ...lists.map((name) => path.join(directory, name))].map(read),
  );
  const settings = async (names: readonly string[], pattern: RegExp) =>
    (await Promise.all(names.map(read)))
      .flatMap((text) => text.split("\n"))
      .flatMap((line) => pattern.exec(line)?.[1] ?? []);
  const texts = [
    ...apt.flatMap((text) => text.split("\n").filter((line) => !line.trimStart().startsWith("#"))),
    ...(await settings(NPM_FILES, NPM_SETTING)),
    ...(await settings(PIP_FILES, PIP_SETTING)),
    ...VARIABLES.map((name) => files.environment[name] ?? ""),
  ];
  const urls = texts.flatMap((text) => text.match(URL_PATTERN) ?? []).filter((url) => URL.canParse(url));
  return [...new Set(urls.map((url) => new URL(url).hostname.toLowerCase()))];
}
