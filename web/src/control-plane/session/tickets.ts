import {
  TICKET_ALGORITHM,
  TICKET_ISSUER,
  type TicketGrant,
  type TicketPublicKey,
  ticketPublicKeySchema,
} from "@slipway/protocol";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { decode, encode } from "../db/documents.ts";

/** The one row that holds the key. */
const KEY_ID = "tickets";
/** A terminal's connection lasts as long as its ticket, and comes back with another. */
export const TERMINAL_TICKET_MS = 15 * 60_000;
/** Files are looked at and moved for as long as a dialog is open; the page asks for another one then. */
export const FILES_TICKET_MS = 15 * 60_000;
/** An export begins with the click that asked for its address. */
export const EXPORT_TICKET_MS = 60_000;

const privateKeySchema = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
});

/** Signs tickets. The private half of the key never leaves the control plane. */
export interface Tickets {
  readonly publicKey: TicketPublicKey;
  /** `expiresAt`: milliseconds since the epoch, rounded up to whole seconds. */
  sign(grant: TicketGrant, expiresAt: number): Promise<string>;
}

/** Reads the key from the database; the first control plane that asks makes it. */
export async function openTickets(database: Database): Promise<Tickets> {
  const stored = await database.ticketKey.findUnique({ where: { id: KEY_ID } });
  const row = stored ?? (await makeKey(database));
  const jwk = decode(privateKeySchema, row.privateKey);
  const key = await importJWK(jwk, TICKET_ALGORITHM);
  return {
    publicKey: ticketPublicKeySchema.parse({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }),
    sign: (grant, expiresAt) =>
      new SignJWT({ ...grant })
        .setProtectedHeader({ alg: TICKET_ALGORITHM })
        .setIssuer(TICKET_ISSUER)
        .setIssuedAt()
        .setExpirationTime(Math.ceil(expiresAt / 1000))
        .sign(key),
  };
}

async function makeKey(database: Database) {
  const { privateKey } = await generateKeyPair(TICKET_ALGORITHM, { crv: "Ed25519", extractable: true });
  const jwk = privateKeySchema.parse(await exportJWK(privateKey));
  const data = [{ id: KEY_ID, privateKey: encode(privateKeySchema, jwk) }];
  await database.ticketKey.createMany({ data, skipDuplicates: true });
  return database.ticketKey.findUniqueOrThrow({ where: { id: KEY_ID } });
}
