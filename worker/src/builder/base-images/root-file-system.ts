import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { Blob, ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { MEDIA_TYPE_LAYER } from "../../oci/image-spec.ts";
import { ARCHITECTURE } from "../platform.ts";
import { imageAptSources, SUITE } from "./apt-sources.ts";
import { machineCertificates, writeCertificates } from "./certificates.ts";
import type { Recipe } from "./recipe.ts";

/** Largest root file system that a recipe may write. */
const MAX_ROOT_BYTES = 4 * 1024 ** 3;
const TIMEOUT_MS = 15 * 60_000;
/** Time that a program has to clean up after it was asked to end. */
const END_GRACE_MS = 5_000;
/** Last lines that a failure quotes. */
const QUOTED_LINES = 5;

export interface RootFileSystemParts {
  readonly imageStore: ImageStore;
  readonly content: ContentStore;
  readonly extraCertificates: string | null;
}

export interface RootFileSystemJob {
  readonly recipe: Recipe & { kind: "root-file-system" };
  /** For the program's own files; the caller removes it. */
  readonly directory: string;
  /** What the recipe is made from, if it says so. */
  readonly from: Image | null;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs a recipe's program and makes an image of one layer of the tar that it writes. */
export async function makeRootFileSystem(job: RootFileSystemJob, parts: RootFileSystemParts): Promise<Image> {
  const { recipe } = job;
  const environment = await programEnvironment(job, parts);
  const blob = await runProgram(job, environment, parts.content);
  const created = new Date().toISOString();
  return await parts.imageStore.create(
    {
      created,
      architecture: ARCHITECTURE,
      os: "linux",
      config: recipe.config,
      rootfs: { type: "layers", diff_ids: [blob.digest] },
      history: [{ created, created_by: `slipway recipe ${recipe.name}` }],
    },
    [{ ...blob, diffId: blob.digest, mediaType: MEDIA_TYPE_LAYER }],
  );
}

async function programEnvironment(
  { recipe, directory }: RootFileSystemJob,
  { extraCertificates }: RootFileSystemParts,
): Promise<NodeJS.ProcessEnv> {
  const certificates = path.join(directory, "certificates");
  const hasCertificates = await writeCertificates(machineCertificates(extraCertificates), certificates);
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    TMPDIR: directory,
    SLIPWAY_RECIPE: recipe.directory,
    SLIPWAY_SUITE: SUITE,
    SLIPWAY_APT_SOURCES: await imageAptSources("/etc/apt"),
    SLIPWAY_CERTIFICATES: hasCertificates ? certificates : "",
  };
}

async function runProgram(
  { recipe, from, tell, signal }: RootFileSystemJob,
  env: NodeJS.ProcessEnv,
  content: ContentStore,
): Promise<Blob> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  either.throwIfAborted();
  // A process group of its own: programs of programs end with it.
  const child = spawn("/bin/sh", [path.join(recipe.directory, recipe.program)], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    tell(line);
    if (lines.length > QUOTED_LINES) lines.shift();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const stop = () => void end(child, ended);
  either.addEventListener("abort", stop, { once: true });
  try {
    const output = outputOf(child.stdout, ended, (exitCode) => {
      either.throwIfAborted();
      if (exitCode !== 0) throw new Error(`${recipe.program} exited with ${exitCode}: ${lines.join(" / ")}`);
    });
    const [blob] = await Promise.all([
      content.ingest(output, { limitBytes: MAX_ROOT_BYTES, signal: either }),
      feed(child, from, content),
    ]);
    return blob;
  } finally {
    either.removeEventListener("abort", stop);
    await end(child, ended);
  }
}

/** What a program writes. It fails together with the program, so that half of an output is never taken for all of it. */
async function* outputOf(
  stdout: AsyncIterable<Uint8Array>,
  ended: Promise<number | null>,
  check: (exitCode: number | null) => void,
): AsyncIterable<Uint8Array> {
  yield* stdout;
  check(await ended);
}

/** A program that does not read all of it ends before; what matters then is how it ended. */
async function feed(child: ChildProcess, from: Image | null, content: ContentStore): Promise<void> {
  const layer = from?.layers[0];
  if (!child.stdin) return;
  if (!layer) {
    child.stdin.end();
    return;
  }
  await pipeline(await content.stream(layer.digest), child.stdin).catch(() => undefined);
}

/** Ends the program, and all that it started, where that has not happened. */
async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const group = -child.pid;
  const kill = (name: NodeJS.Signals) => {
    try {
      process.kill(group, name);
    } catch {
      // It has ended by itself.
    }
  };
  kill("SIGTERM");
  const timer = setTimeout(kill, END_GRACE_MS, "SIGKILL");
  await ended.catch(() => undefined);
  clearTimeout(timer);
}
