import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type Person, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

export type Presence =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: WireError }
  /** `person` is null for someone who has not entered yet. */
  | { readonly state: "known"; readonly person: Person | null; readonly oidc: string | null };

/** Who the browser's cookie is, and how one gets into an account; `again` asks anew. */
export function usePerson(): { readonly presence: Presence; readonly again: () => Promise<void> } {
  const [presence, setPresence] = useState<Presence>({ state: "loading" });
  const again = useCallback(async () => {
    const answer = await Promise.all([rpc.account.me.query(), rpc.account.ways.query()]).then(
      ([person, { oidc }]): Presence => ({ state: "known", person, oidc }),
      (thrown: unknown): Presence => ({ state: "failed", error: wireErrorOf(thrown) }),
    );
    setPresence(answer);
  }, []);
  useEffect(() => void again(), [again]);
  return { presence, again };
}
