import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { clock } from "../../ui/format.ts";
import { useNow } from "./use-now.ts";

/** Time left below which the end is announced. */
const SOON_MS = 2 * 60_000;

/** The time that is left, and more of it. */
export function Countdown(props: { readonly expiresAt: number; readonly onExtend: () => void }) {
  const t = useTranslations("session");
  const left = props.expiresAt - useNow();
  const soon = left < SOON_MS;
  const time = clock(left);
  return (
    <div className="flex items-center gap-1">
      <span
        role="timer"
        className={`text-small tabular-nums ${soon ? "font-semibold text-warn" : "text-ink-faint"}`}
      >
        {t("remaining", { time })}
      </span>
      <Button size="small" look="bare" aria-label={t("extendLabel")} onClick={props.onExtend}>
        {t("extend")}
      </Button>
      <span role="status" className="sr-only">
        {soon && t("endingSoon", { time: clock(SOON_MS) })}
      </span>
    </div>
  );
}
