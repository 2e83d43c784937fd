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
  /** `expiresIn` and `issuedIn` in seconds, negative for the past. */
  sign(
    grant: TicketGrant | Record<string, unknown>,
    options?: { expiresIn?: number; issuedIn?: number; issuer?: string },
  ): Promise<string>;
  /** Signs these very texts, whatever they are. */
  signText(header: string, payload: string): Promise<string>;
}

export async function makeTicketFixture(): Promise<TicketFixture> {
  const { publicKey, privateKey } = await generateKeyPair(TICKET_ALGORITHM, {
    crv: "Ed25519",
    extractable: true,
  });
  return {
    publicKey: ticketPublicKeySchema.parse(await exportJWK(publicKey)),
    sign: (grant, { expiresIn = 60, issuedIn = 0, issuer = TICKET_ISSUER } = {}) =>
      new SignJWT({ ...grant })
        .setProtectedHeader({ alg: TICKET_ALGORITHM })
        .setIssuer(issuer)
        .setIssuedAt(Math.floor(Date.now() / 1000) + issuedIn)
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(privateKey),
    signText: async (header, payload) => {
      const signed = [header, payload].map((text) => Buffer.from(text).toString("base64url")).join(".");
      const signature = await crypto.subtle.sign("Ed25519", privateKey, Buffer.from(signed));
      return `${signed}.${Buffer.from(signature).toString("base64url")}`;
    },
  };
}
