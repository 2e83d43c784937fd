import {
  TICKET_ALGORITHM,
  TICKET_ISSUER,
  type TicketGrant,
  type TicketPublicKey,
  ticketPublicKeySchema,
} from "@slipway/protocol";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A control plane's half of tickets, for tests: a real key pair and real signatures. */
export interface TicketFixture {
  readonly publicKey: TicketPublicKey;
  /** `expiresIn` in seconds, negative for one that has expired. */
  sign(
    grant: TicketGrant | Record<string, unknown>,
    options?: { expiresIn?: number; issuer?: string },
  ): Promise<string>;
}

export async function makeTicketFixture(): Promise<TicketFixture> {
  const { publicKey, privateKey } = await generateKeyPair(TICKET_ALGORITHM, {
    crv: "Ed25519",
    extractable: true,
  });
  return {
    publicKey: ticketPublicKeySchema.parse(await exportJWK(publicKey)),
    sign: (grant, { expiresIn = 60, issuer = TICKET_ISSUER } = {}) =>
      new SignJWT({ ...grant })
        .setProtectedHeader({ alg: TICKET_ALGORITHM })
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(privateKey),
  };
}
