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
