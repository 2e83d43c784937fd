import type { ErrorCode } from "@slipway/protocol";

/** What can go wrong between the click and the new playground, besides `internal`. */
const CODES = ["rate-limited", "not-signed-in", "request-invalid"] as const satisfies readonly ErrorCode[];

type Sentence = (key: `errors.${(typeof CODES)[number] | "internal"}`) => string;

/** The sentences that NewPlaygroundButton may have to say, and no others, so that they travel with the page. */
export const errorSentences = (
  t: Sentence,
): Partial<Record<ErrorCode, string>> & { readonly internal: string } => ({
  ...Object.fromEntries(CODES.map((code) => [code, t(`errors.${code}`)])),
  internal: t("errors.internal"),
});
