import { z } from "zod";
import { type SessionId, sessionIdSchema } from "./ids.ts";

/** Opens a preview: sets the ticket as a cookie of the preview's own origin and redirects to `to`. */
export const PREVIEW_ENTER_PATH = "/.slipway/enter";
/** Holds the ticket on the preview's origin; never passed on to the container. */
export const PREVIEW_COOKIE = "slipway-preview";

/** Why a preview can't show the container's answer. */
export const previewProblemSchema = z.discriminatedUnion("code", [
  z.object({
    code: z.enum([
      "ticket-invalid",
      "ticket-expired",
      "session-missing",
      "no-worker",
      "forbidden",
      "rate-limited",
      "request-invalid",
      "frame-refused",
    ]),
  }),
  z.object({
    code: z.literal("port-unreachable"),
    port: z.number().int().min(0).max(65_535),
    /** `closed`: nobody listens. `silent`: no answer in time. `broken`: what came is no HTTP. */
    reason: z.enum(["closed", "silent", "broken"]),
  }),
]);
export type PreviewProblem = z.infer<typeof previewProblemSchema>;

/**
 * What the gateway's own page in a frame tells the page of Slipway around it, which can't look inside. Pages of a container can say
 * the same, so nobody is to believe more of it than that a preview is not shown.
 */
export const previewMessageSchema = z.object({ slipwayPreview: previewProblemSchema });
export type PreviewMessage = z.infer<typeof previewMessageSchema>;

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
