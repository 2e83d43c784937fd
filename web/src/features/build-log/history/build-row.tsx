import { CircleCheck, CircleDashed, CircleSlash2, CircleX, LoaderCircle } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import type { BuildSummary } from "../../../rpc/client.ts";
import { classNames } from "../../../ui/class-names.ts";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { bytes, duration, timeAgo } from "../../../ui/format.ts";

const ICONS = {
  queued: { icon: CircleDashed, colour: "text-ink-faint" },
  building: { icon: LoaderCircle, colour: "text-sea motion-safe:animate-spin" },
  succeeded: { icon: CircleCheck, colour: "text-good" },
  failed: { icon: CircleX, colour: "text-bad" },
  cancelled: { icon: CircleSlash2, colour: "text-ink-faint" },
} satisfies Record<BuildSummary["state"], { icon: typeof CircleX; colour: string }>;

export interface BuildRowProps {
  readonly build: BuildSummary;
  readonly isShown: boolean;
  readonly isPicked: boolean;
  readonly onPick: () => void;
  readonly onShow: () => void;
}

/** One build: when, how it went, how long, and what it made. */
export function BuildRow({ build, isShown, isPicked, onPick, onShow }: BuildRowProps) {
  const t = useTranslations("buildView");
  const language = useLocale();
  const sentence = useErrorSentence();
  const { icon: Icon, colour } = ICONS[build.state];
  const clock = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const when = clock.format(build.createdAt);
  const facts = [
    t(`state.${build.state}`),
    build.durationMs !== null && duration(build.durationMs, language),
    build.image !== null && bytes(build.image.sizeBytes),
    build.image !== null && t("layers", { layers: build.image.layerCount }),
  ].filter(Boolean);
  return (
    <li className="flex items-start gap-3 border-line border-t py-2 pr-3 pl-5 first:border-t-0 hover:bg-hover">
      <input
        type="checkbox"
        aria-label={t("historyPick", { when })}
        checked={isPicked}
        onChange={onPick}
        className="mt-1.5 size-4 accent-sea"
      />
      <button
        type="button"
        aria-label={t("historyOpen", { when })}
        aria-current={isShown || undefined}
        onClick={onShow}
        className="flex min-w-0 flex-1 items-start gap-2.5 text-left"
      >
        <Icon size={16} className={classNames("mt-1 shrink-0", colour)} aria-hidden="true" />
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap gap-x-2">
            <span className="font-medium">{timeAgo(build.createdAt, Date.now(), language)}</span>
            <span className="text-ink-faint text-small leading-6">{when}</span>
            {isShown && <span className="ml-auto text-sea text-small leading-6">{t("historyShown")}</span>}
          </span>
          <span className="block text-ink-soft text-small tabular-nums">{facts.join(" · ")}</span>
          {build.state === "failed" && build.error !== null && (
            <span className="block truncate text-ink-faint text-small">{sentence(build.error)}</span>
          )}
        </span>
      </button>
    </li>
  );
}
