import {
  ChevronRight,
  CircleCheck,
  CircleDashed,
  CircleX,
  Layers2,
  LoaderCircle,
  Minus,
  SquareTerminal,
} from "lucide-react";
import { lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { bytes, duration } from "../../ui/format.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { Cause, Progress, Step } from "./build-log.ts";
import type { LogTools } from "./log-tools.ts";
import { PullList } from "./pull-list.tsx";

const ICONS = {
  waiting: { icon: CircleDashed, colour: "text-ink-faint" },
  cached: { icon: Layers2, colour: "text-sea" },
  running: { icon: LoaderCircle, colour: "text-sea motion-safe:animate-spin" },
  finished: { icon: CircleCheck, colour: "text-good" },
  failed: { icon: CircleX, colour: "text-bad" },
  skipped: { icon: Minus, colour: "text-ink-faint" },
} satisfies Record<Progress["state"], { icon: typeof Minus; colour: string }>;

const LogView = lazy(() =>
  loadChunk(() => import("./log-view.tsx")).then(({ LogView: shown }) => ({ default: shown })),
);

export interface StepRowProps {
  readonly step: Step;
  readonly tools: LogTools;
}

/** One step: what was written, how it went and why, and what it printed. */
export function StepRow({ step, tools }: StepRowProps) {
  const t = useTranslations("build");
  const tv = useTranslations("buildView");
  const { state } = step.progress;
  const hasLog = step.output.characters > 0;
  // What is going on shows by itself until the person decides otherwise; of a failure, the build's end shows the last lines.
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = hasLog && (chosen ?? state === "running");
  const found = tools.found?.step === step.index ? tools.found : null;
  const { fold } = tools;
  useEffect(() => {
    if (fold !== null) setChosen(fold.open);
  }, [fold]);
  useEffect(() => {
    if (found !== null) setChosen(true);
  }, [found]);
  const logId = useId();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (state === "failed") row.current?.scrollIntoView({ block: "start" });
  }, [state]);
  const { icon: Icon, colour } = ICONS[state];
  const number = String(step.index + 1);

  return (
    <li ref={row} className="scroll-mt-9 border-line border-t first:border-t-0">
      <div className="grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-2.5 py-2 pr-3 pl-4">
        <Icon size={16} className={classNames("mt-[3px]", colour)} aria-hidden="true" />
        <div className="min-w-0">
          <p
            className={classNames(
              "truncate font-mono text-small leading-6",
              state === "waiting" || state === "skipped" ? "text-ink-faint" : "text-ink",
            )}
            title={step.text}
          >
            <span className="sr-only">{t("step", { step: number, text: "" })}</span>
            {step.text}
          </p>
          <StepReason progress={step.progress} />
          <StepResult progress={step.progress} layers={step.pull?.layers.length ?? 0} />
        </div>
        <div className="flex items-center gap-2 text-small leading-6">
          <StepFigures progress={step.progress} />
          {tools.onTerminal !== null && hasFiles(step) && (
            <button
              type="button"
              title={tv("terminalHere")}
              aria-label={tv("terminalAt", { step: number })}
              aria-haspopup="dialog"
              onClick={() => tools.onTerminal?.(step)}
              className="flex size-6 items-center justify-center rounded-small text-ink-faint hover:bg-hover hover:text-ink"
            >
              <SquareTerminal size={15} aria-hidden="true" />
            </button>
          )}
          {hasLog ? (
            <button
              type="button"
              aria-expanded={open}
              aria-controls={logId}
              aria-label={t("showLog", { step: number })}
              onClick={() => setChosen(!open)}
              className="flex size-6 items-center justify-center rounded-small text-ink-faint hover:bg-hover hover:text-ink"
            >
              <ChevronRight
                size={15}
                aria-hidden="true"
                className={classNames("transition-transform", open && "rotate-90")}
              />
            </button>
          ) : (
            <span className="size-6" />
          )}
        </div>
      </div>
      {step.pull !== null && state === "running" && <PullList pull={step.pull} />}
      {open && (
        <Suspense fallback={<div id={logId} className="mx-3 mb-3 ml-10 h-24 rounded-medium bg-sunk" />}>
          <LogView id={logId} step={step} query={tools.query} found={found} />
        </Suspense>
      )}
    </li>
  );
}

/** Why the step ran, or why it did not have to. */
function StepReason({ progress }: { readonly progress: Progress }) {
  const t = useTranslations("build");
  const className = "text-small text-ink-faint";
  if (progress.state === "cached") return <p className={className}>{t(`hit.${progress.hit}`)}</p>;
  if (!("cause" in progress) || progress.cause === null) return null;
  const { miss, shared } = progress.cause;
  return (
    <>
      <p className={className}>{missSentence(t, miss)}</p>
      {shared && <p className={className}>{t(progress.state === "running" ? "shared" : "sharedEnded")}</p>}
    </>
  );
}

type Translate = ReturnType<typeof useTranslations<"build">>;

const missSentence = (t: Translate, miss: Cause["miss"]): string =>
  miss.reason === "file-changed" ? t("miss.file-changed", { path: miss.path }) : t(`miss.${miss.reason}`);

/** Whether a terminal can be opened at the step: on what it stands on, or on what it left behind. */
const hasFiles = ({ progress, text }: Step): boolean =>
  progress.state === "failed"
    ? !/^from\b/i.test(text)
    : progress.state === "finished" || progress.state === "cached";

/** What the step has left behind. */
function StepResult({ progress, layers }: { readonly progress: Progress; readonly layers: number }) {
  const t = useTranslations("build");
  const tv = useTranslations("buildView");
  if (progress.state !== "finished" && progress.state !== "cached") return null;
  const { bytesAdded, files } = progress;
  const filesChanged = progress.state === "finished" ? progress.filesChanged : 0;
  const parts = [
    bytesAdded !== null && bytesAdded > 0 && `+${bytes(bytesAdded)}`,
    files !== null && files.added > 0 && tv("filesAdded", { files: files.added }),
    files !== null && files.changed > 0 && tv("filesReplaced", { files: files.changed }),
    files !== null && files.removed > 0 && tv("filesRemoved", { files: files.removed }),
    files === null && filesChanged > 0 && t("filesChanged", { files: filesChanged }),
    layers > 0 && t("pullLayers", { layers }),
  ];
  if (!parts.some(Boolean)) return null;
  return <p className="text-small text-ink-faint tabular-nums">{parts.filter(Boolean).join(" · ")}</p>;
}

/** How the step stands; of one that ran, how long it took. */
function StepFigures({ progress }: { readonly progress: Progress }) {
  const t = useTranslations("build");
  const language = useLocale();
  const className = "whitespace-nowrap text-ink-faint tabular-nums";
  switch (progress.state) {
    case "waiting":
      return <span className={className}>{t("waiting")}</span>;
    case "running":
      return <span className="text-sea">{t("running")}</span>;
    case "cached":
      return <span className="text-sea">{t("cached")}</span>;
    case "failed":
      return <span className="font-medium text-bad">{t("stepFailed")}</span>;
    case "skipped":
      return <span className={className}>{t("stopped")}</span>;
    case "finished":
      return (
        <span className={className}>
          <span className="sr-only">{t("ran")} </span>
          {duration(progress.durationMs, language)}
        </span>
      );
  }
}
