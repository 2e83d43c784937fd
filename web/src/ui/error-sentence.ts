import type { DiagnosticCode } from "@slipway/dockerfile";
import type { WireError } from "@slipway/protocol";
import { useTranslations } from "use-intl";

/**
 * Placeholders of the error sentences and the parameters that fill them, the first that is there. What an error does not
 * carry arrives in its sentence as `none`.
 */
export const ERROR_PLACEHOLDERS = {
  instruction: ["instruction"],
  reference: ["reference"],
  path: ["path"],
  exitCode: ["exitCode"],
  user: ["user", "name"],
  command: ["command"],
  port: ["port"],
  target: ["target", "stage"],
  id: ["id"],
  source: ["source", "url"],
  what: ["what"],
  registry: ["registry"],
  limit: ["limit"],
} as const satisfies Record<string, readonly string[]>;

type ErrorValues = Record<keyof typeof ERROR_PLACEHOLDERS, string>;

/** The values for an error's sentence. */
export function errorValues(params: WireError["params"]): ErrorValues {
  const entries = Object.entries(ERROR_PLACEHOLDERS).map(([placeholder, names]) => {
    const name = names.find((candidate) => params[candidate] !== undefined);
    return [placeholder, name === undefined ? "none" : String(params[name])];
  });
  return Object.fromEntries(entries) as ErrorValues;
}

const aboutDockerfile: ReadonlySet<string> = new Set(["dockerfile-invalid", "instruction-unsupported"]);

/**
 * Turns errors of the protocol into sentences in the person's language. `word` is the text that the error is about, where
 * it has a place in the Dockerfile: what the parser found is then said as the editor says it.
 */
export function useErrorSentence(): (error: WireError, word?: string) => string {
  const t = useTranslations();
  return (error, word) => {
    const { reason, suggestion } = error.params;
    const known = typeof reason === "string" && t.has(`diagnostics.${reason as DiagnosticCode}`);
    if (known && word !== undefined && aboutDockerfile.has(error.code)) {
      const sentence = t(`diagnostics.${reason as DiagnosticCode}`, { word });
      return typeof suggestion === "string" ? `${sentence} ${t("didYouMean", { suggestion })}` : sentence;
    }
    return t(`errors.${error.code}`, errorValues(error.params));
  };
}
