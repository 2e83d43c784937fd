import { z } from "zod";

/**
 * What a person is to the operator: quotas are given by role, and only an `operator` sees the admin page. `guest`: no account
 * yet; `teacher` and `operator`: named by the settings.
 */
export const roleSchema = z.enum(["guest", "member", "teacher", "operator"]);
export type Role = z.infer<typeof roleSchema>;
export const ROLES = roleSchema.options;

/** E-mail addresses that the settings give a role, in small letters. */
export interface RoleSettings {
  readonly operators: readonly string[];
  readonly teachers: readonly string[];
}

interface RoleFacts {
  readonly email: string;
  readonly emailVerified: boolean;
  readonly isAnonymous?: boolean | null | undefined;
}

/** An address that nobody has proved to be theirs gives no role: anyone can type it. */
export function roleOf({ email, emailVerified, isAnonymous }: RoleFacts, settings: RoleSettings): Role {
  if (isAnonymous === true) return "guest";
  if (!emailVerified) return "member";
  const address = email.toLowerCase();
  if (settings.operators.includes(address)) return "operator";
  return settings.teachers.includes(address) ? "teacher" : "member";
}
