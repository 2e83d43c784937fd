import type { SessionLimits } from "@slipway/protocol";
import { useCallback } from "react";
import { useTranslations } from "use-intl";
import { rpc } from "../../rpc/client.ts";
import { classNames } from "../../ui/class-names.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { binaryBytes, bytes } from "../../ui/format.ts";
import { type GaugeName, type GaugeReading, readings, shareOf } from "./usage.ts";
import { useLooks } from "./use-looks.ts";

/** Two minutes of looks, one a second. */
const EVERY_MS = 1_000;
const KEPT_LOOKS = 120;
/** From this share of its limit on a gauge warns. */
const HIGH = 0.9;

export interface UsageViewProps {
  readonly sessionId: string;
  readonly limits: SessionLimits;
  readonly visible: boolean;
}

/** What a session uses, live, beside what it may. */
export function UsageView({ sessionId, limits, visible }: UsageViewProps) {
  const t = useTranslations("inside");
  const sentence = useErrorSentence();
  const look = useCallback(() => rpc.session.usage.query({ sessionId }), [sessionId]);
  const { seen, failure } = useLooks(look, visible, { everyMs: EVERY_MS, keep: KEPT_LOOKS });
  return (
    <section aria-label={t("usage")} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto p-4">
      <p className="pb-3 text-ink-soft text-small">{t("usageText")}</p>
      {failure !== null && (
        <p role="status" className="mb-3 rounded-medium bg-warn-soft px-3 py-1.5 text-small">
          {sentence(failure)}
        </p>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-3">
        {readings(seen, limits).map((reading) => (
          <li key={reading.name}>
            <Gauge reading={reading} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Gauge({ reading }: { readonly reading: GaugeReading }) {
  const t = useTranslations("inside");
  const { name, values, limit } = reading;
  const value = values.at(-1);
  const share = shareOf(value ?? 0, limit);
  const text = value === undefined ? "–" : figure(name, value);
  const of = t("of", { limit: figure(name, limit) });
  const label = t(`gauge.${name}`);
  return (
    <div className="rounded-medium border border-line p-3">
      <div className="flex items-baseline justify-between gap-2">
        <span className="font-medium text-small">{label}</span>
        <span className="text-ink-soft text-small tabular-nums">{of}</span>
      </div>
      <div className="flex items-end justify-between gap-3 py-1">
        <span className="font-semibold text-large tabular-nums">{text}</span>
        <Line values={values} limit={limit} />
      </div>
      <meter aria-label={label} aria-valuetext={`${text} ${of}`} value={share} className="sr-only">
        {text}
      </meter>
      <div aria-hidden="true" className="h-1.5 overflow-hidden rounded-small bg-sunk">
        <div
          style={{ width: `${share * 100}%` }}
          className={classNames("h-full", share >= HIGH ? "bg-warn" : "bg-sea")}
        />
      </div>
    </div>
  );
}

const LINE = { width: 96, height: 24 };

/** How it went, in a line as high as the limit. */
function Line({ values, limit }: Pick<GaugeReading, "values" | "limit">) {
  const step = LINE.width / (KEPT_LOOKS - 1);
  const points = values.map((value, index) => {
    const x = LINE.width - (values.length - 1 - index) * step;
    const y = (1 - shareOf(value, limit)) * (LINE.height - 2) + 1;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${LINE.width} ${LINE.height}`} className="h-6 w-24 text-sea">
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

function figure(name: GaugeName, value: number): string {
  switch (name) {
    case "cpu":
      return value.toFixed(2);
    case "pids":
    case "files":
      return String(Math.round(value));
    case "memory":
    case "disk":
      return binaryBytes(value);
    case "sent":
    case "received":
      return `${bytes(Math.round(value))}/s`;
  }
}
