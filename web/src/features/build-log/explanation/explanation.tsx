import { Lightbulb } from "lucide-react";
import { useId } from "react";
import { useTranslations } from "use-intl";
import type { Outcome, Step } from "../build-log.ts";
import { plainText } from "../log-text.ts";
import { tailOf } from "../output.ts";
import { explain } from "./explain.ts";

export interface ExplanationProps {
  readonly outcome: Extract<Outcome, { state: "failed" }>;
  /** The step that failed, where it was one. */
  readonly step: Step | null;
}

/** Lines of the failed step's output that are looked at, from its end, and characters of them. */
const LINES = 200;
const CHARACTERS = 40_000;

/** Why the build failed and what to do, in plain words; nothing for a failure that is none of the common ones. */
export function Explanation({ outcome, step }: ExplanationProps) {
  const t = useTranslations("explanations");
  const titleId = useId();
  const { error, exitCode } = outcome;
  const found = explain({
    error,
    exitCode,
    instruction: step?.text ?? null,
    lastLines: endOf(outcome, step),
  });
  if (found === null) return null;
  const { kind, name, rule = "", line = "", stage = "" } = found;
  const values = { name, rule, line, stage };
  return (
    <section
      aria-labelledby={titleId}
      className="mt-2 rounded-medium border border-line bg-surface px-3 py-2.5 [overflow-wrap:anywhere]"
    >
      <h3 id={titleId} className="flex items-center gap-1.5 font-semibold text-small">
        <Lightbulb size={15} className="text-sea" aria-hidden="true" />
        {t("title")}
      </h3>
      <p className="mt-0.5">{t(`kind.${kind}.why`, values)}</p>
      <p className="mt-1.5 font-semibold text-small">{t("fix")}</p>
      <p>{t(`kind.${kind}.fix`, values)}</p>
    </section>
  );
}

/** The end of the output as plain lines; of a build without one, what the failure itself carries. */
function endOf({ lastLines }: ExplanationProps["outcome"], step: Step | null): string[] {
  const tail = step === null ? "" : tailOf(step.output, CHARACTERS);
  const lines = tail === "" ? lastLines : tail.split("\n");
  return lines.slice(-LINES).map(plainText);
}
