import { useLocale, useTranslations } from "use-intl";
import { classNames } from "../../../ui/class-names.ts";
import { bytes, duration } from "../../../ui/format.ts";
import type { Progress, Step } from "../build-log.ts";
import { isNumbered } from "../stage-groups.ts";
import type { ComparedStage, ComparedStep } from "./compare.ts";

/** A value that stayed, or what it was and what it is. */
export function Pair({ before, now }: { readonly before: string; readonly now: string }) {
  if (before === now) return now;
  return (
    <>
      <span className="text-ink-faint">{before}</span>
      <span aria-hidden="true"> → </span>
      <span className="sr-only">, </span>
      <span className="font-medium">{now}</span>
    </>
  );
}

export interface CompareTableProps {
  readonly stages: readonly ComparedStage[];
  readonly onlyDifferent: boolean;
}

/** The instructions of two builds, a row for each. */
export function CompareTable({ stages, onlyDifferent }: CompareTableProps) {
  const t = useTranslations("buildView");
  const tBuild = useTranslations("build");
  const shown = stages
    .map((stage) => ({ ...stage, steps: stage.steps.filter(({ differs }) => differs || !onlyDifferent) }))
    .filter(({ steps }) => steps.length > 0);
  if (shown.length === 0) return <p className="px-5 py-4 text-ink-soft">{t("nothingDifferent")}</p>;
  return (
    <table className="w-full min-w-[46rem] text-left text-small">
      <thead className="text-ink-faint">
        <tr>
          {(["instruction", "cache", "time", "size", "files"] as const).map((name) => (
            <th key={name} scope="col" className="px-2 py-1.5 font-medium first:pl-5 last:pr-5">
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      {shown.map((stage) => (
        <tbody key={stage.name}>
          {stages.length > 1 && (
            <tr className="border-line border-t bg-sunk">
              <th scope="rowgroup" colSpan={5} className="px-5 py-1.5 font-semibold">
                {isNumbered(stage.name)
                  ? tBuild("stageNumbered", { number: stage.name })
                  : tBuild("stageNamed", { name: stage.name })}
              </th>
            </tr>
          )}
          {stage.steps.map((step) => (
            <Row key={`${step.earlier?.index} ${step.later?.index}`} step={step} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

const MARKS = {
  same: "",
  rewritten: "text-warn",
  "only-earlier": "text-bad",
  "only-later": "text-good",
} satisfies Record<ComparedStep["change"], string>;

function Row({ step }: { readonly step: ComparedStep }) {
  const t = useTranslations("buildView");
  const { change, earlier, later } = step;
  const words = {
    same: null,
    rewritten: t("rewritten"),
    "only-earlier": t("onlyEarlier"),
    "only-later": t("onlyLater"),
  }[change];
  const facts = useFacts();
  const [before, now] = [earlier, later].map((one) => (one === null ? null : facts(one)));
  const cells = ["cache", "time", "size", "files"] as const;
  return (
    <tr className={classNames("border-line border-t align-top", !step.differs && "text-ink-faint")}>
      <th scope="row" className="max-w-80 py-1.5 pr-2 pl-5 font-normal">
        {words !== null && <span className={classNames("mr-2 font-medium", MARKS[change])}>{words}</span>}
        {change === "rewritten" && (
          <del className="block truncate font-mono text-ink-faint" title={earlier?.text}>
            {earlier?.text}
          </del>
        )}
        <code className="block truncate" title={(later ?? earlier)?.text}>
          {(later ?? earlier)?.text}
        </code>
      </th>
      {cells.map((cell) => (
        <td key={cell} className="px-2 py-1.5 tabular-nums last:pr-5">
          <Pair before={before?.[cell] ?? "–"} now={now?.[cell] ?? "–"} />
        </td>
      ))}
    </tr>
  );
}

/** What a step came to, in words. */
function useFacts() {
  const t = useTranslations("buildView");
  const language = useLocale();
  const outcome = (progress: Progress): string => {
    switch (progress.state) {
      case "cached":
        return t("cached");
      case "finished":
        return t("ran");
      case "failed":
        return t("failedStep");
      default:
        return t("notReached");
    }
  };
  return ({ progress }: Step) => {
    const added = "bytesAdded" in progress ? progress.bytesAdded : null;
    const files = "files" in progress ? progress.files : null;
    return {
      cache: outcome(progress),
      time: progress.state === "finished" ? duration(progress.durationMs, language) : "–",
      size: added === null ? "–" : bytes(added),
      files: files === null ? "–" : `+${files.added} ~${files.changed} −${files.removed}`,
    };
  };
}
