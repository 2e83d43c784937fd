import type { Recording } from "@slipway/protocol";
import { LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import { RecordingBar } from "./recording-bar.tsx";
import type { TerminalState } from "./terminal-client.ts";
import type { TerminalScreen } from "./terminal-screen.ts";

/** Also called ahead of time, so that a terminal that opens does not wait for it. */
export const loadTerminalCode = () => loadChunk(() => import("./terminal-screen.ts"));

/** How long a passing notice is shown. */
const NOTICE_MS = 6_000;

export interface TerminalPaneProps {
  readonly sessionId: string;
  readonly terminalId: string;
  readonly name: string;
  /** A ticket for the terminal, asked for when there is none that is still valid. Another function is another terminal. */
  readonly ticket: (terminalId: string) => Promise<string>;
  /** Whether it can be seen; hidden ones stay connected. */
  readonly visible: boolean;
}

type Notice = "too-large" | "no-recording";

/** One terminal. The code that draws it comes in a chunk of its own. */
export function TerminalPane({ sessionId, terminalId, name, ticket, visible }: TerminalPaneProps) {
  const t = useTranslations("terminal");
  const box = useRef<HTMLElement>(null);
  const [screen, setScreen] = useState<TerminalScreen | null>(null);
  const [state, setState] = useState<TerminalState>({ state: "closed" });
  const [recording, setRecording] = useState<Recording | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const texts = useRef({ label: t("label", { name }), gapText: t("gap") });

  useEffect(() => {
    const parent = box.current;
    if (parent === null) return;
    let opened: TerminalScreen | null = null;
    let gone = false;
    const open = async () => {
      const { openTerminalScreen } = await loadTerminalCode();
      if (gone) return;
      const made = await openTerminalScreen({
        parent,
        sessionId,
        terminalId,
        ticket: () => ticket(terminalId),
        ...texts.current,
        changed: (next) => !gone && setState(next),
        refused: () => !gone && setNotice("too-large"),
        recording: (next) => !gone && setRecording(next),
        leave: () =>
          parent
            .closest("[role=tabpanel]")
            ?.parentElement?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")
            ?.focus(),
      });
      if (gone) {
        made.close();
        return;
      }
      opened = made;
      setScreen(made);
    };
    void open();
    return () => {
      gone = true;
      opened?.close();
      setScreen(null);
    };
  }, [sessionId, terminalId, ticket]);

  useRoom(box, screen, visible);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);

  const download = () => {
    screen?.fetchRecording().then(
      (cast) => save(cast, `${name}.cast`),
      () => setNotice("no-recording"),
    );
  };
  return (
    <div className="relative flex h-full min-h-0 flex-col bg-surface">
      <RecordingBar
        recording={recording}
        drives={state.state === "attached" && state.role === "drive"}
        record={(command) => screen?.record(command)}
        download={download}
      />
      {/* Its name is the size of the terminal, which is the one of who leads. */}
      <section ref={box} className="min-h-0 flex-1 overflow-hidden pt-2 pl-4" data-testid="terminal" />
      {screen === null && (
        <p className="absolute inset-0 flex items-center gap-3 px-4 text-ink-soft">
          <LoaderCircle size={18} className="text-sea motion-safe:animate-spin" aria-hidden="true" />
          {t("loading")}
        </p>
      )}
      <TerminalNote state={state} notice={notice} />
    </div>
  );
}

/** Tells the terminal when its place has changed. */
function useRoom(
  box: React.RefObject<HTMLElement | null>,
  screen: TerminalScreen | null,
  visible: boolean,
): void {
  useEffect(() => {
    const parent = box.current;
    if (parent === null || screen === null) return;
    const observer = new ResizeObserver(() => screen.takeRoom());
    observer.observe(parent);
    return () => observer.disconnect();
  }, [box, screen]);
  useEffect(() => {
    if (visible) screen?.takeRoom();
  }, [visible, screen]);
}

/** Gives a file to the person. */
function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-");
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), NOTICE_MS);
}

/** The state of the connection, in a quiet line that is there only while there is something to say. */
function TerminalNote({ state, notice }: { readonly state: TerminalState; readonly notice: Notice | null }) {
  const t = useTranslations("terminal");
  const sentence = useErrorSentence();
  const text = (() => {
    if (notice === "too-large") return t("tooLarge");
    if (notice === "no-recording") return t("recording.missing");
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
  })();
  return (
    <p
      role="status"
      className="shrink-0 border-line border-t bg-sunk px-4 py-1.5 text-ink-soft text-small empty:hidden"
    >
      {text}
    </p>
  );
}
