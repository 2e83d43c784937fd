import type { WireError } from "@slipway/protocol";
import { useTranslations } from "use-intl";

/** Placeholders of the error sentences; what an error does not carry arrives there as `none`. */
export const ERROR_PARAMETERS = [
  "detail",
  "instruction",
  "image",
  "path",
  "exitCode",
  "user",
  "command",
  "port",
] as const;

type ErrorValues = Record<(typeof ERROR_PARAMETERS)[number], string>;

/** The values for an error's sentence. */
export function errorValues(params: WireError["params"]): ErrorValues {
  const entries = ERROR_PARAMETERS.map((name) => [name, String(params[name] ?? "none")]);
  return Object.fromEntries(entries) as ErrorValues;
}

/** Turns errors of the protocol into sentences in the person's language. */
export function useErrorSentence(): (error: WireError) => string {
  const t = useTranslations();
  return (error) => t(`errors.${error.code}`, errorValues(error.params));
}
