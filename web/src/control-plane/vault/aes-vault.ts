import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { Vault } from "./vault.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** Length of a random nonce, NIST SP 800-38D section 8.2.2. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 6;

/** `v1.<key id>.<nonce, text and tag as base64url>` */
const SEALED = /^v1\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]+)$/;

interface Key {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** HKDF with SHA-256 (RFC 5869); `purpose` keeps this key apart from everything else that is made of the secret. */
const derive = (secret: string, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "", purpose, length));

const keyOf = (secret: string): Key => ({
  id: derive(secret, "slipway vault key id", KEY_ID_BYTES).toString("base64url"),
  bytes: derive(secret, "slipway vault key", KEY_BYTES),
});

/** A vault of AES-256-GCM (NIST SP 800-38D). Seals with `secret`, opens with `earlier` ones too. */
export function createAesVault(secret: string, earlier: readonly string[] = []): Vault {
  const current = keyOf(secret);
  const keys = new Map([...earlier.map(keyOf), current].map((key) => [key.id, key]));
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, current.bytes, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([nonce, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1.${current.id}.${body.toString("base64url")}`;
    },

    open(sealed, context) {
      const [, id = "", text = ""] = SEALED.exec(sealed) ?? [];
      const key = keys.get(id);
      const body = Buffer.from(text, "base64url");
      if (!key || body.length < NONCE_BYTES + TAG_BYTES) return null;
      const nonce = body.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(body.subarray(-TAG_BYTES));
      try {
        const plain = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString("utf8");
      } catch {
        return null;
      }
    },

    isCurrent: (sealed) => SEALED.exec(sealed)?.[1] === current.id,
  };
}
