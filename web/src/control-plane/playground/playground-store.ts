import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import { ACTIVE_BUILD_STATES } from "../build/build-state.ts";
import { viewOfBuild } from "../build/build-view.ts";
import type { Database, Transaction } from "../db/database.ts";
import { newPlaygroundId } from "../ids.ts";
import { viewOfSession } from "../session/session-view.ts";
import type { Signals } from "../signals.ts";
import { digestOf, putBlobs } from "./blob-store.ts";
import { watchFiles } from "./file-news.ts";
import { foldersOf } from "./file-path.ts";
import { entryOf, readRows } from "./file-rows.ts";
import { textOf } from "./file-text.ts";
import { FILE_LIMITS, MAX_PLAYGROUNDS, tooLarge } from "./limits.ts";
import type { Playgrounds, PlaygroundView, TextContent } from "./playground.ts";
import { createPlaygroundFiles } from "./playground-files.ts";
import { listPlaygrounds } from "./playground-list.ts";
import { TEMPLATES } from "./templates/template.ts";
import { lockPlayground } from "./version-store.ts";

/** Texts that a page needs before anybody opens them. */
const FIRST_TEXTS = ["Dockerfile", ".dockerignore"];

export function createPlaygrounds(database: Database, signals: Signals): Playgrounds {
  return {
    ...createPlaygroundFiles(database, signals),

    async create(ownerId, template, language) {
      const { name, files } = TEMPLATES[template];
      const id = newPlaygroundId();
      await database.$transaction(async (transaction) => {
        await addPlayground(transaction, id, ownerId, name);
        await addFiles(transaction, id, files(language));
      });
      return id;
    },

    get: (id) => load(database, id),

    list: (ownerId, search) => listPlaygrounds(database, ownerId, search),

    async rename(id, name) {
      await database.playground.updateMany({ where: { id }, data: { name } });
      signals.notify(id);
    },

    async delete(id) {
      await database.$transaction(async (transaction) => {
        if (!(await lockPlayground(transaction, id))) return;
        const where = { playgroundId: id };
        const sessions = await transaction.session.count({ where: { ...where, state: { not: "ended" } } });
        const builds = await transaction.build.count({
          where: { ...where, state: { in: ACTIVE_BUILD_STATES } },
        });
        if (sessions + builds > 0) {
          throw new SlipwayError("playground-in-use", "A session or a build of it is under way.");
        }
        await transaction.playground.delete({ where: { id } });
      });
      signals.notify(id);
    },

    async fork(id, ownerId) {
      const fork = newPlaygroundId();
      await database.$transaction(async (transaction) => {
        if (!(await lockPlayground(transaction, id))) throw missing();
        const { name } = await transaction.playground.findUniqueOrThrow({ where: { id } });
        await addPlayground(transaction, fork, ownerId, name);
        await transaction.$executeRaw`
          INSERT INTO playground_blobs (playground_id, digest, bytes, is_text, content)
          SELECT ${fork}, digest, bytes, is_text, content FROM playground_blobs
          WHERE playground_id = ${id}
            AND digest IN (SELECT digest FROM playground_files WHERE playground_id = ${id})`;
        await transaction.$executeRaw`
          INSERT INTO playground_files (playground_id, path, digest, executable, updated_at)
          SELECT ${fork}, path, digest, executable, updated_at FROM playground_files WHERE playground_id = ${id}`;
      });
      return fork;
    },

    watch: (id, signal) => watchFiles(database, signals, id, signal),
  };
}

async function addPlayground(
  transaction: Transaction,
  id: PlaygroundId,
  ownerId: string,
  name: string,
): Promise<void> {
  const owned = await transaction.playground.count({ where: { ownerId } });
  if (owned >= MAX_PLAYGROUNDS) throw tooLarge("playgrounds", MAX_PLAYGROUNDS);
  await transaction.playground.create({ data: { id, ownerId, name } });
}

/** The files of a template, with the folders on the way to them. */
async function addFiles(
  transaction: Transaction,
  playgroundId: PlaygroundId,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const contents = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
  await putBlobs(
    transaction,
    playgroundId,
    new Map(contents.map(({ content }) => [digestOf(content), content])),
  );
  const folders = new Set(contents.flatMap(({ path }) => foldersOf(path)));
  await transaction.playgroundFile.createMany({
    data: [
      ...[...folders].map((path) => ({ playgroundId, path, digest: null })),
      ...contents.map(({ path, content }) => ({ playgroundId, path, digest: digestOf(content) })),
    ],
  });
}

async function load(database: Database, id: PlaygroundId): Promise<PlaygroundView> {
  const newest = { orderBy: { createdAt: "desc" }, take: 1 } as const;
  const row = await database.playground.findUnique({
    where: { id },
    include: { builds: newest, sessions: newest },
  });
  if (!row) throw missing();
  const [files, texts] = await Promise.all([readRows(database, id), firstTexts(database, id)]);
  const [build] = row.builds;
  const [session] = row.sessions;
  return {
    id,
    name: row.name,
    revision: row.revision,
    files: files.map(entryOf),
    texts,
    limits: FILE_LIMITS,
    build: build ? viewOfBuild(build) : null,
    session: session ? viewOfSession(session) : null,
    savedAt: row.savedAt.getTime(),
  };
}

async function firstTexts(database: Database, playgroundId: PlaygroundId): Promise<TextContent[]> {
  const rows = await database.playgroundFile.findMany({
    where: { playgroundId, path: { in: FIRST_TEXTS }, blob: { isText: true } },
    include: { blob: true },
  });
  return rows.map(({ path, blob }) => textOf(path, blob));
}

const missing = () => new SlipwayError("playground-missing", "There is no such playground.");
