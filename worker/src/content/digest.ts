import { createHash, type Hash } from "node:crypto";
import type { Digest } from "@slipway/protocol";

/** SHA-256 over what is fed to it, as an OCI digest. */
export class Digester {
  readonly #hash: Hash = createHash("sha256");
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  update(chunk: Uint8Array | string): this {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.byteLength;
    return this;
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest("hex")}` as Digest;
  }
}

export const digestOf = (bytes: Uint8Array | string): Digest => new Digester().update(bytes).digest();

/** The hexadecimal digits of a digest. */
export const hexOf = (digest: Digest): string => digest.slice("sha256:".length);
