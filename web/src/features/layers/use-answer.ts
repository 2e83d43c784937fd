import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
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
  const [kept, setKept] = useState<{ readonly key: string; readonly answer: Answer<Value> }>({
    key,
    answer: LOADING,
  });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the question, and a try asks it anew.
  useEffect(() => {
    const abort = new AbortController();
    const settle = (answer: Answer<Value>) => {
      if (!abort.signal.aborted) setKept({ key, answer });
    };
    settle(LOADING);
    ask(abort.signal).then(
      (value) => settle({ state: "here", value }),
      (thrown: unknown) => settle({ state: "failed", error: wireErrorOf(thrown) }),
    );
    return () => abort.abort();
  }, [key, tries]);
  const again = useCallback(() => setTries((before) => before + 1), []);
  return { answer: kept.key === key ? kept.answer : LOADING, again };
}
