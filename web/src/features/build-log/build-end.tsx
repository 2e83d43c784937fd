import type { SourceRange, WireError } from "@slipway/protocol";
import { CircleCheck, CircleSlash2, CircleX, Layers, SquareTerminal } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { useLocale, useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { bytes, duration } from "../../ui/format.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { Outcome, Step } from "./build-log.ts";
import { plainText } from "./log-text.ts";
import type { LogTools } from "./log-tools.ts";
import { ShowLine } from "./show-line.tsx";

const Explanation = lazy(() =>
  loadChunk(() => import("./explanation/explanation.tsx")).then((module) => ({
    default: module.Explanation,
  })),
);

export interface BuildEndProps {
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
  readonly onShow: (range: SourceRange) => void;
  /** The Dockerfile's text in a range. */
  readonly excerpt: (range: SourceRange) => string;
  /** What a person can do about a failure, such as a button to where a missing secret is given. */
  readonly remedy: (error: WireError) => ReactNode;
  /** Opens the layers of the image that it made. */
  readonly onLayers: () => void;
  readonly onTerminal: LogTools["onTerminal"];
}

/** How the build ended, in a sentence; of a failure also where. */
export function BuildEnd(props: BuildEndProps) {
  const { outcome, steps, onShow, excerpt, remedy, onLayers, onTerminal } = props;
  const t = useTranslations("build");
  const tv = useTranslations("buildView");
  const layersWord = useTranslations("layers")("open");
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
          <Button
            size="small"
            className="ml-auto"
            icon={<Layers size={16} strokeWidth={1.75} aria-hidden="true" />}
            onClick={onLayers}
          >
            {layersWord}
          </Button>
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
    case "failed": {
      const step = steps.find(({ index }) => index === outcome.step) ?? null;
      return (
        <div className="m-3 rounded-medium bg-bad-soft px-4 py-3 text-ink">
          <p className="flex items-center gap-2 font-semibold">
            <CircleX size={18} className="shrink-0 text-bad" aria-hidden="true" />
            {outcome.step === null ? t("failed") : t("failedAtStep", { step: String(outcome.step + 1) })}
          </p>
          <p className="mt-1 [overflow-wrap:anywhere]">
            {sentence(outcome.error, outcome.range === null ? undefined : excerpt(outcome.range))}
          </p>
          <Suspense>
            <Explanation outcome={outcome} step={step} />
          </Suspense>
          {outcome.lastLines.length > 0 && <LastLines lines={outcome.lastLines} label={t("lastLines")} />}
          <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1.5">
            {outcome.range !== null && <ShowLine range={outcome.range} onShow={onShow} />}
            {remedy(outcome.error)}
            {step !== null && onTerminal !== null && !/^from\b/i.test(step.text) && (
              <Button size="small" onClick={() => onTerminal(step)}>
                <SquareTerminal size={15} aria-hidden="true" />
                {tv("terminalHere")}
              </Button>
            )}
          </div>
        </div>
      );
    }
  }
}

/** The end of what the failed step printed, with its very last line in sight. */
function LastLines({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (lines.length > 0) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  return (
    <pre
      ref={box}
      role="log"
      aria-live="off"
      aria-label={label}
      className="mt-2 max-h-32 overflow-auto whitespace-pre-wrap rounded-medium bg-surface px-3 py-2 text-[0.8125rem] text-ink-soft leading-normal [overflow-wrap:anywhere]"
    >
      {plainText(lines.join("\n"))}
    </pre>
  );
}
