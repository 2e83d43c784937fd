import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

export interface CertificateSources {
  /** A bundle of the operator, such as NODE_EXTRA_CA_CERTS names; null for none. */
  readonly extraBundle: string | null;
  /** Where an operator puts certificates for update-ca-certificates(8). */
  readonly localDirectory: string;
  /** Those of the distribution, which images get from its package. */
  readonly packagedDirectory: string;
  /** The machine's bundle of all. */
  readonly bundle: string;
}

export const machineCertificates = (extraBundle: string | null): CertificateSources => ({
  extraBundle,
  localDirectory: "/usr/local/share/ca-certificates",
  packagedDirectory: "/usr/share/ca-certificates",
  bundle: "/etc/ssl/certs/ca-certificates.crt",
});

/**
 * Certificates that this machine trusts beyond those of its distribution. An image that is made here reaches the
 * network the way its machine does, so it must trust them too.
 */
export async function extraCertificates(sources: CertificateSources): Promise<string[]> {
  const extras = new Set([
    ...(sources.extraBundle === null
      ? []
      : certificatesIn(await quietly(readFile(sources.extraBundle, "utf8"), ""))),
    ...(await certificatesBelow(sources.localDirectory)),
  ]);
  for (const packaged of await certificatesBelow(sources.packagedDirectory)) extras.delete(packaged);
  return [...extras];
}

/** Writes the extra certificates one per file, and the bundle beside them; false when there are none. */
export async function writeCertificates(sources: CertificateSources, directory: string): Promise<boolean> {
  const extras = await extraCertificates(sources);
  if (extras.length === 0) return false;
  await mkdir(path.join(directory, "local"), { recursive: true });
  for (const [index, certificate] of extras.entries()) {
    await writeFile(path.join(directory, "local", `slipway-${index}.crt`), `${certificate}\n`);
  }
  const machine = certificatesIn(await quietly(readFile(sources.bundle, "utf8"), ""));
  const all = [...new Set([...machine, ...extras])];
  await writeFile(path.join(directory, "bundle.crt"), `${all.join("\n")}\n`);
  return true;
}

async function certificatesBelow(directory: string): Promise<string[]> {
  const entries = await quietly(readdir(directory, { recursive: true }), []);
  const texts = entries
    .filter((name) => name.endsWith(".crt"))
    .map((name) => quietly(readFile(path.join(directory, name), "utf8"), ""));
  return (await Promise.all(texts)).flatMap(certificatesIn);
}

function certificatesIn(text: string): string[] {
  return (text.match(CERTIFICATE) ?? []).map((one) => one.replaceAll("\r", ""));
}

/** A missing file or directory holds no certificates. */
async function quietly<Value>(reading: Promise<Value>, fallback: Value): Promise<Value> {
  try {
    return await reading;
  } catch {
    return fallback;
  }
}
