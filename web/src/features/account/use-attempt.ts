import type { WireError } from "@slipway/protocol";
import { useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";

export type Attempt =
  | { readonly state: "idle" }
  | { readonly state: "busy" }
  | { readonly state: "done" }
  | { readonly state: "refused"; readonly error: WireError };

/** One thing that a form asks for, and what came of it. */
export function useAttempt(): readonly [Attempt, (work: () => Promise<unknown>) => Promise<boolean>] {
  const [attempt, setAttempt] = useState<Attempt>({ state: "idle" });
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setAttempt({ state: "busy" });
    try {
      await work();
      setAttempt({ state: "done" });
      return true;
    } catch (thrown) {
      setAttempt({ state: "refused", error: wireErrorOf(thrown) });
      return false;
    }
  };
  return [attempt, run];
}
