import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { Digester } from "../../content/digest.ts";
import { headerOf, type Outbound, OutboundFailure, type OutboundLimits } from "../../outbound/outbound.ts";
import type { CopyItem, CopySource } from "../copy/copy-source.ts";
import { ContextTree } from "../source/context-tree.ts";
import { PackWriter } from "../source/pack.ts";

/** A file that ADD fetches. */
export const FETCH_LIMITS: OutboundLimits = {
  headersMs: 30_000,
  idleMs: 30_000,
  totalMs: 900_000,
  minBytesPerSecond: 1024,
  maxBytes: 2 * 1024 ** 3,
  maxRedirects: 10,
};
/** As BuildKit has it (source/http). */
const MODE = 0o600;
const UNNAMED = "__unnamed__";
const NAME = "file";

export interface UrlFetch {
  readonly outbound: Outbound;
  /** `sha256:…`; then nothing is fetched where the step is cached. */
  readonly checksum: string | null;
  readonly unpack: boolean;
  /** Gives a directory for the file, where it has to be fetched to know what it is. */
  readonly place: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** The file at a URL. Its name is the last part of the URL's path, its time that of Last-Modified. */
export async function urlSource(fetch: UrlFetch, url: URL): Promise<CopySource> {
  const { checksum, unpack } = fetch;
  const name = nameFrom(url);
  const itemOf = (tree: ContextTree): CopyItem => {
    const node = tree.lstat(NAME);
    const entries = node ? [{ path: "", source: NAME, node, overwrites: true }] : [];
    return { tree, name, isDirectory: false, entries, unpack };
  };
  if (checksum !== null) {
    if (!/^sha256:[0-9a-f]{64}$/.test(checksum)) throw unsupported(checksum);
    return {
      files: new Map([[url.href, checksum]]),
      open: async ({ space, signal }) =>
        itemOf(await download({ ...fetch, signal }, url, await space.makeDirectory())),
    };
  }
  const tree = await download(fetch, url, await fetch.place());
  const node = tree.lstat(NAME);
  // Other than with files, the time counts: BuildKit's key has it too.
  const key = `${await node?.digest()} ${node?.mtimeSeconds}`;
  return { files: new Map([[url.href, key]]), open: async () => itemOf(tree) };
}

function nameFrom(url: URL): string {
  const base = path.posix.basename(decoded(url.pathname));
  return base === "" || base === "." || base === ".." || base.includes("\0") || base.includes("/")
    ? UNNAMED
    : base;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A tree with the one file. */
async function download(
  { outbound, checksum, signal }: UrlFetch,
  url: URL,
  directory: string,
): Promise<ContextTree> {
  const file = path.join(directory, NAME);
  const digester = new Digester();
  let lastModified: string | null = null;
  const pack = new PackWriter(file);
  let isWhole = false;
  try {
    const response = await outbound.request(url, { limits: FETCH_LIMITS, signal });
    if (response.status < 200 || response.status >= 300) {
      await response.discard();
      throw failed(url, `the answer was ${response.status}`, response.status);
    }
    lastModified = headerOf(response, "last-modified");
    for await (const chunk of response.body) {
      digester.update(chunk);
      await pack.write(chunk);
    }
    isWhole = true;
  } catch (error) {
    throw error instanceof OutboundFailure ? failed(url, error.message, error.reason, error) : error;
  } finally {
    await pack.close(isWhole);
  }
  const digest = digester.digest();
  if (checksum !== null && digest !== checksum) throw mismatch(shown(url), checksum, digest);
  const tree = new ContextTree(file);
  tree.add(NAME, {
    kind: "file",
    mode: MODE,
    mtimeSeconds: secondsOf(lastModified),
    sizeBytes: digester.sizeBytes,
    target: "",
    digest,
    content: 0,
    hasLinks: false,
  });
  return tree;
}

function secondsOf(lastModified: string | null): number {
  const time = lastModified === null ? Number.NaN : Date.parse(lastModified);
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}

/** Without what may be a secret. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`.slice(0, 1000);

function failed(url: URL, why: string, reason: string | number, cause?: unknown): SlipwayError {
  return new SlipwayError("fetch-failed", `Can't fetch ${shown(url)}: ${why}`.slice(0, 4000), {
    params: { source: shown(url), reason: String(reason) },
    cause,
  });
}

/** What came is not what the Dockerfile says. */
export function mismatch(what: string, expected: string, actual: string): SlipwayError {
  return new SlipwayError("checksum-mismatch", `${what} is ${actual}, and should be ${expected}.`, {
    params: { source: what, expected: expected.slice(0, 200), actual },
  });
}

function unsupported(checksum: string): SlipwayError {
  const text = checksum.slice(0, 200);
  return new SlipwayError("dockerfile-invalid", `--checksum=${text} is not sha256: with 64 digits.`, {
    params: { checksum: text },
  });
}
