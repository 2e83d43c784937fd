import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "../../content/atomic-file.ts";

/** The Debian release that base images are made of. */
export const SUITE = "bookworm";
/** Releases of Debian whose mirrors carry it as well. */
const DEBIAN_SUITE =
  /^(?:bullseye|bookworm|trixie|forky|sid|stable|oldstable|testing|unstable)(-updates|-security)?$/;

interface Source {
  readonly uri: string;
  readonly suite: string;
}

/**
 * apt sources (sources.list(5)) for images of SUITE, from those of this machine: where it reaches Debian, its images
 * do. Empty where the machine has none of Debian, and mmdebstrap's default is right.
 */
export async function imageAptSources(etcApt: string): Promise<string> {
  const texts = await Promise.all(
    (await sourceFiles(etcApt)).map((file) => readFile(file, "utf8").then((text) => ({ file, text }))),
  );
  return toSourcesList(
    texts.flatMap(({ file, text }) => (file.endsWith(".sources") ? parseStanzas(text) : parseLines(text))),
  );
}

async function sourceFiles(etcApt: string): Promise<string[]> {
  const parts = path.join(etcApt, "sources.list.d");
  const names = await readdir(parts).catch(() => []);
  const main = path.join(etcApt, "sources.list");
  const exists = await readFile(main).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === "ENOENT") return false;
      throw error;
    },
  );
  const files = names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => path.join(parts, name));
  return [...(exists ? [main] : []), ...files.sort()];
}

/** One-line form: `deb [options] uri suite components`. */
export function parseLines(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.replace(/#.*/, ""));
    if (!match?.[1] || !match[2] || !/\bmain\b/.test(match[3] ?? "")) return [];
    return [{ uri: match[1], suite: match[2] }];
  });
}

/** deb822 form. */
export function parseStanzas(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)`, "im")
        .exec(stanza)?.[1]
        ?.split(/\s+/)
        .filter(Boolean) ?? [];
    if (!field("Types").includes("deb") || !field("Components").includes("main")) return [];
    if (field("Enabled")[0]?.toLowerCase() === "no") return [];
    return field("URIs").flatMap((uri) => field("Suites").map((suite) => ({ uri, suite })));
  });
}

/** Lines for SUITE, its updates and its security fixes, as far as this machine has the like. */
export function toSourcesList(sources: readonly Source[]): string {
  const lines = new Set<string>();
  for (const { uri, suite } of sources) {
    const match = DEBIAN_SUITE.exec(suite);
    if (match && /^https?:\/\//.test(uri)) lines.add(`deb ${uri} ${SUITE}${match[1] ?? ""} main`);
  }
  const hasRelease = [...lines].some((line) => line.endsWith(` ${SUITE} main`));
  return hasRelease ? `${[...lines].join("\n")}\n` : "";
}
