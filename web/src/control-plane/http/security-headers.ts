import type { ServerResponse } from "node:http";

export interface HeaderRules {
  readonly publicUrl: string;
  readonly isDevelopment: boolean;
}

/**
 * The policy of our own pages. Next writes its data into inline scripts of prerendered pages, which no nonce can reach;
 * therefore `unsafe-inline`. Everything that a page loads comes from this origin; previews are links, never frames.
 */
export function contentSecurityPolicy({ publicUrl, isDevelopment }: HeaderRules): string {
  const socket = publicUrl.replace(/^http/, "ws");
  const script = ["'self'", "'unsafe-inline'", ...(isDevelopment ? ["'unsafe-eval'"] : [])];
  return [
    "default-src 'self'",
    `script-src ${script.join(" ")}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${socket}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ].join("; ");
}

/** Sets what every answer of our own origin carries. */
export function setSecurityHeaders(response: ServerResponse, rules: HeaderRules): void {
  response.setHeader("Content-Security-Policy", contentSecurityPolicy(rules));
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "same-origin");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.setHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (rules.publicUrl.startsWith("https:")) {
    response.setHeader("Strict-Transport-Security", "max-age=31536000");
  }
}
