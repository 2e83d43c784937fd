import { useId } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { type GraphNode, stageGraph } from "./stage-graph.ts";
import { isNumbered, type StageGroup, type StageState, stageAnchor } from "./stage-groups.ts";

/* Sizes in pixels: the lines between the boxes are drawn to the same measures. */
const BOX = { width: 150, height: 44 };
const GAP = { x: 40, y: 12 };

const LOOKS = {
  idle: "border-line-strong text-ink-soft",
  busy: "border-sea bg-sea-soft text-ink motion-safe:animate-pulse",
  done: "border-good text-ink",
  failed: "border-bad bg-bad-soft text-ink",
  stopped: "border-line-strong border-dashed text-ink-soft",
} satisfies Record<StageState, string>;

const left = ({ column }: GraphNode): number => column * (BOX.width + GAP.x);
const top = ({ row }: GraphNode): number => row * (BOX.height + GAP.y);

/** The stages as boxes, from left to right in the order in which they can be built; each leads to its steps. */
export function StageGraphView({ groups }: { readonly groups: readonly StageGroup[] }) {
  const t = useTranslations("buildView");
  const textId = useId();
  const graph = stageGraph(groups);
  const width = graph.columns * (BOX.width + GAP.x) - GAP.x;
  const height = graph.rows * (BOX.height + GAP.y) - GAP.y;
  return (
    <nav
      aria-label={t("graph")}
      aria-describedby={textId}
      className="overflow-x-auto border-line border-b px-4 pt-3 pb-2"
    >
      <div className="relative" style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true" className="absolute inset-0 text-line-strong">
          {graph.edges.map(([from, to]) => (
            <path
              key={`${from} ${to}`}
              d={line(graph.nodes[from], graph.nodes[to])}
              fill="none"
              stroke="currentColor"
            />
          ))}
        </svg>
        <ol>
          {graph.nodes.map((node) => (
            <li
              key={node.group.name}
              className="absolute"
              style={{ left: left(node), top: top(node), width: BOX.width, height: BOX.height }}
            >
              <StageBox group={node.group} />
            </li>
          ))}
        </ol>
      </div>
      <p id={textId} className="pt-2 text-ink-faint text-small">
        {t("graphText")}
      </p>
    </nav>
  );
}

function StageBox({ group }: { readonly group: StageGroup }) {
  const t = useTranslations("buildView");
  const tBuild = useTranslations("build");
  const name = isNumbered(group.name) ? tBuild("stageNumbered", { number: group.name }) : group.name;
  const state = t(`stageState.${group.state}`);
  const counts = { done: String(group.done), all: String(group.steps.length) };
  return (
    <button
      type="button"
      aria-label={t("graphStage", { name, state, ...counts })}
      onClick={() => {
        const part = document.getElementById(stageAnchor(group.name));
        part?.scrollIntoView({ block: "start" });
        part?.focus({ preventScroll: true });
      }}
      className={classNames(
        "flex size-full flex-col justify-center rounded-medium border bg-surface px-2.5 text-left leading-tight hover:bg-hover",
        LOOKS[group.state],
      )}
    >
      <span className="truncate font-medium text-small">{name}</span>
      <span className="truncate text-[0.75rem] text-ink-faint tabular-nums">
        {state} · {tBuild("stageProgress", counts)}
      </span>
    </button>
  );
}

/** A curve from the right side of one box to the left side of another. */
function line(from: GraphNode | undefined, to: GraphNode | undefined): string {
  if (!from || !to) return "";
  const start = { x: left(from) + BOX.width, y: top(from) + BOX.height / 2 };
  const end = { x: left(to), y: top(to) + BOX.height / 2 };
  const bend = GAP.x / 2;
  return `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
}
