import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { TerminalState } from "./terminal-client.ts";

/** How long a passing notice is shown. */
export const NOTICE_MS = 6_000;

export type Notice =
  | "too-large"
  | "no-recording"
  | "copied"
  | "copy-nothing"
  | "copy-failed"
  | "paste-failed";

/** A notice that passes by itself. */
export function useNotice(): [Notice | null, (notice: Notice | null) => void] {
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return [notice, setNotice];
}

export interface TerminalNoteProps {
  readonly state: TerminalState;
  readonly notice: Notice | null;
  readonly pasteKeys: string;
}

/** The state of the connection, in a quiet line that is there only while there is something to say. */
export function TerminalNote(props: TerminalNoteProps) {
  return (
    <p
      role="status"
      className="shrink-0 border-line border-t bg-sunk px-4 py-1.5 text-ink-soft text-small empty:hidden"
    >
      <NoteText {...props} />
    </p>
  );
}

function NoteText({ state, notice, pasteKeys }: TerminalNoteProps) {
  const t = useTranslations("terminal");
  const tBar = useTranslations("terminalBar");
  const sentence = useErrorSentence();
  switch (notice) {
    case "too-large":
      return t("tooLarge");
    case "no-recording":
      return t("recording.missing");
    case "copied":
      return tBar("copied");
    case "copy-nothing":
      return tBar("copyNothing");
    case "copy-failed":
      return tBar("copyFailed");
    case "paste-failed":
      return tBar("pasteFailed", { keys: pasteKeys });
    case null:
  }
  switch (state.state) {
    case "connecting":
      return state.attempt === 0 ? null : t("reconnecting");
    case "waiting":
      return state.attempt > 1 ? t("waiting") : t("reconnecting");
    case "attached":
      return state.role === "view" ? t("viewing") : null;
    case "exited":
      return t("exited", { code: String(state.exitCode) });
    case "refused":
      return sentence(state.error);
    case "closed":
      return null;
  }
}
