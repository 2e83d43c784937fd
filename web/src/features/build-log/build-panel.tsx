import type { SourceRange, WireError } from "@slipway/protocol";
import { Hammer, History, Search } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { Button, IconButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { duration, timeAgo } from "../../ui/format.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import { PanelHeader } from "../../ui/panel-header.tsx";
import type { Outcome, Step } from "./build-log.ts";
import type { LogTools } from "./log-tools.ts";
import { StageList } from "./stage-list.tsx";
import type { BuildPhase } from "./use-build.ts";
import { useLogTools } from "./use-log-tools.ts";

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
  /** Opens the list of the playground's builds. */
  readonly onHistory: () => void;
  readonly onNewest: () => void;
  readonly onTerminal: (buildId: string, step: Step) => void;
}

const Warnings = lazy(() =>
  loadChunk(() => import("./warnings.tsx")).then(({ Warnings: shown }) => ({ default: shown })),
);
const BuildEnd = lazy(() =>
  loadChunk(() => import("./build-end.tsx")).then(({ BuildEnd: shown }) => ({ default: shown })),
);
const SearchBar = lazy(() =>
  loadChunk(() => import("./search-bar.tsx")).then(({ SearchBar: shown }) => ({ default: shown })),
);

/** The newest build, or an older one: its steps from the plan on, their output, and how it ended. */
export function BuildPanel({ busy, onBuildAgain, onCancel, onHistory, ...body }: BuildPanelProps) {
  const { phase, onTerminal } = body;
  const t = useTranslations("build");
  const tv = useTranslations("buildView");
  const buildId = phase.kind === "shown" ? phase.buildId : null;
  const open = useCallback(
    (step: Step) => {
      if (buildId !== null) onTerminal(buildId, step);
    },
    [buildId, onTerminal],
  );
  const tools = useLogTools(open);
  const [searches, setSearches] = useState(false);
  return (
    <section aria-label={t("title")} className="flex min-h-0 flex-1 flex-col">
      <PanelHeader title={t("title")} note={<BuildNote phase={phase} />}>
        {phase.kind === "shown" && (
          <IconButton
            label={tv("searchOpen")}
            aria-expanded={searches}
            onClick={() => setSearches(!searches)}
          >
            <Search size={16} strokeWidth={1.75} aria-hidden="true" />
          </IconButton>
        )}
        {phase.kind !== "none" && (
          <IconButton label={tv("history")} aria-haspopup="dialog" onClick={onHistory}>
            <History size={16} strokeWidth={1.75} aria-hidden="true" />
          </IconButton>
        )}
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
      {searches && phase.kind === "shown" && (
        <Suspense>
          <SearchBar
            key={phase.buildId}
            buildId={phase.buildId}
            steps={phase.log.steps}
            state={tools}
            onClose={() => setSearches(false)}
          />
        </Suspense>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">
        <BuildBody {...body} tools={tools.tools} />
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
  tools,
  onNewest,
}: Omit<BuildPanelProps, "busy" | "onBuildAgain" | "onCancel" | "onHistory" | "onTerminal"> & {
  readonly tools: LogTools;
}) {
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
          {phase.olderOf !== null && <OlderNote createdAt={phase.olderOf} onNewest={onNewest} />}
          {!phase.connected && <p className="bg-warn-soft px-4 py-2 text-small">{t("lost")}</p>}
          {phase.log.warnings.length > 0 && (
            <Suspense>
              <Warnings warnings={phase.log.warnings} onShow={onShow} />
            </Suspense>
          )}
          <StageList key={phase.buildId} log={phase.log} tools={tools} />
          <EndPlace isFailure={phase.log.outcome.state === "failed"}>
            <Suspense>
              <BuildEnd
                outcome={phase.olderOf === null ? phase.log.outcome : withoutPlace(phase.log.outcome)}
                steps={phase.log.steps}
                onShow={onShow}
                excerpt={excerpt}
                remedy={remedy}
                onLayers={() => onLayers(phase.buildId)}
                onTerminal={tools.onTerminal}
              />
            </Suspense>
          </EndPlace>
        </>
      );
  }
}

/** Where the end is told: always in sight, but a failure, which says more than a line, covers no step and is scrolled to once. */
function EndPlace({ isFailure, children }: { readonly isFailure: boolean; readonly children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFailure) place.current?.scrollIntoView({ block: "start" });
  }, [isFailure]);
  return (
    <div ref={place} className={isFailure ? "" : "sticky bottom-0 z-20 bg-paper"}>
      {children}
    </div>
  );
}

/** The Dockerfile in the editor is not the one of an older build: its lines are others. */
const withoutPlace = (outcome: Outcome): Outcome =>
  outcome.state === "failed" ? { ...outcome, range: null } : outcome;

function OlderNote({ createdAt, onNewest }: { readonly createdAt: number; readonly onNewest: () => void }) {
  const t = useTranslations("buildView");
  const language = useLocale();
  return (
    <p className="flex flex-wrap items-center gap-x-3 border-line border-b bg-sea-soft px-4 py-1.5 text-small">
      {t("older", { when: timeAgo(createdAt, Date.now(), language) })}
      <button
        type="button"
        onClick={onNewest}
        className="font-medium text-sea underline decoration-1 underline-offset-4"
      >
        {t("newest")}
      </button>
    </p>
  );
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
