import type { IncomingMessage } from "node:http";
import { parsePreviewHost, type SessionId } from "@slipway/protocol";

export interface HostRules {
  readonly publicUrl: string;
  readonly previewDomain: string;
  readonly extraHosts: readonly string[];
}

export type HostKind =
  | { readonly kind: "preview"; readonly session: SessionId; readonly port: number }
  /** The host of the public URL. */
  | { readonly kind: "public" }
  /** This machine or a name inside the cluster: for workers, probes and scrapers. */
  | { readonly kind: "internal" }
  /** Someone let a name of their own point here (DNS rebinding), or the settings lack a name. */
  | { readonly kind: "unknown" };

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** What a `Host` header asks for. */
export function classifyHost(header: string | undefined, rules: HostRules): HostKind {
  const host = (header ?? "").toLowerCase();
  const preview = parsePreviewHost(host, rules.previewDomain);
  if (preview) return { kind: "preview", ...preview };
  if (host === new URL(rules.publicUrl).host) return { kind: "public" };
  const name = host.replace(/:\d{1,5}$/, "");
  return { kind: [...LOOPBACK, ...rules.extraHosts].includes(name) ? "internal" : "unknown" };
}

/**
 * False for a request that the next one in line could read in another way: targets other than a path are for proxies that anybody
 * may use (RFC 9112 section 3.2.2), `//` begins a host for whoever resolves it, and of two hosts each may take another (3.2).
 */
export function isPlain({ url = "", rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  return url.startsWith("/") && hosts.length < 2;
}

/**
 * True when a page of another origin makes the request. Browsers name the origin of every request that changes something (Fetch
 * standard, section 3.2), and the relation of all others but plain visits (Fetch Metadata); programs do neither.
 */
export function isForeignPage({ headers }: IncomingMessage, publicUrl: string): boolean {
  const { origin } = headers;
  if (origin !== undefined) return origin !== publicUrl;
  const relation = headers["sec-fetch-site"];
  const isRelated = relation === undefined || relation === "same-origin" || relation === "none";
  return !isRelated && headers["sec-fetch-mode"] !== "navigate";
}
