import { Clipboard, Copy, Search, Type } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";

const ICON = { size: 15, strokeWidth: 1.75, "aria-hidden": "true" } as const;

/** The keys that people of this machine expect. */
export interface KeyHints {
  readonly copy: string;
  readonly paste: string;
  readonly search: string;
}

const PC: KeyHints = { copy: "Ctrl+Shift+C", paste: "Ctrl+Shift+V", search: "Ctrl+Shift+F" };
const MAC: KeyHints = { copy: "⌘C", paste: "⌘V", search: "⌘⇧F" };

export function useKeyHints(): KeyHints {
  const [hints, setHints] = useState(PC);
  useEffect(() => {
    if (/mac|iphone|ipad/i.test(navigator.userAgent)) setHints(MAC);
  }, []);
  return hints;
}

export interface TerminalBarProps {
  readonly name: string;
  readonly hints: KeyHints;
  /** It takes what is typed; those who watch can't paste. */
  readonly drives: boolean;
  readonly open: "search" | "look" | null;
  readonly onOpen: (open: "search" | "look" | null) => void;
  readonly onCopy: () => void;
  readonly onPaste: () => void;
  /** Before and after what is the terminal's own. */
  readonly start: ReactNode;
  readonly end: ReactNode;
}

/** What can be done with one terminal, always in sight. */
export function TerminalBar(props: TerminalBarProps) {
  const t = useTranslations("terminalBar");
  const { hints, open, onOpen } = props;
  return (
    <div
      role="toolbar"
      aria-label={t("label", { name: props.name })}
      className="flex h-9 shrink-0 items-center overflow-x-auto overflow-y-hidden border-line border-b px-2"
    >
      <IconButton label={t("copy", { keys: hints.copy })} onClick={props.onCopy}>
        <Copy {...ICON} />
      </IconButton>
      {props.drives && (
        <IconButton label={t("paste", { keys: hints.paste })} onClick={props.onPaste}>
          <Clipboard {...ICON} />
        </IconButton>
      )}
      <IconButton
        label={t("search", { keys: hints.search })}
        aria-expanded={open === "search"}
        onClick={() => onOpen(open === "search" ? null : "search")}
      >
        <Search {...ICON} />
      </IconButton>
      <IconButton
        label={t("look")}
        aria-expanded={open === "look"}
        onClick={() => onOpen(open === "look" ? null : "look")}
      >
        <Type {...ICON} />
      </IconButton>
      <span aria-hidden="true" className="mx-1 h-4 w-px shrink-0 bg-line" />
      {props.start}
      <div className="ml-auto flex shrink-0 items-center pl-2">{props.end}</div>
    </div>
  );
}
