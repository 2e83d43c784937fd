import { SquareTerminal } from "lucide-react";
import { useTranslations } from "use-intl";
import type { LaunchOrder } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import type { Step } from "./build-log.ts";

type Side = NonNullable<LaunchOrder["step"]>["side"];

export interface TerminalDialogProps {
  readonly step: Step;
  /** True when a session runs that has to go for it. */
  readonly replaces: boolean;
  readonly onClose: () => void;
  readonly onOpen: (side: Side) => void;
}

/** On which side of a step a terminal is opened, and what that means. */
export function TerminalDialog({ step, replaces, onClose, onOpen }: TerminalDialogProps) {
  const t = useTranslations("buildView");
  // FROM stands on nothing, and a step that failed left nothing behind.
  const before = !/^from\b/i.test(step.text);
  const after = step.progress.state === "finished" || step.progress.state === "cached";
  return (
    <Dialog
      title={t("terminalTitle", { step: String(step.index + 1) })}
      text={t("terminalText")}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <div className="flex flex-col gap-4 overflow-y-auto px-5 py-4">
        <pre className="overflow-x-auto rounded-medium bg-sunk px-3 py-2 font-mono text-small">
          {step.text}
        </pre>
        {before && (
          <Choice
            name={t("terminalBefore")}
            text={t("terminalBeforeText")}
            look="primary"
            onChoose={() => onOpen("before")}
          />
        )}
        {after && (
          <Choice
            name={t("terminalAfter")}
            text={t("terminalAfterText")}
            look={before ? "quiet" : "primary"}
            onChoose={() => onOpen("after")}
          />
        )}
        <p className="text-ink-soft text-small">
          {replaces && `${t("terminalReplaces")} `}
          {t("terminalKept")}
        </p>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly text: string;
  readonly look: "primary" | "quiet";
  readonly onChoose: () => void;
}

function Choice({ name, text, look, onChoose }: ChoiceProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <Button look={look} icon={<SquareTerminal size={16} aria-hidden="true" />} onClick={onChoose}>
        {name}
      </Button>
      <p className="min-w-0 flex-1 basis-48 text-ink-soft text-small">{text}</p>
    </div>
  );
}
