import type { SourceRange, WireError } from "@slipway/protocol";
import { Hammer } from "lucide-react";
import type { ReactNode } from "react";
import { useLocale, useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { duration } from "../../ui/format.ts";
import { PanelHeader } from "../../ui/panel-header.tsx";
import { BuildEnd } from "./build-end.tsx";
import { StageList } from "./stage-list.tsx";
import type { BuildPhase } from "./use-build.ts";
import { Warnings } from "./warnings.tsx";

export interface BuildPanelProps {
  readonly phase: BuildPhase;
  readonly busy: boolean;
  readonly onBuildAgain: () => void;
  readonly onCancel: () => void;
  readonly onShow: (range: SourceRange) => void;
  /** The Dockerfile's text in a range. */
  readonly excerpt: (range: SourceRange) => string;
  /** What a person can do about a failure. */
  readonly remedy: (error: WireError) => ReactNode;
  /** Opens the layers of the image that a build made. */
  readonly onLayers: (buildId: string) => void;
}

/** The newest build: its steps from the plan on, their output, and how it ended. */
export function BuildPanel({ busy, onBuildAgain, onCancel, ...body }: BuildPanelProps) {
  const { phase } = body;
  const t = useTranslations("build");
  return (
    <section aria-label={t("title")} className="flex min-h-0 flex-1 flex-col">
      <PanelHeader title={t("title")} note={<BuildNote phase={phase} />}>
        {phase.kind === "shown" && busy && (
          <Button size="small" onClick={onCancel}>
            {t("cancel")}
          </Button>
        )}
        {phase.kind === "shown" && !busy && (
          <Button size="small" look="bare" onClick={onBuildAgain}>
            {t("again")}
          </Button>
        )}
      </PanelHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <BuildBody {...body} />
      </div>
      <p role="status" className="sr-only">
        <Announcement phase={phase} />
      </p>
    </section>
  );
}

function BuildBody({
  phase,
  onShow,
  excerpt,
  remedy,
  onLayers,
}: Omit<BuildPanelProps, "busy" | "onBuildAgain" | "onCancel">) {
  const t = useTranslations("build");
  const sentence = useErrorSentence();
  switch (phase.kind) {
    case "none":
      return (
        <EmptyState icon={<Hammer size={22} strokeWidth={1.5} aria-hidden="true" />} title={t("empty")}>
          {t("emptyText")}
        </EmptyState>
      );
    case "starting":
      return null;
    case "refused":
      return (
        <div role="alert" className="m-3 rounded-medium bg-bad-soft px-4 py-3">
          {sentence(phase.error)} {remedy(phase.error)}
        </div>
      );
    case "shown":
      return (
        <>
          {!phase.connected && <p className="bg-warn-soft px-4 py-2 text-small">{t("lost")}</p>}
          <Warnings warnings={phase.log.warnings} onShow={onShow} />
          <StageList log={phase.log} />
          <div className="sticky bottom-0 z-20 bg-paper">
            <BuildEnd
              outcome={phase.log.outcome}
              onShow={onShow}
              excerpt={excerpt}
              remedy={remedy}
              onLayers={() => onLayers(phase.buildId)}
            />
          </div>
        </>
      );
  }
}

/** The words beside the title while the build is under way. */
function BuildNote({ phase }: { readonly phase: BuildPhase }) {
  const t = useTranslations("build");
  if (phase.kind === "starting") return t("starting");
  if (phase.kind !== "shown") return null;
  const { state } = phase.log.outcome;
  return state === "queued" || state === "building" ? t(state) : null;
}

/** What a screen reader says when the build has ended. */
function Announcement({ phase }: { readonly phase: BuildPhase }) {
  const t = useTranslations("build");
  const language = useLocale();
  const sentence = useErrorSentence();
  if (phase.kind !== "shown") return null;
  const { outcome } = phase.log;
  if (outcome.state === "succeeded") {
    return t("succeeded", { duration: duration(outcome.durationMs, language) });
  }
  if (outcome.state === "failed") return `${t("failed")}. ${sentence(outcome.error)}`;
  return outcome.state === "cancelled" ? t("cancelled") : null;
}
