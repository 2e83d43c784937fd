import type { SessionEnd } from "@slipway/protocol";
import { Anchor } from "lucide-react";
import type { ReactNode } from "react";
import { useLocale, useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { binaryBytes, duration } from "../../ui/format.ts";
import type { Language } from "../../ui/language/language.ts";

const METRIC_NAMES = ["memory", "disk", "time", "pids"] as const;

const figure = ({ value, unit }: NonNullable<SessionEnd["metric"]>, language: Language): string => {
  if (unit === "bytes") return binaryBytes(value);
  return unit === "ms" ? duration(value, language) : `${value} ${unit}`.trim();
};

/** The honest end: the cause, the figure behind it, the exit code, and what is kept. */
export function Ended(props: { readonly view: SessionView; readonly actions: ReactNode }) {
  const t = useTranslations("session");
  const tBuild = useTranslations("build");
  const language = useLocale();
  const sentence = useErrorSentence();
  const { end } = props.view;
  const name = METRIC_NAMES.find((known) => end?.metric?.name.startsWith(known)) ?? "other";
  const details = [
    end?.metric != null &&
      t("endedMetric", { name: t(`metric.${name}`), value: figure(end.metric, language) }),
    end?.exitCode != null && tBuild("exitCode", { code: String(end.exitCode) }),
  ].filter((detail) => typeof detail === "string");

  return (
    <EmptyState
      icon={<Anchor size={22} strokeWidth={1.5} aria-hidden="true" />}
      title={end === null ? t("endedTitle") : t(`ended.${end.cause}`)}
      action={props.actions}
    >
      {end?.error != null && <span className="block text-ink">{sentence(end.error)}</span>}
      {details.length > 0 && <span className="block font-mono text-small">{details.join(" · ")}</span>}
      {t("endedFiles")}
    </EmptyState>
  );
}
