import { ArrowDown, ArrowUp, Download, FoldVertical, UnfoldVertical, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import type { Step } from "./build-log.ts";
import { download, plainLog } from "./log-export.ts";
import { MAX_FOUND, type Place, queryOf, search } from "./log-search.ts";
import { CopyButton, ToolButton } from "./log-view.tsx";
import type { LogToolsState } from "./use-log-tools.ts";

/** What is typed is looked for when nothing more came for so long. */
const TYPING_PAUSE_MS = 120;

export interface SearchBarProps {
  readonly buildId: string;
  readonly steps: readonly Step[];
  readonly state: LogToolsState;
  readonly onClose: () => void;
}

/** Search over all that a build printed, and what can be done with the whole log. */
export function SearchBar({ buildId, steps, state, onClose }: SearchBarProps) {
  const t = useTranslations("buildView");
  const [written, setWritten] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const { places, at, move } = useSearch(written, steps, state);
  useEffect(() => field.current?.focus(), []);
  const { setQuery, show } = state;
  useEffect(
    () => () => {
      setQuery("");
      show(null);
    },
    [setQuery, show],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const note = () => {
    if (places === null) return "";
    if (places.length === 0) return t("searchNone");
    const words = { place: String(at + 1), count: String(places.length) };
    return places.length >= MAX_FOUND ? t("searchMore", words) : t("searchPlace", words);
  };
  return (
    <search className="flex flex-wrap items-center gap-1 border-line border-b bg-sunk py-1.5 pr-2 pl-4">
      <input
        ref={field}
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        value={written}
        onChange={(event) => setWritten(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-8 min-w-0 flex-1 basis-40 rounded-medium border border-line-strong bg-surface px-2.5 text-small"
      />
      <p role="status" className="min-w-16 px-1 text-ink-soft text-small tabular-nums">
        {note()}
      </p>
      <ToolButton label={t("searchBefore")} onClick={() => move(-1)}>
        <ArrowUp size={15} aria-hidden="true" />
      </ToolButton>
      <ToolButton label={t("searchNext")} onClick={() => move(1)}>
        <ArrowDown size={15} aria-hidden="true" />
      </ToolButton>
      <span className="mx-1 h-5 w-px bg-line" aria-hidden="true" />
      <ToolButton label={t("unfold")} onClick={() => state.fold(true)}>
        <UnfoldVertical size={15} aria-hidden="true" />
      </ToolButton>
      <ToolButton label={t("fold")} onClick={() => state.fold(false)}>
        <FoldVertical size={15} aria-hidden="true" />
      </ToolButton>
      <CopyButton label={t("copyAll")} text={() => plainLog(steps)} />
      <ToolButton label={t("downloadAll")} onClick={() => download(`build-${buildId}.log`, plainLog(steps))}>
        <Download size={15} aria-hidden="true" />
      </ToolButton>
      <ToolButton label={t("searchClose")} onClick={onClose}>
        <X size={15} aria-hidden="true" />
      </ToolButton>
    </search>
  );
}

/** Looks for what is written, anew when it changes, and leads from place to place. */
function useSearch(written: string, steps: readonly Step[], { setQuery, show }: LogToolsState) {
  const [places, setPlaces] = useState<readonly Place[] | null>(null);
  const [at, setAt] = useState(0);
  // A log that goes on is searched as it was when the words were written; Enter looks on.
  const latest = useRef(steps);
  latest.current = steps;
  useEffect(() => {
    const query = queryOf(written);
    const stop = new AbortController();
    const timer = window.setTimeout(() => {
      setQuery(query);
      void search(latest.current, query, stop.signal).then((found) => {
        if (stop.signal.aborted) return;
        setPlaces(query === "" ? null : found);
        setAt(0);
        show(found[0] ?? null);
      });
    }, TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [written, setQuery, show]);
  const move = (by: number) => {
    if (places === null || places.length === 0) return;
    const next = (at + by + places.length) % places.length;
    setAt(next);
    show(places[next] ?? null);
  };
  return { places, at, move };
}
