import { LoaderCircle } from "lucide-react";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { loadChunk } from "../../ui/load-chunk.ts";
import { clipboardText } from "./clipboard.ts";
import { KeyBar } from "./key-bar.tsx";
import { RecordingBar } from "./recording-bar.tsx";
import { TerminalBar, useKeyHints } from "./terminal-bar.tsx";
import { NOTICE_MS, TerminalNote, useNotice } from "./terminal-note.tsx";
import { useRoom, useTerminal } from "./use-terminal.ts";

/** Their code is loaded when one is opened. */
const SearchBar = lazy(() =>
  loadChunk(() => import("./search-bar.tsx")).then(({ SearchBar: shown }) => ({ default: shown })),
);
const LookBar = lazy(() =>
  loadChunk(() => import("./look-bar.tsx")).then(({ LookBar: shown }) => ({ default: shown })),
);

export interface TerminalPaneProps {
  readonly sessionId: string;
  readonly terminalId: string;
  readonly name: string;
  /** A ticket for the terminal, asked for when there is none that is still valid. Another function is another terminal. */
  readonly ticket: (terminalId: string) => Promise<string>;
  /** Whether it can be seen; hidden ones stay connected. */
  readonly visible: boolean;
  /** What can be done with its place on the page, for its bar. */
  readonly actions?: ReactNode;
}

/** One terminal. The code that draws it comes in a chunk of its own. */
export function TerminalPane({ name, visible, actions, ...which }: TerminalPaneProps) {
  const t = useTranslations("terminal");
  const box = useRef<HTMLElement>(null);
  const [notice, setNotice] = useNotice();
  const [open, setOpen] = useState<"search" | "look" | null>(null);
  const hints = useKeyHints();
  const { screen, state, recording, found, ctrl } = useTerminal(box, {
    ...which,
    label: t("label", { name }),
    gapText: t("gap"),
    refused: () => setNotice("too-large"),
    search: () => setOpen("search"),
  });
  useRoom(box, screen, visible);

  const copy = async () => {
    const done = await screen?.copy();
    if (done !== undefined) setNotice(done === "copied" ? "copied" : `copy-${done}`);
  };
  const paste = async () => {
    const text = await clipboardText();
    if (text === null) setNotice("paste-failed");
    else screen?.paste(text);
  };
  const download = () => {
    screen?.fetchRecording().then(
      (cast) => save(cast, `${name}.cast`),
      () => setNotice("no-recording"),
    );
  };
  const closeBar = () => {
    setOpen(null);
    screen?.focus();
  };
  const drives = state.state === "attached" && state.role === "drive";
  const record = (
    <RecordingBar
      recording={recording}
      drives={drives}
      record={(command) => screen?.record(command)}
      download={download}
    />
  );
  return (
    <div className="relative flex h-full min-h-0 flex-col bg-surface">
      <TerminalBar
        name={name}
        hints={hints}
        drives={drives}
        open={open}
        onOpen={(next) => (next === null ? closeBar() : setOpen(next))}
        onCopy={() => void copy()}
        onPaste={() => void paste()}
        start={actions}
        end={record}
      />
      <Suspense>
        {open === "search" && screen !== null && (
          <SearchBar search={screen.search} found={found} onClose={closeBar} />
        )}
        {open === "look" && <LookBar />}
      </Suspense>
      {/* Its name is the size of the terminal, which is the one of who leads. */}
      <section ref={box} className="min-h-0 flex-1 overflow-hidden pt-2 pl-4" data-testid="terminal" />
      {screen === null && <Loading text={t("loading")} />}
      <TerminalNote state={state} notice={notice} pasteKeys={hints.paste} />
      {drives && screen !== null && <KeyBar ctrl={ctrl} onCtrl={screen.holdCtrl} onKey={screen.press} />}
    </div>
  );
}

function Loading({ text }: { readonly text: string }) {
  return (
    <p className="absolute inset-0 flex items-center gap-3 px-4 text-ink-soft">
      <LoaderCircle size={18} className="text-sea motion-safe:animate-spin" aria-hidden="true" />
      {text}
    </p>
  );
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
