import type { WireError } from "@slipway/protocol";
import { useEffect, useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";

export interface Looks<Seen> {
  /** What was seen, the newest last. */
  readonly seen: readonly Seen[];
  /** Why the last look failed; null: it did not. */
  readonly failure: WireError | null;
}

const NOTHING = { seen: [], failure: null };

/**
 * Looks again and again while `visible` and the page is in front, one look at a time; keeps the last `keep`. Another `look`
 * begins anew.
 */
export function useLooks<Seen>(
  look: () => Promise<Seen>,
  visible: boolean,
  { everyMs, keep }: { readonly everyMs: number; readonly keep: number },
): Looks<Seen> {
  const [looks, setLooks] = useState<Looks<Seen>>(NOTHING);
  const [of, setOf] = useState(() => look);
  if (of !== look) {
    setOf(() => look);
    setLooks(NOTHING);
  }
  useEffect(() => {
    if (!visible) return;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async () => {
      const began = Date.now();
      if (!document.hidden) {
        try {
          const seen = await look();
          if (!gone) setLooks((last) => ({ seen: [...last.seen, seen].slice(-keep), failure: null }));
        } catch (thrown) {
          if (!gone) setLooks((last) => ({ ...last, failure: wireErrorOf(thrown) }));
        }
      }
      if (!gone) timer = setTimeout(() => void once(), Math.max(0, everyMs - (Date.now() - began)));
    };
    void once();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [look, visible, everyMs, keep]);
  return looks;
}
