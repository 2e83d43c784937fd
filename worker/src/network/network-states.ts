import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { egressPolicySchema } from "@slipway/protocol";
import { z } from "zod";
import { MAX_CONTAINERS } from "./address-pool.ts";
import { placedEndSchema } from "./ends.ts";

const stateSchema = z.object({
  egress: egressPolicySchema,
  /** Null: no limit. */
  bytesPerSecond: z.number().positive().nullable(),
  hostNames: z.array(z.string()),
  /** True when the host namespace has its default bridge. */
  bridge: z.boolean(),
  containers: z.array(
    z.object({
      id: z.string(),
      slot: z
        .number()
        .int()
        .min(0)
        .max(MAX_CONTAINERS - 1),
      names: z.array(z.string()),
      /** Null: the default bridge alone, which earlier workers did not write down. */
      ends: z.array(placedEndSchema).nullable().default(null),
    }),
  ),
});
/** What the kernel does not remember of a network that is complete. */
export type NetworkState = z.infer<typeof stateSchema>;

const SUFFIX = ".json";

/**
 * A file for each network that is complete, written when all of it is there. It lies below /run: a reboot forgets it
 * together with the namespaces that it tells of. Each is written beside itself and renamed, so a kill leaves the former
 * or the next one.
 */
export class NetworkStates {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<NetworkStates> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new NetworkStates(directory);
  }

  async write(name: string, state: NetworkState): Promise<void> {
    const file = this.#file(name);
    await writeFile(`${file}~`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${file}~`, file);
  }

  /** Null for one that is not there or is damaged. */
  async read(name: string): Promise<NetworkState | null> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.#file(name), "utf8")));
    } catch {
      return null;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#file(name), { force: true });
    await rm(`${this.#file(name)}~`, { force: true });
  }

  /** Names of all networks that have a file, a half-written one included. */
  async list(): Promise<string[]> {
    const files: string[] = await readdir(this.#directory).catch(() => []);
    return files.map((file) => file.split(".")[0] ?? "");
  }

  async removeAll(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #file(name: string): string {
    return path.join(this.#directory, name + SUFFIX);
  }
}
