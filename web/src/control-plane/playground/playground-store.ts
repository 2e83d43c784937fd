import { type PlaygroundId, playgroundIdSchema, SlipwayError } from "@slipway/protocol";
import { viewOfBuild } from "../build/build-view.ts";
import type { Database, Transaction } from "../db/database.ts";
import { newPlaygroundId } from "../ids.ts";
import { viewOfSession } from "../session/session-view.ts";
import { checkFolders, checkFree, checkPath, checkPresent } from "./file-path.ts";
import {
  MAX_FILE_BYTES,
  MAX_PLAYGROUND_BYTES,
  MAX_PLAYGROUND_FILES,
  MAX_PLAYGROUNDS,
  type Playgrounds,
  type PlaygroundView,
} from "./playground.ts";
import { TEMPLATES } from "./template.ts";

interface FileSize {
  readonly path: string;
  readonly bytes: number;
}

export function createPlaygrounds(database: Database): Playgrounds {
  /** Runs a change of files alone: the playground's row is the lock. Answers the time of the change. */
  const change = (
    id: PlaygroundId,
    work: (transaction: Transaction, files: readonly FileSize[]) => Promise<void>,
  ): Promise<number> =>
    database.$transaction(async (transaction) => {
      const savedAt = new Date();
      const locked = await transaction.playground.updateMany({ where: { id }, data: { savedAt } });
      if (locked.count === 0) throw missing();
      const files = await transaction.$queryRaw<FileSize[]>`
        SELECT path, octet_length(content) AS bytes FROM playground_files WHERE playground_id = ${id}`;
      await work(transaction, files);
      return savedAt.getTime();
    });

  return {
    async create(ownerId, template) {
      const { name, files } = TEMPLATES[template];
      const owned = await database.playground.count({ where: { ownerId } });
      if (owned >= MAX_PLAYGROUNDS) throw tooLarge("playgrounds of one person", MAX_PLAYGROUNDS);
      const id = newPlaygroundId();
      const data = Object.entries(files).map(([path, content]) => ({ path, content }));
      await database.playground.create({ data: { id, ownerId, name, files: { createMany: { data } } } });
      return id;
    },

    get: (id) => load(database, id),

    async list(ownerId) {
      const rows = await database.playground.findMany({
        where: { ownerId },
        orderBy: { savedAt: "desc" },
        take: MAX_PLAYGROUNDS,
      });
      return rows.map((row) => ({
        id: playgroundIdSchema.parse(row.id),
        name: row.name,
        savedAt: row.savedAt.getTime(),
      }));
    },

    async saveFile(id, path, content) {
      checkPath(path);
      checkContent(content);
      return change(id, async (transaction, files) => {
        const others = files.filter((file) => file.path !== path);
        checkFolders(path, pathsOf(others));
        checkRoom(others, Buffer.byteLength(content));
        await transaction.playgroundFile.upsert({
          where: { playgroundId_path: { playgroundId: id, path } },
          create: { playgroundId: id, path, content },
          update: { content, updatedAt: new Date() },
        });
      });
    },

    deleteFile: (id, path) =>
      change(id, async (transaction) => {
        await transaction.playgroundFile.deleteMany({ where: { playgroundId: id, path } });
      }),

    async renameFile(id, from, to) {
      checkPath(to);
      return change(id, async (transaction, files) => {
        checkPresent(from, pathsOf(files));
        if (from === to) return;
        checkFree(to, pathsOf(files));
        checkFolders(to, pathsOf(files.filter((file) => file.path !== from)));
        await transaction.playgroundFile.update({
          where: { playgroundId_path: { playgroundId: id, path: from } },
          data: { path: to },
        });
      });
    },
  };
}

async function load(database: Database, id: PlaygroundId): Promise<PlaygroundView> {
  const newest = { orderBy: { createdAt: "desc" }, take: 1 } as const;
  const row = await database.playground.findUnique({
    where: { id },
    include: { files: { orderBy: { path: "asc" } }, builds: newest, sessions: newest },
  });
  if (!row) throw missing();
  const [build] = row.builds;
  const [session] = row.sessions;
  return {
    id,
    name: row.name,
    files: row.files.map(({ path, content, updatedAt }) => ({
      path,
      content,
      updatedAt: updatedAt.getTime(),
    })),
    build: build ? viewOfBuild(build) : null,
    session: session ? viewOfSession(session) : null,
    savedAt: row.savedAt.getTime(),
  };
}

const pathsOf = (files: readonly FileSize[]): string[] => files.map((file) => file.path);

const missing = () => new SlipwayError("playground-missing", "There is no such playground.");

const tooLarge = (what: string, limit: number) =>
  new SlipwayError("files-too-large", `That is too much: the limit of ${what} is ${limit}.`, {
    params: { limit, what },
  });

function checkContent(content: string): void {
  if (content.includes("\0")) {
    throw new SlipwayError("request-invalid", "The file holds the character U+0000; only text is kept here.");
  }
  if (Buffer.byteLength(content) > MAX_FILE_BYTES) throw tooLarge("bytes of one file", MAX_FILE_BYTES);
}

function checkRoom(others: readonly FileSize[], bytes: number): void {
  if (others.length >= MAX_PLAYGROUND_FILES) throw tooLarge("files of one playground", MAX_PLAYGROUND_FILES);
  const total = others.reduce((sum, file) => sum + file.bytes, bytes);
  if (total > MAX_PLAYGROUND_BYTES) throw tooLarge("bytes of one playground", MAX_PLAYGROUND_BYTES);
}
