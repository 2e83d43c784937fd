import { useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export interface Opening {
  /** One more terminal may be asked for now. */
  readonly ready: boolean;
  /** Why the last one did not come, as a sentence; empty: it did. */
  readonly failure: string;
  /** Asks for one more terminal and hands over its id, or says why there is none. */
  open(opened: (terminalId: string) => void): void;
}

/** Opens terminals, one at a time. Null where none can be. */
export function useOpening(onOpen: (() => Promise<string>) | null, full: boolean): Opening | null {
  const sentence = useErrorSentence();
  const [state, setState] = useState<"ready" | "opening" | { readonly failure: string }>("ready");
  if (onOpen === null) return null;
  return {
    ready: !full && state !== "opening",
    failure: typeof state === "object" ? state.failure : "",
    open: (opened) => {
      setState("opening");
      onOpen().then(
        (terminalId) => {
          setState("ready");
          opened(terminalId);
        },
        (thrown) => setState({ failure: sentence(wireErrorOf(thrown)) }),
      );
    },
  };
}
