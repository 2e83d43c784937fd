import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";

export type Answer<Value> =
  | { readonly state: "loading" }
  | { readonly state: "here"; readonly value: Value }
  | { readonly state: "failed"; readonly error: WireError };

const LOADING = { state: "loading" } as const;

/**
 * Asks once per `key`, and again on `again`. What nobody waits for any more is dropped, so an answer never shows under
 * another question.
 */
export function useAnswer<Value>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Value>,
): { readonly answer: Answer<Value>; readonly again: () => void } {
  const [kept, setKept] = useState<{ readonly question: string; readonly answer: Answer<Value> } | null>(
    null,
  );
  const [tries, setTries] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  const question = `${tries} ${key}`;
  useEffect(() => {
    const abort = new AbortController();
    const settle = (answer: Answer<Value>) => {
      if (!abort.signal.aborted) setKept({ question, answer });
    };
    asking.current(abort.signal).then(
      (value) => settle({ state: "here", value }),
      (thrown: unknown) => settle({ state: "failed", error: wireErrorOf(thrown) }),
    );
    return () => abort.abort();
  }, [question]);
  const again = useCallback(() => setTries((before) => before + 1), []);
  return { answer: kept?.question === question ? kept.answer : LOADING, again };
}
