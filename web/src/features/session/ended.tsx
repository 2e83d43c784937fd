import type { SessionEnd } from "@slipway/protocol";
import { Anchor } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { binaryBytes, clock } from "../../ui/format.ts";
import type { NextStep } from "./next-step.ts";

const METRIC_NAMES = ["memory", "disk", "pids"] as const;

const figure = ({ value, unit }: NonNullable<SessionEnd["metric"]>): string =>
  unit === "bytes" ? binaryBytes(value) : `${value} ${unit}`.trim();

/** The honest end: the cause, the figure behind it, the exit code, and what is kept. */
export function Ended(props: {
  readonly view: SessionView;
  readonly step: NextStep["sentence"] | null;
  /** How long what the container wrote is still there, milliseconds; null when nothing of it is. */
  readonly keptForMs: number | null;
  readonly actions: ReactNode;
}) {
  const t = useTranslations("session");
  const tBuild = useTranslations("build");
  const tNext = useTranslations("nextSteps");
  const sentence = useErrorSentence();
  const { view, step, keptForMs } = props;
  const { end } = view;
  // When it expired is no figure that explains anything: the cause says it all.
  const metric = end === null || end.cause === "expired" ? null : end.metric;
  const name = METRIC_NAMES.find((known) => metric?.name.startsWith(known)) ?? "other";
  const details = [
    metric !== null && t("endedMetric", { name: t(`metric.${name}`), value: figure(metric) }),
    end?.exitCode != null && tBuild("exitCode", { code: String(end.exitCode) }),
  ].filter((detail) => typeof detail === "string");

  return (
    <EmptyState
      icon={<Anchor size={22} strokeWidth={1.5} aria-hidden="true" />}
      title={end === null ? t("endedTitle") : t(`ended.${end.cause}`)}
      action={props.actions}
    >
      {end?.cause === "stopped-by-operator" && view.stopReason !== null && (
        <span className="block text-ink">{t("stopReason", { reason: view.stopReason })}</span>
      )}
      {end?.error != null && <span className="block text-ink">{sentence(end.error)}</span>}
      {details.length > 0 && <span className="block font-mono text-small">{details.join(" · ")}</span>}
      {step !== null && <span className="block text-ink">{tNext(step)}</span>}
      {keptForMs === null ? t("endedFiles") : t("endedFilesKept", { time: clock(keptForMs) })}
    </EmptyState>
  );
}
