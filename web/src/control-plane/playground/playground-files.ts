import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import type { Signals } from "../signals.ts";
import { digestOf } from "./blob-store.ts";
import { FileChange } from "./file-change.ts";
import { readContent, textOf } from "./file-text.ts";
import { MAX_TEXT_BYTES, tooLarge } from "./limits.ts";
import type { PlaygroundFiles, Saved, SaveWish, Theirs } from "./playground.ts";

export function createPlaygroundFiles(database: Database, signals: Signals): PlaygroundFiles {
  const run = async <Result>(
    id: PlaygroundId,
    work: (change: FileChange) => Promise<Result>,
  ): Promise<Saved & { readonly result: Result }> => {
    const { savedAt, revision, result, changed } = await FileChange.run(database, id, work);
    if (changed) signals.notify(id);
    return { savedAt, revision, result };
  };
  const saved = ({ savedAt, revision }: Saved): Saved => ({ savedAt, revision });

  return {
    readText: async (id, path) => textOf(path, await readContent(database, id, path)),

    async saveFile(id, wish) {
      const content = contentOf(wish.content);
      const digest = digestOf(content);
      const { result, ...state } = await run(id, (change) => save(change, wish, content, digest));
      if (result === "written") return { outcome: "saved", digest, ...state };
      return { outcome: "conflict", theirs: await theirsOf(database, id, wish.path) };
    },

    createFolder: async (id, path) =>
      saved(
        await run(id, async (change) => {
          await change.keep(null);
          await change.put([{ path, content: null, executable: false }]);
        }),
      ),

    remove: async (id, path) => saved(await run(id, (change) => change.remove(path))),

    move: async (id, from, to) => saved(await run(id, (change) => change.move(from, to))),

    importFiles: async (id, files) =>
      saved(
        await run(id, async (change) => {
          await change.keep("import");
          await change.put(files);
        }),
      ),
  };
}

async function save(
  change: FileChange,
  { path, base, keep }: SaveWish,
  content: Uint8Array,
  digest: string,
): Promise<"written" | "conflict"> {
  const there = change.rows.get(path);
  if (there?.digest === digest) return "written";
  if (base !== undefined && (there?.digest ?? null) !== base) return "conflict";
  await change.keep(keep ? "conflict" : null);
  await change.put([{ path, content, executable: there?.executable ?? false }]);
  return "written";
}

function contentOf(text: string): Uint8Array {
  if (text.includes("\0")) {
    throw new SlipwayError("request-invalid", "The text holds the character U+0000; upload such files.");
  }
  const content = Buffer.from(text);
  if (content.length > MAX_TEXT_BYTES) throw tooLarge("text", MAX_TEXT_BYTES);
  return content;
}

async function theirsOf(database: Database, id: PlaygroundId, path: string): Promise<Theirs> {
  const stored = await readContent(database, id, path);
  if (!stored) return { kind: "gone" };
  return {
    kind: "file",
    digest: stored.digest,
    content: stored.isText ? textOf(path, stored).content : null,
  };
}
