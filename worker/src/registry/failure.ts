import { type ErrorCode, SlipwayError } from "@slipway/protocol";
import { OutboundFailure, type OutboundReason } from "../outbound/outbound.ts";
import type { Endpoint } from "./registry.ts";

const CODES = {
  "address-refused": "registry-address-refused",
  "url-refused": "registry-address-refused",
  "too-many-redirects": "registry-failed",
  "redirect-invalid": "registry-failed",
  "too-large": "registry-failed",
  unreachable: "registry-unreachable",
  reset: "registry-unreachable",
  stalled: "registry-unreachable",
} as const satisfies Record<OutboundReason, ErrorCode>;

/** An error that names the registry; `reason` is English, for logs. */
export function registryError(
  code: ErrorCode,
  endpoint: Pick<Endpoint, "domain" | "origin">,
  reason: string,
  cause?: unknown,
): SlipwayError {
  const { domain, origin } = endpoint;
  const at = origin.host === domain ? domain : `${domain} (at ${origin.host})`;
  return new SlipwayError(code, `${at}: ${reason}`, {
    params: { registry: domain, host: origin.host, reason: reason.slice(0, 1000) },
    cause,
  });
}

/** What went wrong on the way as an error that names the registry; anything else as it is. */
export function asRegistryError(error: unknown, endpoint: Pick<Endpoint, "domain" | "origin">): unknown {
  if (!(error instanceof OutboundFailure)) return error;
  return registryError(CODES[error.reason], endpoint, error.message, error);
}
