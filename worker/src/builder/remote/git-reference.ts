import { SlipwayError } from "@slipway/protocol";

/** A repository, as ADD names it: `https://host/a.git#ref:directory`, `git@host:a.git` (BuildKit, dfgitutil). */
export interface GitReference {
  /** What git is given. */
  readonly remote: string;
  /** Branch, tag or commit; null is the repository's own default. */
  readonly ref: string | null;
  /** Directory of the repository, without slashes at its ends; "" is all of it. */
  readonly directory: string;
  /** The commit that it must be. */
  readonly checksum: string | null;
  /** Null: as the instruction says. */
  readonly keepGitDir: boolean | null;
  readonly submodules: boolean;
}

const SCHEMES = /^(https?|git|ssh):\/\//;
/** `git@host:path`, as scp(1) has it. */
const SCP = /^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!\/\/)/;

/** Reads a source of ADD; null for what names no repository. Rejects with `dockerfile-invalid`. */
export function parseGitReference(source: string): GitReference | null {
  const hash = source.indexOf("#");
  const before = hash < 0 ? source : source.slice(0, hash);
  const fragment = hash < 0 ? "" : source.slice(hash + 1);
  const query = before.indexOf("?");
  const remote = query < 0 ? before : before.slice(0, query);
  const scheme = SCHEMES.exec(remote)?.[1];
  if (scheme === undefined && !SCP.test(remote)) return null;
  if (scheme?.startsWith("http") && !new URL(remote).pathname.endsWith(".git")) return null;
  const colon = fragment.indexOf(":");
  const [ref, directory] = colon < 0 ? [fragment, ""] : [fragment.slice(0, colon), fragment.slice(colon + 1)];
  const asked = readQuery(new URLSearchParams(query < 0 ? "" : before.slice(query + 1)), source);
  const found = {
    remote,
    ref: ref || asked.ref || asked.checksum || null,
    directory: cleaned(directory || asked.directory, source),
    checksum: asked.checksum,
    keepGitDir: asked.keepGitDir,
    submodules: asked.submodules,
  };
  if (found.ref?.startsWith("-") || /[\s~^:?*[\\]|\.\./.test(found.ref ?? "")) throw invalid(source, "ref");
  return found;
}

function readQuery(query: URLSearchParams, source: string) {
  const read = {
    ref: "",
    directory: "",
    checksum: null as string | null,
    keepGitDir: null as boolean | null,
    submodules: true,
  };
  for (const [key, value] of query) {
    if (key === "ref") read.ref = value;
    else if (key === "tag") read.ref = value.startsWith("refs/tags/") ? value : `refs/tags/${value}`;
    else if (key === "branch") read.ref = value.startsWith("refs/heads/") ? value : `refs/heads/${value}`;
    else if (key === "subdir") read.directory = value;
    else if (key === "checksum" || key === "commit") read.checksum = value;
    else if (key === "keep-git-dir") read.keepGitDir = toBoolean(value, source);
    else if (key === "submodules") read.submodules = toBoolean(value, source);
    else throw invalid(source, key);
  }
  return read;
}

function toBoolean(text: string, source: string): boolean {
  if (["", "1", "t", "true"].includes(text.toLowerCase())) return true;
  if (["0", "f", "false"].includes(text.toLowerCase())) return false;
  throw invalid(source, text);
}

function cleaned(directory: string, source: string): string {
  const parts = directory.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw invalid(source, "directory");
  return parts.join("/");
}

function invalid(source: string, what: string): SlipwayError {
  const shown = source.slice(0, 500);
  return new SlipwayError("dockerfile-invalid", `"${shown}" is no repository that ADD can read (${what}).`, {
    params: { source: shown, reason: what.slice(0, 100) },
  });
}
