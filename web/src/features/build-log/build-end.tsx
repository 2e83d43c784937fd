import type { SourceRange } from "@slipway/protocol";
import { CircleCheck, CircleSlash2, CircleX } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { bytes, duration } from "../../ui/format.ts";
import type { Outcome } from "./build-log.ts";

export interface BuildEndProps {
  readonly outcome: Outcome;
  readonly onShow: (range: SourceRange) => void;
  /** The Dockerfile's text in a range. */
  readonly excerpt: (range: SourceRange) => string;
}

/** How the build ended, in a sentence; of a failure also where. */
export function BuildEnd({ outcome, onShow, excerpt }: BuildEndProps) {
  const t = useTranslations("build");
  const language = useLocale();
  const sentence = useErrorSentence();
  switch (outcome.state) {
    case "queued":
    case "building":
      return null;
    case "succeeded":
      return (
        <div className="flex flex-wrap items-center gap-x-2.5 border-line border-t px-4 py-3">
          <CircleCheck size={18} className="text-good" aria-hidden="true" />
          <p className="font-medium">
            {t("succeeded", { duration: duration(outcome.durationMs, language) })}
          </p>
          <p className="text-small text-ink-soft">
            {t("succeededImage", {
              layers: outcome.image.layerCount,
              size: bytes(outcome.image.sizeBytes),
            })}
          </p>
        </div>
      );
    case "cancelled":
      return (
        <div className="flex flex-wrap items-center gap-x-2.5 border-line border-t px-4 py-3">
          <CircleSlash2 size={18} className="text-ink-faint" aria-hidden="true" />
          <p className="font-medium">{t("cancelled")}</p>
          <p className="text-small text-ink-soft">{t("cancelledText")}</p>
        </div>
      );
    case "failed":
      return (
        <div className="m-3 rounded-medium bg-bad-soft px-4 py-3 text-ink">
          <p className="flex items-center gap-2 font-semibold">
            <CircleX size={18} className="shrink-0 text-bad" aria-hidden="true" />
            {outcome.step === null ? t("failed") : t("failedAtStep", { step: String(outcome.step + 1) })}
          </p>
          <p className="mt-1 [overflow-wrap:anywhere]">
            {sentence(outcome.error, outcome.range === null ? undefined : excerpt(outcome.range))}
          </p>
          {outcome.range !== null && <ShowLine range={outcome.range} onShow={onShow} />}
        </div>
      );
  }
}

export function ShowLine(props: {
  readonly range: SourceRange;
  readonly onShow: (range: SourceRange) => void;
}) {
  const t = useTranslations("build");
  const line = String(props.range.startLine);
  return (
    <button
      type="button"
      aria-label={t("showLine", { line })}
      onClick={() => props.onShow(props.range)}
      className="mt-1.5 font-medium text-sea text-small underline decoration-1 underline-offset-4 hover:text-sea-strong"
    >
      {t("line", { line })}
    </button>
  );
}
