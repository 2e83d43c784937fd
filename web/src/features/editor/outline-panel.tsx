import { DockerfileText, type OutlineStage, outlineOf } from "@slipway/dockerfile";
import { X } from "lucide-react";
import { useDeferredValue, useMemo } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { PanelHeader } from "../../ui/panel-header.tsx";
import type { Reveal } from "./marks.ts";

export interface OutlinePanelProps {
  /** Text of the Dockerfile. */
  readonly text: string;
  readonly onGo: (range: Reveal["range"]) => void;
  readonly onClose: () => void;
}

/** The stages and instructions of the Dockerfile; each leads to its line. */
export function OutlinePanel({ text, onGo, onClose }: OutlinePanelProps) {
  const t = useTranslations("editor");
  // Typing comes first: the outline follows when there is time.
  const shown = useDeferredValue(text);
  const stages = useMemo(() => outlineOf(new DockerfileText(shown)), [shown]);
  return (
    <section
      aria-label={t("outlineTitle")}
      className="flex max-h-[45%] min-h-0 shrink-0 flex-col border-line border-t"
    >
      <PanelHeader title={t("outlineTitle")}>
        <IconButton label={t("closePanel")} onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </PanelHeader>
      <div className="min-h-0 overflow-y-auto px-2 py-1.5">
        {stages.length === 0 && <p className="px-2 py-1 text-ink-soft text-small">{t("outlineEmpty")}</p>}
        {stages.map((stage) => (
          <Stage key={stage.index ?? "global"} stage={stage} onGo={onGo} />
        ))}
      </div>
    </section>
  );
}

function Stage({ stage, onGo }: { readonly stage: OutlineStage; readonly onGo: OutlinePanelProps["onGo"] }) {
  const t = useTranslations("editor");
  const title =
    stage.index === null
      ? t("outlineGlobal")
      : t("outlineStage", { name: stage.name ?? String(stage.index) });
  return (
    <div className="mb-1.5">
      <h3 className="flex gap-2 px-2 py-1 font-semibold text-small">
        <span className="truncate">{title}</span>
        {stage.base !== "" && (
          <span className="truncate font-normal text-ink-faint">
            {t("outlineFrom", { base: stage.base })}
          </span>
        )}
      </h3>
      <ul aria-label={title}>
        {stage.steps.map(({ keyword, summary, range }) => (
          <li key={range.startLine}>
            <button
              type="button"
              onClick={() => onGo(range)}
              className="flex min-h-7 w-full items-baseline gap-2 rounded-small px-2 py-0.5 text-left font-mono text-small hover:bg-hover"
            >
              <span className="w-8 shrink-0 text-right text-ink-faint">{range.startLine}</span>
              <span className="shrink-0 font-semibold text-sea">{keyword}</span>
              <span className="truncate text-ink-soft">{summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
