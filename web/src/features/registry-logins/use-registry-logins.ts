import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type RegistryLogin, type RegistryLoginView, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

export type Logins =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: WireError }
  | { readonly state: "here"; readonly list: readonly RegistryLoginView[] };

/** What the last change came to. */
export type Change =
  | { readonly state: "none" }
  | { readonly state: "busy" }
  | { readonly state: "refused"; readonly error: WireError }
  | { readonly state: "saved" | "removed"; readonly registry: string };

export interface RegistryLogins {
  readonly logins: Logins;
  readonly change: Change;
  /** Answers whether it was saved. */
  save(login: RegistryLogin): Promise<boolean>;
  remove(registry: string): Promise<void>;
}

const load = (): Promise<Logins> =>
  rpc.registry.list.query().then(
    (list): Logins => ({ state: "here", list }),
    (thrown: unknown): Logins => ({ state: "failed", error: wireErrorOf(thrown) }),
  );

/** The person's registry logins, as the server knows them after each change. */
export function useRegistryLogins(): RegistryLogins {
  const [logins, setLogins] = useState<Logins>({ state: "loading" });
  const [change, setChange] = useState<Change>({ state: "none" });
  useEffect(() => {
    let gone = false;
    void load().then((loaded) => {
      if (!gone) setLogins(loaded);
    });
    return () => {
      gone = true;
    };
  }, []);

  const carryOut = useCallback(async (work: () => Promise<Change>): Promise<boolean> => {
    setChange({ state: "busy" });
    const done = await work().catch(
      (thrown: unknown): Change => ({ state: "refused", error: wireErrorOf(thrown) }),
    );
    setChange(done);
    if (done.state === "refused") return false;
    setLogins(await load());
    return true;
  }, []);

  return {
    logins,
    change,
    save: (login) =>
      carryOut(async () => {
        const { registry } = await rpc.registry.login.mutate(login);
        return { state: "saved", registry };
      }),
    async remove(registry) {
      await carryOut(async () => {
        await rpc.registry.logout.mutate({ registry });
        return { state: "removed", registry };
      });
    },
  };
}
