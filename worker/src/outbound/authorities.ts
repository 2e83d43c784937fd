import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";

/**
 * Certificates that servers are held against. A list of one's own takes the place of Node's in a TLS connection, so it holds
 * Node's, those of `nodeExtra` (NODE_EXTRA_CA_CERTS; as in Node, a file that is not there counts for nothing), and those of
 * `file`, which has to be there.
 */
export async function authorities(nodeExtra: string | undefined, file?: string): Promise<readonly string[]> {
  const extra = nodeExtra ? await readFile(nodeExtra, "utf8").catch(() => "") : "";
  const own = file === undefined ? "" : await readFile(file, "utf8");
  return [...rootCertificates, extra, own].filter((text) => text !== "");
}
