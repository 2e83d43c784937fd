import { z } from "zod";
import { type SessionId, sessionIdSchema } from "./ids.ts";

/** Opens a preview: sets the ticket as a cookie of the preview's own origin and redirects to `to`. */
export const PREVIEW_ENTER_PATH = "/.slipway/enter";
/** Holds the ticket on the preview's origin; never passed on to the container. */
export const PREVIEW_COOKIE = "slipway-preview";

const labelSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,4}-[a-z0-9]+$/)
  .transform((label) => {
    const dash = label.indexOf("-");
    return { port: Number(label.slice(0, dash)), session: label.slice(dash + 1) };
  })
  .pipe(z.object({ port: z.number().max(65_535), session: sessionIdSchema }));

/** `<port>-<session>.<domain>`; `domain` may carry a port of its own. */
export const previewHost = (port: number, session: SessionId, domain: string): string =>
  `${port}-${session}.${domain}`;

/** The port and session that a `Host` header names, or null when it is not a preview of `domain`. */
export function parsePreviewHost(host: string, domain: string): { port: number; session: SessionId } | null {
  const lower = host.toLowerCase();
  const suffix = `.${domain.toLowerCase()}`;
  if (!lower.endsWith(suffix)) return null;
  const parsed = labelSchema.safeParse(lower.slice(0, -suffix.length));
  return parsed.success ? parsed.data : null;
}
