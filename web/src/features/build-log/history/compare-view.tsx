import { ArrowLeft, Layers } from "lucide-react";
import { useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import type { BuildSummary } from "../../../rpc/client.ts";
import { Button } from "../../../ui/button.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { bytes, duration, timeAgo } from "../../../ui/format.ts";
import type { BuildLog } from "../build-log.ts";
import { compareBuilds, totalsOf } from "./compare.ts";
import { CompareTable, Pair } from "./compare-table.tsx";
import { useOutlines } from "./use-builds.ts";

export interface CompareViewProps {
  readonly earlier: BuildSummary;
  readonly later: BuildSummary;
  readonly onBack: () => void;
  /** Opens the comparison of the images that they made. */
  readonly onCompareImages: (earlierId: string, laterId: string) => void;
}

/** Two builds of a playground side by side. */
export function CompareView({ earlier, later, onBack, onCompareImages }: CompareViewProps) {
  const t = useTranslations("buildView");
  const sentence = useErrorSentence();
  const { logs, error } = useOutlines([earlier.id, later.id]);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-2">
        <Button size="small" look="bare" icon={<ArrowLeft size={15} aria-hidden="true" />} onClick={onBack}>
          {t("compareBack")}
        </Button>
        {earlier.image !== null && later.image !== null && (
          <Button
            size="small"
            icon={<Layers size={15} aria-hidden="true" />}
            onClick={() => onCompareImages(earlier.id, later.id)}
          >
            {t("compareImages")}
          </Button>
        )}
        <label className="ml-auto flex items-center gap-2 text-small">
          <input
            type="checkbox"
            className="size-4 accent-sea"
            checked={onlyDifferent}
            onChange={(event) => setOnlyDifferent(event.target.checked)}
          />
          {t("onlyDifferent")}
        </label>
      </div>
      {error !== null && (
        <p role="alert" className="px-5 py-4 text-bad">
          {sentence(error)}
        </p>
      )}
      {logs !== null && (
        <>
          <Totals builds={[earlier, later]} logs={logs} />
          <CompareTable stages={compareBuilds(logs[0], logs[1])} onlyDifferent={onlyDifferent} />
        </>
      )}
    </div>
  );
}

interface TotalsProps {
  readonly builds: readonly [BuildSummary, BuildSummary];
  readonly logs: readonly [BuildLog, BuildLog];
}

/** What the builds are as a whole. */
function Totals({ builds, logs }: TotalsProps) {
  const t = useTranslations("buildView");
  const language = useLocale();
  const [before, now] = builds;
  const [beforeTotals, nowTotals] = [totalsOf(logs[0]), totalsOf(logs[1])];
  const ago = ({ createdAt }: BuildSummary) => timeAgo(createdAt, Date.now(), language);
  const time = ({ durationMs }: BuildSummary) => (durationMs === null ? "–" : duration(durationMs, language));
  const image = ({ image: made }: BuildSummary) =>
    made === null ? t("noImage") : `${bytes(made.sizeBytes)}, ${t("layers", { layers: made.layerCount })}`;
  const facts = [
    [t("total"), t(`state.${before.state}`), t(`state.${now.state}`)],
    [t("time"), time(before), time(now)],
    [t("cache"), String(beforeTotals.cached), String(nowTotals.cached)],
    [t("image"), image(before), image(now)],
  ] as const;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 border-line border-y bg-sunk px-5 py-2.5 text-small">
      <dt className="text-ink-faint">
        {t("earlier")} → {t("later")}
      </dt>
      <dd>
        <Pair before={ago(before)} now={ago(now)} />
      </dd>
      {facts.map(([name, one, two]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="tabular-nums">
            <Pair before={one} now={two} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
