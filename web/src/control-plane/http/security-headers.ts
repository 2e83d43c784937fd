import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";

export interface HeaderRules {
  readonly publicUrl: string;
  /** With its port where it has one; the hosts below it are previews. */
  readonly previewDomain: string;
  readonly isDevelopment: boolean;
}

/** Random bytes of a nonce; Content Security Policy level 3, section 7.1, asks for 128 bits. */
const NONCE_BYTES = 16;

/**
 * The policy of our own pages: everything comes from this origin, inline scripts carry this answer's nonce, we frame
 * previews only, and nobody frames us. Pages are rendered per request, so that Next can write the nonce.
 */
function contentSecurityPolicy({ publicUrl, previewDomain, isDevelopment }: HeaderRules): string {
  const socket = publicUrl.replace(/^http/, "ws");
  const nonce = `'nonce-${randomBytes(NONCE_BYTES).toString("base64")}'`;
  const script = ["'self'", nonce, ...(isDevelopment ? ["'unsafe-eval'"] : [])];
  return [
    "default-src 'self'",
    `script-src ${script.join(" ")}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${socket}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    `frame-src ${new URL(publicUrl).protocol}//*.${previewDomain}`,
    "frame-ancestors 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ].join("; ");
}

/** Sets what every answer of our own origin carries, and answers its content security policy. */
export function setSecurityHeaders(response: ServerResponse, rules: HeaderRules): string {
  const policy = contentSecurityPolicy(rules);
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "same-origin");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.setHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (rules.publicUrl.startsWith("https:")) {
    response.setHeader("Strict-Transport-Security", "max-age=31536000");
  }
  return policy;
}
