import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { type Found, MOST_MATCHES, type TerminalSearch } from "./terminal-search.ts";

const ICON = { size: 15, strokeWidth: 1.75, "aria-hidden": "true" } as const;

export interface SearchBarProps {
  readonly search: TerminalSearch;
  readonly found: Found;
  readonly onClose: () => void;
}

/** Search in what a terminal has printed, from the newest line up. Enter goes up, Shift+Enter down, Escape ends it. */
export function SearchBar({ search, found, onClose }: SearchBarProps) {
  const t = useTranslations("terminalBar");
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    field.current?.focus();
    return () => search.end();
  }, [search]);
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    search.find(text, event.shiftKey ? "next" : "before");
  };
  return (
    <search className="flex shrink-0 items-center gap-1 border-line border-b bg-sunk py-1 pr-2 pl-4">
      <input
        ref={field}
        type="search"
        aria-label={t("find")}
        placeholder={t("find")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          search.find(event.target.value, "before");
        }}
        onKeyDown={pressed}
        className="h-7 min-w-0 max-w-72 flex-1 rounded-medium border border-line-strong bg-surface px-2 text-small"
      />
      <span role="status" className="min-w-24 px-1 text-ink-soft text-small tabular-nums">
        {text !== "" && <FoundText found={found} />}
      </span>
      <IconButton label={t("findBefore")} onClick={() => search.find(text, "before")}>
        <ChevronUp {...ICON} />
      </IconButton>
      <IconButton label={t("findNext")} onClick={() => search.find(text, "next")}>
        <ChevronDown {...ICON} />
      </IconButton>
      <IconButton label={t("findClose")} onClick={onClose}>
        <X {...ICON} />
      </IconButton>
    </search>
  );
}

function FoundText({ found: { number, count } }: { readonly found: Found }) {
  const t = useTranslations("terminalBar");
  if (count === 0) return t("foundNone");
  if (number === null) return t("foundMany", { count: String(MOST_MATCHES) });
  return t("found", { number: String(number), count: String(count) });
}
