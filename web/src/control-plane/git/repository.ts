import { setImmediate as turn } from "node:timers/promises";
import type { PlaygroundId } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { decode } from "../db/documents.ts";
import { readRows } from "../playground/file-rows.ts";
import { readBlob } from "../playground/file-text.ts";
import { MAX_VERSIONS, treeSchema } from "../playground/playground-version.ts";
import { commitObject, type GitObject, nameOf, type TreeEntry, treeObject } from "./objects.ts";

/** Names of contents that are remembered, of all playgrounds; each takes some 200 bytes. */
const REMEMBERED_NAMES = 20_000;

interface RepositoryFile {
  readonly path: string;
  readonly digest: string | null;
  readonly executable: boolean;
}

/** A playground as a repository: one commit for each version, and one for the files as they are. */
export interface Repository {
  /** The newest commit; null where there is no file. */
  readonly head: string | null;
  readonly count: number;
  objects(): AsyncGenerator<GitObject, void>;
}

/** Folders are not kept by git, and a name that git takes for its own directory would make a clone fail. */
const isKept = ({ path, digest }: RepositoryFile): boolean =>
  digest !== null &&
  !path.split("/").some((name) => /^(?:\.git|git~1)$/i.test(name.replace(/[\p{Cf}. ]+$|\p{Cf}/gu, "")));

export class Repositories {
  readonly #database: Database;
  /** Names of objects by playground and digest; the oldest go. */
  readonly #names = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The same files give the same commits, so a clone can be pulled into. `history`: with the earlier versions.
   */
  async open(id: PlaygroundId, history: boolean): Promise<Repository> {
    const trees = new Map<string, GitObject>();
    const blobs = new Map<string, string>();
    const commits: GitObject[] = [];
    let head: string | null = null;
    for await (const { files, at, number } of this.#states(id, history)) {
      const kept = files.filter(isKept);
      if (kept.length === 0) continue;
      for (const { digest } of kept) {
        if (digest !== null && !blobs.has(digest)) blobs.set(digest, await this.#nameOf(id, digest));
      }
      const tree = addTrees(kept, blobs, trees);
      const commit = commitObject({ tree, parent: head, at, message: `Version ${number}` });
      commits.push(commit);
      head = nameOf(commit);
      await turn();
    }
    const digests = new Map([...blobs].map(([digest, name]) => [name, digest]));
    const database = this.#database;
    return {
      head,
      count: commits.length + trees.size + digests.size,
      async *objects() {
        yield* commits;
        yield* trees.values();
        for (const digest of digests.values()) yield await blobOf(database, id, digest);
      },
    };
  }

  /** The versions from the oldest on, and the files as they are where no version has them. */
  async *#states(id: PlaygroundId, history: boolean) {
    const playground = await this.#database.playground.findUniqueOrThrow({ where: { id } });
    const numbers = await this.#database.playgroundVersion.findMany({
      where: { playgroundId: id },
      orderBy: { number: "asc" },
      take: -MAX_VERSIONS,
      select: { number: true },
    });
    for (const { number } of history ? numbers : []) {
      const where = { playgroundId_number: { playgroundId: id, number } };
      const row = await this.#database.playgroundVersion.findUnique({ where });
      if (row) yield { files: decode(treeSchema, row.tree), at: row.createdAt.getTime(), number };
    }
    if (history && playground.revision === playground.versionRevision) return;
    const files = await readRows(this.#database, id);
    yield { files, at: playground.savedAt.getTime(), number: (numbers.at(-1)?.number ?? 0) + 1 };
  }

  async #nameOf(id: PlaygroundId, digest: string): Promise<string> {
    const key = `${id} ${digest}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = nameOf(await blobOf(this.#database, id, digest));
    const oldest = this.#names.size >= REMEMBERED_NAMES ? this.#names.keys().next().value : undefined;
    if (oldest !== undefined) this.#names.delete(oldest);
    this.#names.set(key, name);
    return name;
  }
}

async function blobOf(database: Database, id: PlaygroundId, digest: string): Promise<GitObject> {
  const content = await readBlob(database, id, digest);
  if (!content) throw new Error(`The content ${digest} went while a repository was read.`);
  return { kind: "blob", content };
}

/** Adds the trees of all folders, and answers the name of the outermost. */
function addTrees(
  files: readonly RepositoryFile[],
  blobs: ReadonlyMap<string, string>,
  trees: Map<string, GitObject>,
  prefix = "",
): string {
  const entries: TreeEntry[] = [];
  const folders = new Map<string, RepositoryFile[]>();
  for (const file of files) {
    const [name = "", ...rest] = file.path.slice(prefix.length).split("/");
    if (rest.length > 0) {
      const inside = folders.get(name);
      if (inside) inside.push(file);
      else folders.set(name, [file]);
    } else {
      const object = blobs.get(file.digest ?? "") ?? "";
      entries.push({ name, mode: file.executable ? "100755" : "100644", object });
    }
  }
  for (const [name, inside] of folders) {
    entries.push({ name, mode: "40000", object: addTrees(inside, blobs, trees, `${prefix}${name}/`) });
  }
  const tree = treeObject(entries);
  const name = nameOf(tree);
  trees.set(name, tree);
  return name;
}
