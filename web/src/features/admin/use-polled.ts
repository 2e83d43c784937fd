import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";

/** Pause between two looks. */
const PAUSE_MS = 4_000;

export type Polled<Answer> =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: WireError }
  | { readonly state: "known"; readonly answer: Answer; readonly at: number; readonly stale: boolean };

/** Asks again and again while the page is seen. `ask` has to stay the same function; `again` asks at once. */
export function usePolled<Answer>(ask: () => Promise<Answer>): {
  readonly polled: Polled<Answer>;
  readonly again: () => Promise<void>;
} {
  const [polled, setPolled] = useState<Polled<Answer>>({ state: "loading" });
  const again = useCallback(async () => {
    const result = await ask().then(
      (answer): Polled<Answer> => ({ state: "known", answer, at: Date.now(), stale: false }),
      (thrown: unknown): Polled<Answer> => ({ state: "failed", error: wireErrorOf(thrown) }),
    );
    // What was known stays on the page when one look fails.
    setPolled((before) =>
      result.state === "failed" && before.state === "known" ? { ...before, stale: true } : result,
    );
  }, [ask]);
  useEffect(() => {
    let timer = 0;
    let over = false;
    const turn = async () => {
      if (!document.hidden) await again();
      if (!over) timer = window.setTimeout(() => void turn(), PAUSE_MS);
    };
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [again]);
  return { polled, again };
}
