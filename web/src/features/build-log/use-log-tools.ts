import { useCallback, useMemo, useState } from "react";
import type { LogTools } from "./log-tools.ts";

export interface LogToolsState {
  readonly tools: LogTools;
  readonly setQuery: (query: string) => void;
  readonly show: (place: { readonly step: number; readonly row: number } | null) => void;
  readonly fold: (open: boolean) => void;
}

/** Search and folding of one build's log. */
export function useLogTools(onTerminal: LogTools["onTerminal"]): LogToolsState {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<LogTools["found"]>(null);
  const [folded, setFolded] = useState<LogTools["fold"]>(null);
  const show = useCallback<LogToolsState["show"]>(
    (place) => setFound((last) => place && { ...place, wish: (last?.wish ?? 0) + 1 }),
    [],
  );
  const fold = useCallback(
    (open: boolean) => setFolded((last) => ({ open, wish: (last?.wish ?? 0) + 1 })),
    [],
  );
  const tools = useMemo(
    () => ({ query, found, fold: folded, onTerminal }),
    [query, found, folded, onTerminal],
  );
  return { tools, setQuery, show, fold };
}
