import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What the process in slipway-process.ts can do. */
export type Command =
  | { readonly kind: "make-images"; readonly names: readonly string[] }
  | { readonly kind: "build"; readonly directory: string; readonly noCache: boolean }
  | { readonly kind: "classroom"; readonly directory: string; readonly people: number }
  | { readonly kind: "memory"; readonly url: string }
  | { readonly kind: "close" };
export type Outcome = { readonly value: number } | { readonly error: string };

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Beside the worker's own bundle: from there the addon and the recipes are found. */
const BUNDLE = path.join(ROOT, "worker/dist/bench/slipway-process.mjs");
const COMMAND_TIMEOUT_MS = 20 * 60_000;

/** Bundles the process as worker/build.mjs does with the worker: what is measured is what runs in production. */
export async function bundleSlipway(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL("slipway-process.ts", import.meta.url))],
    outfile: BUNDLE,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}

/** A builder in a process and a directory of its own. */
export class Slipway {
  static readonly #open = new Set<Slipway>();
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #kept: boolean;

  private constructor(child: ChildProcess, directory: string, kept: boolean) {
    this.#child = child;
    this.#directory = directory;
    this.#kept = kept;
  }

  /**
   * Starts with a copy of the images of `images`, so that nothing is cached; or, with `inPlace`, on that directory itself.
   */
  static async start(images: string, parent: string, options: { inPlace?: boolean } = {}): Promise<Slipway> {
    const { inPlace = false } = options;
    const directory = inPlace ? images : await mkdtemp(path.join(parent, "ours-"));
    if (!inPlace) execFileSync("cp", ["--archive", "--reflink=auto", `${images}/.`, directory]);
    const child = fork(BUNDLE, [directory], { execArgv: [] });
    const slipway = new Slipway(child, directory, inPlace);
    Slipway.#open.add(slipway);
    try {
      await slipway.#answer();
      return slipway;
    } catch (error) {
      await slipway.close();
      throw error;
    }
  }

  static async closeAll(): Promise<void> {
    await Promise.all([...Slipway.#open].map((slipway) => slipway.close()));
  }

  async do(command: Command): Promise<number> {
    this.#child.send(command);
    return await this.#answer();
  }

  /** Ends the process and removes what it has left. Idempotent. */
  async close(): Promise<void> {
    if (!Slipway.#open.delete(this)) return;
    if (this.#child.connected) await this.do({ kind: "close" }).catch(() => 0);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
    // The program is many times as fast as Node at it.
    if (!this.#kept) execFileSync("rm", ["-rf", this.#directory]);
  }

  #answer(): Promise<number> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#child.off("message", onMessage);
        this.#child.off("exit", onExit);
        act();
      };
      const onMessage = (outcome: Outcome) =>
        settle(() => ("error" in outcome ? reject(new Error(outcome.error)) : resolve(outcome.value)));
      const onExit = () => settle(() => reject(new Error("The builder's process has ended.")));
      const timer = setTimeout(
        () => settle(() => reject(new Error("The builder did not answer in time."))),
        COMMAND_TIMEOUT_MS,
      );
      this.#child.on("message", onMessage);
      this.#child.once("exit", onExit);
    });
  }
}
