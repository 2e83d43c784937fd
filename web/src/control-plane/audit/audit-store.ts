import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import { AUDIT_DAYS, AUDIT_PAGE, type Audit, type Deed, MAX_AUDIT_ENTRIES } from "./audit.ts";

const DAY_MS = 24 * 60 * 60_000;
const TRIM_INTERVAL_MS = 60 * 60_000;
/** Notes are written together, so long after the first. */
const NOTE_DELAY_MS = 500;
/** Notes that wait; beyond them the log says how many were lost. */
const MAX_NOTES = 10_000;
const MAX_WORDS = 8;
const MAX_DETAIL = 1_000;

interface Row {
  readonly at: Date;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

const rowOf = ({ actor, action, subject, detail = "" }: Deed): Row => ({
  at: new Date(),
  actorId: actor.id,
  actorName: actor.name,
  action,
  subject,
  detail: detail.slice(0, MAX_DETAIL),
});

export function createAudit(database: Database, log: Logger): Audit {
  let notes: Row[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | null = null;

  const write = async (): Promise<void> => {
    timer = null;
    const data = notes;
    notes = [];
    if (lost > 0) log.error({ lost }, "entries of the audit log were lost");
    lost = 0;
    if (data.length === 0) return;
    await database.auditEntry.createMany({ data }).catch((error: unknown) => {
      log.error({ err: error, lost: data.length }, "entries of the audit log were not written");
    });
  };
  const trim = async (): Promise<void> => {
    const oldest = new Date(Date.now() - AUDIT_DAYS * DAY_MS);
    await database.auditEntry.deleteMany({ where: { at: { lt: oldest } } });
    await database.$executeRaw`
      DELETE FROM audit_entries
      WHERE id <= (SELECT id FROM audit_entries ORDER BY id DESC OFFSET ${MAX_AUDIT_ENTRIES}::int LIMIT 1)`;
  };
  const trimming = setInterval(() => {
    trim().catch((error: unknown) => log.error({ err: error }, "the audit log could not be trimmed"));
  }, TRIM_INTERVAL_MS).unref();

  return {
    async record(deed) {
      await database.auditEntry.create({ data: rowOf(deed) });
    },
    note(deed) {
      if (notes.length >= MAX_NOTES) lost += 1;
      else notes.push(rowOf(deed));
      timer ??= setTimeout(() => void write(), NOTE_DELAY_MS);
    },
    async search({ words, before }) {
      const wanted = words.split(/\s+/).filter((word) => word !== "");
      const contains = (word: string) => ({ contains: word, mode: "insensitive" as const });
      const rows = await database.auditEntry.findMany({
        where: {
          ...(before !== null && { id: { lt: BigInt(before) } }),
          AND: wanted.slice(0, MAX_WORDS).map((word) => ({
            OR: ["actorName", "actorId", "action", "subject", "detail"].map((column) => ({
              [column]: contains(word),
            })),
          })),
        },
        orderBy: { id: "desc" },
        take: AUDIT_PAGE,
      });
      return rows.map(({ id, at, ...row }) => ({ ...row, id: String(id), at: at.getTime() }));
    },
    trim,
    async stop() {
      clearInterval(trimming);
      if (timer) clearTimeout(timer);
      await write();
    },
  };
}
