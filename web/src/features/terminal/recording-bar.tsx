import type { RecordCommand, Recording } from "@slipway/protocol";
import { Bookmark, Circle, Download, Square } from "lucide-react";
import { useTranslations } from "use-intl";

export interface RecordingBarProps {
  readonly recording: Recording | null;
  /** Only who drives can record. */
  readonly drives: boolean;
  readonly record: (command: RecordCommand) => void;
  readonly download: () => void;
}

const BUTTON =
  "inline-flex items-center gap-1.5 rounded px-2 py-1 text-small text-ink-soft hover:bg-sunk hover:text-ink";

/** Records a terminal as an asciicast, and gives what was recorded. Nothing is shown to those who can do neither. */
export function RecordingBar({ recording, drives, record, download }: RecordingBarProps) {
  const t = useTranslations("terminal.recording");
  const active = recording?.active === true;
  if (!drives && recording === null) return null;
  return (
    <fieldset aria-label={t("label")} className="flex shrink-0 items-center">
      {drives && !active && (
        <button type="button" className={BUTTON} onClick={() => record({ action: "start" })}>
          <Circle size={14} aria-hidden="true" />
          {t("start")}
        </button>
      )}
      {drives && active && (
        <>
          <button type="button" className={BUTTON} onClick={() => record({ action: "stop" })}>
            <Square size={14} aria-hidden="true" />
            {t("stop")}
          </button>
          <button type="button" className={BUTTON} onClick={() => record({ action: "mark", label: "" })}>
            <Bookmark size={14} aria-hidden="true" />
            {t("mark")}
          </button>
        </>
      )}
      {recording !== null && !active && (
        <button type="button" className={BUTTON} onClick={download}>
          <Download size={14} aria-hidden="true" />
          {t("download")}
        </button>
      )}
      {active && <span className="px-2 text-ink-soft text-small">{t("active")}</span>}
    </fieldset>
  );
}
