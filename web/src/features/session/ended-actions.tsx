import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import type { NextStep } from "./next-step.ts";

type Action = NextStep["action"];

/** Always offered, behind the one that the end suggests. */
const USUAL: readonly Action[] = ["launch", "shell", "keep"];

export interface EndedActionsProps {
  readonly first: Action;
  readonly hasImage: boolean;
  /** Whether what the container wrote is still there; otherwise only images that were saved before are to be had. */
  readonly filesKept: boolean;
  readonly onLaunch: (start: SessionView["start"]) => void;
  readonly onBuild: () => void;
  readonly onKeep: () => void;
}

/** What can be done after a session's end; what fits the cause best stands first. */
export function EndedActions(props: EndedActionsProps) {
  const t = useTranslations("session");
  const tNext = useTranslations("nextSteps");
  const tKeep = useTranslations("keep");
  const { first, hasImage, filesKept, onLaunch, onBuild, onKeep } = props;
  const buttons: Record<Action, { label: string; enabled: boolean; run: () => void }> = {
    launch: { label: t("launchAgain"), enabled: hasImage, run: () => onLaunch("command") },
    shell: { label: t("launchShell"), enabled: hasImage, run: () => onLaunch("shell") },
    build: { label: tNext("build"), enabled: true, run: onBuild },
    keep: { label: filesKept ? t("keep") : tKeep("saved"), enabled: true, run: onKeep },
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {[first, ...USUAL.filter((action) => action !== first)].map((action) => {
        const { label, enabled, run } = buttons[action];
        return (
          <Button
            key={action}
            look={action === first ? "launch" : "bare"}
            disabled={!enabled}
            aria-haspopup={action === "keep" ? "dialog" : undefined}
            onClick={run}
          >
            {label}
          </Button>
        );
      })}
    </div>
  );
}
