import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { removeTree } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { asDiskError, errnoOf } from "../../content/atomic-file.ts";
import type { Disk } from "../../disk/disk.ts";

/** Volumes of one session. */
export const MOST_VOLUMES = 256;
export const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;
/** What Docker calls a volume that nobody gave a name. */
const ANONYMOUS = /^[0-9a-f]{64}$/;
const RECORD = "volume.json";

const recordSchema = z.object({
  /** Milliseconds since the epoch. */
  createdAt: z.number().int().nonnegative(),
  labels: z.record(z.string(), z.string()),
});

export interface Volume {
  readonly name: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly isAnonymous: boolean;
}

/** Where the volumes of a session are, each in a directory `_data` of its own name, in ids of images. */
export const volumesDirectory = (disk: Disk): string => path.join(disk.directory, "volumes");
export const volumeData = (disk: Disk, name: string): string =>
  path.join(volumesDirectory(disk), name, "_data");

/**
 * Directories that outlive the containers which they are mounted into, and end with the session. They lie on its disk, so
 * what is written into them counts there, and a restart of the worker finds them as they were.
 */
export class SessionVolumes {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** By name. */
  async list(): Promise<Volume[]> {
    const names = await readdir(volumesDirectory(this.#disk)).catch(ifMissing([]));
    const volumes = await Promise.all(names.map((name) => this.get(name)));
    return volumes.filter((volume) => volume !== null).sort((a, b) => a.name.localeCompare(b.name));
  }

  async get(name: string): Promise<Volume | null> {
    if (!VOLUME_NAME.test(name)) return null;
    const found = await stat(volumeData(this.#disk, name)).catch(ifMissing(null));
    if (!found) return null;
    const isAnonymous = ANONYMOUS.test(name);
    const record = await this.#record(name);
    return { name, isAnonymous, labels: {}, createdAt: Math.round(found.birthtimeMs), ...record };
  }

  /**
   * Makes a volume; one that is there is given as it is. Rejects with `request-invalid` for a name that is none, and with
   * `volume-limit`.
   */
  async create(name: string, labels: Readonly<Record<string, string>> = {}): Promise<Volume> {
    if (!VOLUME_NAME.test(name)) throw badName(name);
    const known = await this.get(name);
    if (known) return known;
    if ((await this.list()).length >= MOST_VOLUMES) {
      throw new SlipwayError("volume-limit", `A session has ${MOST_VOLUMES} volumes at most.`, {
        params: { limit: MOST_VOLUMES },
      });
    }
    const record = { createdAt: Date.now(), labels };
    try {
      const directory = path.dirname(volumeData(this.#disk, name));
      await mkdir(directory, { recursive: true, mode: 0o711 });
      const half = path.join(directory, randomUUID());
      await writeFile(half, JSON.stringify(record), { mode: 0o600 });
      await rename(half, path.join(directory, RECORD));
      await mkdir(volumeData(this.#disk, name), { recursive: true, mode: 0o755 });
    } catch (error) {
      throw asDiskError(error);
    }
    return { name, isAnonymous: ANONYMOUS.test(name), ...record };
  }

  /** Removes a volume with all that is in it; nobody mounts it. False where there is none. */
  async remove(name: string): Promise<boolean> {
    if (!(await this.get(name))) return false;
    const directory = path.dirname(volumeData(this.#disk, name));
    // A half-removed volume is none.
    await rm(path.join(directory, RECORD), { force: true });
    const gone = path.join(volumesDirectory(this.#disk), `.${randomUUID()}`);
    await rename(directory, gone);
    await removeTree(gone);
    return true;
  }

  async #record(name: string): Promise<z.infer<typeof recordSchema> | null> {
    const file = path.join(volumesDirectory(this.#disk), name, RECORD);
    const text = await readFile(file, "utf8").catch(ifMissing(""));
    try {
      return recordSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }
}

const ifMissing =
  <Value>(value: Value) =>
  (error: unknown): Value => {
    if (errnoOf(error) === "ENOENT") return value;
    throw error;
  };

function badName(name: string): SlipwayError {
  const message = `create ${name.slice(0, 200)}: "${name.slice(0, 200)}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`;
  return new SlipwayError("request-invalid", message, { params: { name: name.slice(0, 200) } });
}
