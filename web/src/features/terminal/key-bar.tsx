import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { PressedKey } from "./pressed-keys.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;

export interface KeyBarProps {
  readonly ctrl: boolean;
  readonly onCtrl: (held: boolean) => void;
  readonly onKey: (key: PressedKey) => void;
}

/** The keys that a phone's keyboard lacks, where fingers are what points. */
export function KeyBar({ ctrl, onCtrl, onKey }: KeyBarProps) {
  const t = useTranslations("terminalBar");
  const key = (name: PressedKey, label: string, face: ReactNode) => (
    <button
      type="button"
      aria-label={label}
      // The terminal keeps the keyboard, which would fold away otherwise.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onKey(name)}
      className={FACE}
    >
      {face}
    </button>
  );
  return (
    <div
      role="toolbar"
      aria-label={t("keys")}
      className="hidden shrink-0 overflow-x-auto border-line border-t bg-sunk max-wide:flex pointer-coarse:flex"
    >
      <button
        type="button"
        aria-label={t("keyNames.ctrl")}
        aria-pressed={ctrl}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => onCtrl(!ctrl)}
        className={`${FACE} aria-pressed:bg-sea aria-pressed:text-on-sea`}
      >
        Ctrl
      </button>
      {key("escape", t("keyNames.escape"), "Esc")}
      {key("tab", t("keyNames.tab"), "Tab")}
      {key("left", t("keyNames.left"), <ArrowLeft {...ICON} />)}
      {key("up", t("keyNames.up"), <ArrowUp {...ICON} />)}
      {key("down", t("keyNames.down"), <ArrowDown {...ICON} />)}
      {key("right", t("keyNames.right"), <ArrowRight {...ICON} />)}
      {key("interrupt", t("keyNames.interrupt"), "^C")}
      {key("slash", "/", "/")}
      {key("dash", "-", "-")}
      {key("pipe", "|", "|")}
      {key("tilde", "~", "~")}
    </div>
  );
}

const FACE =
  "flex h-11 min-w-11 flex-1 shrink-0 items-center justify-center font-mono text-small text-ink hover:bg-hover";
