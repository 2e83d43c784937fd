import { useTranslations } from "use-intl";
import type { SessionPhase } from "./session-phase.ts";

/** Says of a terminal into a build at which step it stands. */
export function StepNote({ phase }: { readonly phase: SessionPhase }) {
  const t = useTranslations("buildView");
  if (phase.kind !== "live" || phase.view.step === null) return null;
  const { step, side } = phase.view.step;
  return (
    <p role="status" className="border-line border-b bg-sea-soft px-4 py-1.5 text-small">
      {t(side === "before" ? "stepNoteBefore" : "stepNoteAfter", { step: String(step + 1) })}{" "}
      {t("stepNoteText")}
    </p>
  );
}
