import type { LintRule } from "@slipway/dockerfile";
import { useCallback } from "react";
import { useTranslations } from "use-intl";
import type { Warning } from "./build-log.ts";

/** Turns a warning into a sentence in the person's language; what is not one of the known checks speaks for itself. */
export function useWarningSentence(): (warning: Warning) => string {
  const t = useTranslations();
  return useCallback(
    ({ code, message }) => (t.has(`checks.${code as LintRule}`) ? t(`checks.${code as LintRule}`) : message),
    [t],
  );
}
