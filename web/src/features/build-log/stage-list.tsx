import { CircleCheck, CircleDashed, CircleX, LoaderCircle, Minus } from "lucide-react";
import { lazy, Suspense, useId } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { BuildLog } from "./build-log.ts";
import type { LogTools } from "./log-tools.ts";
import { isNumbered, type StageGroup, type StageState, stageAnchor, stageGroups } from "./stage-groups.ts";
import { StepRow } from "./step-row.tsx";

const ICONS = {
  idle: { icon: CircleDashed, colour: "text-ink-faint" },
  busy: { icon: LoaderCircle, colour: "text-sea motion-safe:animate-spin" },
  done: { icon: CircleCheck, colour: "text-good" },
  failed: { icon: CircleX, colour: "text-bad" },
  stopped: { icon: Minus, colour: "text-ink-faint" },
} satisfies Record<StageState, { icon: typeof Minus; colour: string }>;

const StageGraphView = lazy(() =>
  loadChunk(() => import("./stage-graph-view.tsx")).then((module) => ({ default: module.StageGraphView })),
);

/** All steps of the plan. Where there are several stages, each has its own part: they may run side by side. */
export function StageList({ log, tools }: { readonly log: BuildLog; readonly tools: LogTools }) {
  const t = useTranslations("build");
  const groups = stageGroups(log);
  if (groups.length <= 1) return <Steps label={t("steps")} steps={log.steps} tools={tools} />;
  return (
    <>
      <Suspense fallback={<div className="h-28 border-line border-b" />}>
        <StageGraphView groups={groups} />
      </Suspense>
      {groups.map((group) => (
        <StagePart key={group.name} group={group} tools={tools} />
      ))}
    </>
  );
}

interface StepsProps {
  readonly label: string;
  readonly steps: BuildLog["steps"];
  readonly tools: LogTools;
}

function Steps({ label, steps, tools }: StepsProps) {
  return (
    <ol aria-label={label}>
      {steps.map((step) => (
        <StepRow key={step.index} step={step} tools={tools} />
      ))}
    </ol>
  );
}

function StagePart({ group, tools }: { readonly group: StageGroup; readonly tools: LogTools }) {
  const t = useTranslations("build");
  const titleId = useId();
  const { icon: Icon, colour } = ICONS[group.state];
  const nameOf = (name: string): string =>
    isNumbered(name) ? t("stageNumbered", { number: name }) : t("stageNamed", { name });
  const title = nameOf(group.name);
  return (
    <section
      aria-labelledby={titleId}
      id={stageAnchor(group.name)}
      tabIndex={-1}
      className="border-line border-t first:border-t-0"
    >
      <div className="sticky top-0 z-10 flex h-9 items-center gap-2.5 border-line border-b bg-sunk pr-4 pl-4 text-small">
        <Icon size={16} className={classNames("shrink-0", colour)} aria-hidden="true" />
        <h3 id={titleId} className="min-w-0 truncate font-semibold">
          {title}
        </h3>
        {group.needs.length > 0 && (
          <p className="min-w-0 truncate text-ink-faint">
            {t("stageNeeds", {
              stages: group.needs.map((name) => (isNumbered(name) ? nameOf(name) : name)).join(", "),
            })}
          </p>
        )}
        <p className="ml-auto shrink-0 text-ink-faint tabular-nums">
          {t("stageProgress", { done: String(group.done), all: String(group.steps.length) })}
        </p>
      </div>
      <Steps label={`${t("steps")}: ${title}`} steps={group.steps} tools={tools} />
    </section>
  );
}
