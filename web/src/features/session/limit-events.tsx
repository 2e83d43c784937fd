import type { LimitEvent } from "@slipway/protocol";
import { Gauge } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import { timeAgo } from "../../ui/format.ts";
import { useLimitSentence } from "./limit-sentence.ts";
import { useNow } from "./use-now.ts";

/** The limits that a session reached: the newest in sight, those before it on demand. */
export function LimitEvents({ events }: { readonly events: readonly LimitEvent[] }) {
  const t = useTranslations("limit");
  const sorted = [...events].sort((one, other) => other.lastAt - one.lastAt);
  const [newest, ...earlier] = sorted;
  if (newest === undefined) return null;
  return (
    <section
      aria-label={t("title")}
      className="max-h-40 shrink-0 overflow-y-auto border-line border-b bg-warn-soft px-4 py-2 text-small"
    >
      <div role="status">
        <LimitNotice event={newest} />
      </div>
      {earlier.length > 0 && (
        <details className="pt-1">
          <summary className="cursor-pointer text-ink-soft">
            {t("earlier", { count: earlier.length })}
          </summary>
          <ul className="grid gap-2 pt-1.5">
            {earlier.map((event) => (
              <li key={event.id}>
                <LimitNotice event={event} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function LimitNotice({ event }: { readonly event: LimitEvent }) {
  const t = useTranslations("limit");
  const locale = useLocale();
  const now = useNow();
  const { text, advice } = useLimitSentence()(event);
  const when = timeAgo(event.lastAt, now, locale);
  return (
    <p className="flex items-start gap-2">
      <Gauge size={16} strokeWidth={1.75} aria-hidden="true" className="mt-0.5 shrink-0 text-warn" />
      <span className="min-w-0">
        <bdi className="font-medium">{text}</bdi> <span className="text-ink-soft">{advice}</span>{" "}
        {/* Not announced again when a minute has passed. */}
        <span aria-live="off" className="text-ink-faint">
          {event.count > 1 ? t("often", { count: event.count, when }) : when}
        </span>
      </span>
    </p>
  );
}
