import { createHash, randomBytes } from "node:crypto";

/** Random bytes of a link's secret: nobody guesses 128 bits. */
const TOKEN_BYTES = 16;
const TOKEN = /^[A-Za-z0-9_-]{22}$/;

/** The secret part of a link's address. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");

/** What is kept of a token. The secret has all the entropy that there is, so a plain digest is as good as a slow one. */
export const tokenDigest = (token: string): string => createHash("sha256").update(token).digest("hex");

export const isToken = (text: string): boolean => TOKEN.test(text);
