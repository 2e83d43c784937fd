import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Compares secrets in a time that tells nothing of them, their lengths included. */
export const isSameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected));

/** The token of an `Authorization: Bearer …` header (RFC 6750 section 2.1), or null. */
export const bearerToken = (header: string | undefined): string | null =>
  header?.match(/^Bearer ([\x21-\x7e]+)$/i)?.[1] ?? null;
