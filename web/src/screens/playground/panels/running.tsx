import { Ship } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../../rpc/client.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { useBench } from "../bench.ts";

/** What is there to see of a session while it runs; a word on what would be, otherwise. */
export function Running({ children }: { readonly children: (view: SessionView) => ReactNode }) {
  const t = useTranslations("inside");
  const { phase } = useBench().session;
  if (phase.kind === "live" && phase.view.state === "running") return children(phase.view);
  return (
    <EmptyState icon={<Ship size={22} strokeWidth={1.5} aria-hidden="true" />} title={t("notRunning")}>
      {t("notRunningText")}
    </EmptyState>
  );
}
