import { SlipwayError } from "@slipway/protocol";
import { ROLES, type Role } from "../account/role.ts";
import type { Database } from "../db/database.ts";
import { Lane } from "../session/lane.ts";
import { type Quota, type Quotas, type QuotaWish, quotaWishSchema } from "./quota.ts";

/** How long this process believes what it has read; another process's change is heard after so long at most. */
const REMEMBERED_MS = 10_000;
const HOUR_MS = 60 * 60_000;
/** Lanes that builds of people are started in; people share them by chance. */
const LANES = 64;

const UNSET: QuotaWish = {
  sessions: null,
  minutes: null,
  memoryBytes: null,
  cpus: null,
  diskBytes: null,
  buildsPerHour: null,
};

type Wishes = ReadonlyMap<string, QuotaWish>;

export function createQuotas(database: Database, settings: Quota): Quotas {
  const lanes = Array.from({ length: LANES }, () => new Lane());
  let known: { readonly wishes: Wishes; readonly until: number } | null = null;

  const read = async (): Promise<Wishes> => {
    const rows = await database.roleQuota.findMany();
    return new Map(rows.map((row) => [row.role, wishOf(row)]));
  };
  const wishes = async (): Promise<Wishes> => {
    if (known && known.until > Date.now()) return known.wishes;
    known = { wishes: await read(), until: Date.now() + REMEMBERED_MS };
    return known.wishes;
  };
  const of = async (role: Role): Promise<Quota> => {
    const wish = (await wishes()).get(role) ?? UNSET;
    return {
      sessions: wish.sessions ?? settings.sessions,
      minutes: wish.minutes ?? settings.minutes,
      memoryBytes: wish.memoryBytes ?? settings.memoryBytes,
      cpus: wish.cpus ?? settings.cpus,
      diskBytes: wish.diskBytes ?? settings.diskBytes,
      buildsPerHour: wish.buildsPerHour ?? settings.buildsPerHour,
    };
  };

  return {
    settings,
    of,
    async list() {
      const present = await read();
      return ROLES.map((role) => ({ role, wish: present.get(role) ?? UNSET }));
    },
    async set(role, wish) {
      const figures = { ...wish, updatedAt: new Date() };
      await database.roleQuota.upsert({ where: { role }, create: { role, ...figures }, update: figures });
      known = null;
    },
    admitBuild({ id, role }, start) {
      return laneOf(lanes, id).run(async () => {
        const { buildsPerHour } = await of(role);
        const since = new Date(Date.now() - HOUR_MS);
        const where = { createdAt: { gt: since }, playground: { ownerId: id } };
        if ((await database.build.count({ where })) >= buildsPerHour) throw tooManyBuilds(buildsPerHour);
        return start();
      });
    },
  };
}

function laneOf(lanes: readonly Lane[], id: string): Lane {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % lanes.length;
  return lanes[sum] as Lane;
}

/** PostgreSQL's bigint is more than a JavaScript number; what is here was one. */
const wishOf = (row: Record<keyof QuotaWish, number | bigint | null>): QuotaWish =>
  quotaWishSchema.parse({
    sessions: row.sessions,
    minutes: row.minutes,
    memoryBytes: numberOf(row.memoryBytes),
    cpus: row.cpus,
    diskBytes: numberOf(row.diskBytes),
    buildsPerHour: row.buildsPerHour,
  });

const numberOf = (value: number | bigint | null): number | null => (value === null ? null : Number(value));

const tooManyBuilds = (limit: number) =>
  new SlipwayError("build-limit", "The builds of this hour are used up.", { params: { limit } });
