import { Hourglass } from "lucide-react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";

const MINUTE_MS = 60_000;

/** A launch that waits for a free place: how many are before it, how long it takes at most, and the way out of the line. */
export function Waiting(props: { readonly queue: SessionView["queue"]; readonly onCancel: () => void }) {
  const t = useTranslations("queue");
  const { queue, onCancel } = props;
  const minutes = queue?.waitMs == null ? null : Math.ceil(queue.waitMs / MINUTE_MS);
  return (
    <div role="status" className="flex flex-1 flex-col">
      <EmptyState
        icon={<Hourglass size={22} strokeWidth={1.5} aria-hidden="true" />}
        title={t("title")}
        action={<Button onClick={onCancel}>{t("cancel")}</Button>}
      >
        <span className="block text-ink">
          {queue === null ? t("looking") : t("position", { ahead: queue.position - 1 })}
        </span>
        <span className="block">{minutes === null ? t("unknown") : t("wait", { minutes })}</span>
        <span className="block">{t("text")}</span>
      </EmptyState>
    </div>
  );
}
