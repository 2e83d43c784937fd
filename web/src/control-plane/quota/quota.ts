import { z } from "zod";
import type { Role } from "../account/role.ts";

const MIB = 1024 ** 2;

/** What one person of a role may take. */
export const quotaSchema = z.object({
  /** Live sessions at once. */
  sessions: z.number().int().min(0).max(10_000),
  /** Time of a session before its owner adds some. */
  minutes: z
    .number()
    .int()
    .min(1)
    .max(31 * 24 * 60),
  /** Of each session. */
  memoryBytes: z
    .number()
    .int()
    .min(32 * MIB)
    .max(2 ** 50),
  cpus: z.number().min(0.05).max(1024),
  diskBytes: z
    .number()
    .int()
    .min(64 * MIB)
    .max(2 ** 50),
  buildsPerHour: z.number().int().min(0).max(100_000),
});
export type Quota = z.infer<typeof quotaSchema>;

/** The operator's figures; null: as the settings say. */
export const quotaWishSchema = z.object({
  sessions: quotaSchema.shape.sessions.nullable(),
  minutes: quotaSchema.shape.minutes.nullable(),
  memoryBytes: quotaSchema.shape.memoryBytes.nullable(),
  cpus: quotaSchema.shape.cpus.nullable(),
  diskBytes: quotaSchema.shape.diskBytes.nullable(),
  buildsPerHour: quotaSchema.shape.buildsPerHour.nullable(),
});
export type QuotaWish = z.infer<typeof quotaWishSchema>;

export interface RoleQuotaView {
  readonly role: Role;
  readonly wish: QuotaWish;
}

/** What people may take, by their role: the settings' figures where the operator has set no others. */
export interface Quotas {
  readonly settings: Quota;
  of(role: Role): Promise<Quota>;
  list(): Promise<readonly RoleQuotaView[]>;
  /** Holds for sessions and builds to come. */
  set(role: Role, wish: QuotaWish): Promise<void>;
  /**
   * Carries out the start of a build unless the person has had their builds of this hour. Starts of one person go one after
   * another. @throws build-limit
   */
  admitBuild<Answer>(
    person: { readonly id: string; readonly role: Role },
    start: () => Promise<Answer>,
  ): Promise<Answer>;
}
