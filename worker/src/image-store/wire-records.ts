import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema } from "@slipway/protocol";
import { z } from "zod";
import { hexOf } from "../content/digest.ts";
import type { AnnouncedBlob } from "../registry/registry.ts";
import { parseJson } from "./index-file.ts";

/** Records that are kept, the ones used last; an image has about thirty. */
const MOST_RECORDS = 50_000;
/** Repositories of one registry that are remembered to have a blob. */
const MOST_REPOSITORIES = 4;

const blobSchema = z.object({ digest: digestSchema, sizeBytes: z.number().int().positive() });
const diffSchema = z.object({ diffId: digestSchema });
const repositoriesSchema = z.object({ repositories: z.array(z.string()).max(MOST_REPOSITORIES) });

/**
 * What is known of layers on the wire: the compressed form of those that are stored as they are, and the repositories that
 * have a blob. All of it are hints: a record that is lost costs work or bytes, never more.
 */
export class WireRecords {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string, mostRecords = MOST_RECORDS): Promise<WireRecords> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const found: { file: string; atMs: number }[] = [];
    for (const name of await readdir(directory)) {
      const file = path.join(directory, name);
      if (name.startsWith("new-")) await rm(file, { force: true });
      else found.push({ file, atMs: (await stat(file)).mtimeMs });
    }
    found.sort((a, b) => b.atMs - a.atMs);
    for (const { file } of found.slice(mostRecords)) await rm(file, { force: true });
    return new WireRecords(directory);
  }

  /** The compressed blob that a layer was sent as, or null. */
  async compressed(diffId: Digest): Promise<AnnouncedBlob | null> {
    return await this.#read(`sent-${hexOf(diffId)}`, blobSchema);
  }

  /** The layer that is in a compressed blob, or null. */
  async layerOf(blob: Digest): Promise<Digest | null> {
    return (await this.#read(`layer-${hexOf(blob)}`, diffSchema))?.diffId ?? null;
  }

  async setCompressed(diffId: Digest, blob: AnnouncedBlob): Promise<void> {
    await this.#write(`sent-${hexOf(diffId)}`, { digest: blob.digest, sizeBytes: blob.sizeBytes });
    await this.#write(`layer-${hexOf(blob.digest)}`, { diffId });
  }

  /** Repositories of a registry that had the blob, the last one first. */
  async repositories(domain: string, blob: Digest): Promise<readonly string[]> {
    return (await this.#read(repositoryKey(domain, blob), repositoriesSchema))?.repositories ?? [];
  }

  async addRepository(domain: string, blob: Digest, repository: string): Promise<void> {
    const known = await this.repositories(domain, blob);
    if (known[0] === repository) return;
    const others = known.filter((name) => name !== repository);
    const repositories = [repository, ...others].slice(0, MOST_REPOSITORIES);
    await this.#write(repositoryKey(domain, blob), { repositories });
  }

  async #read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema> | null> {
    const file = path.join(this.#directory, name);
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) return null;
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    const parsed = schema.safeParse(parseJson(text));
    return parsed.success ? parsed.data : null;
  }

  /** Not made durable, as it is a hint; but never half there. */
  async #write(name: string, record: object): Promise<void> {
    const half = path.join(this.#directory, `new-${randomUUID()}`);
    await writeFile(half, JSON.stringify(record), { mode: 0o600 });
    await rename(half, path.join(this.#directory, name));
  }
}

function repositoryKey(domain: string, blob: Digest): string {
  return `at-${createHash("sha256").update(`${domain}\n${blob}`).digest("hex")}`;
}
