import type { ServerResponse } from "node:http";
import { type ErrorCode, SlipwayError } from "@slipway/protocol";

/** Statuses of the errors that routes know; others are 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  "ticket-invalid": 401,
  "ticket-expired": 401,
  forbidden: 403,
  "session-missing": 404,
  "terminal-missing": 404,
  "recording-missing": 404,
  "session-not-running": 409,
  "container-path-missing": 404,
  "container-path-invalid": 400,
  "upload-too-large": 413,
  "download-too-large": 413,
  "session-disk-full": 507,
  "session-files-gone": 410,
  "rate-limited": 429,
  "request-invalid": 400,
  "no-worker": 503,
};

/**
 * Fields of every file that a route gives out. The file is a stranger's and the origin is the app's: it is saved, never shown,
 * and where a browser shows it all the same it may do nothing (Content Security Policy level 3, section 6.3.2).
 */
export function fileHeaders(type: string, name: string): Record<string, string> {
  return {
    "content-type": type,
    "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}

export const statusOf = (thrown: unknown): number =>
  (thrown instanceof SlipwayError && STATUS[thrown.code]) || 500;

/** Answers with the error as JSON. What is no SlipwayError says nothing of its cause. */
export function answerError(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const known =
    thrown instanceof SlipwayError ? thrown : new SlipwayError("internal", "Something broke here.");
  response.writeHead(STATUS[known.code] ?? 500, {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(JSON.stringify({ error: known.toWire() }));
}
