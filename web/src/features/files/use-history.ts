import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type PlaygroundVersion, rpc, type VersionDifference } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

export interface History {
  /** The newest first; null while they are on their way. */
  readonly versions: readonly PlaygroundVersion[] | null;
  readonly chosen: number | null;
  readonly choose: (number: number) => void;
  /** What is different now from the chosen version; null while it is on its way. */
  readonly differences: readonly VersionDifference[] | null;
  readonly error: WireError | null;
  readonly restore: (number: number) => Promise<boolean>;
  readonly keep: (name: string) => Promise<boolean>;
}

/** The versions of a playground, and what is different now from one of them. */
export function useHistory(id: string): History {
  const [versions, setVersions] = useState<readonly PlaygroundVersion[] | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const [differences, setDifferences] = useState<readonly VersionDifference[] | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const guard = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      setError(null);
      return true;
    } catch (thrown) {
      setError(wireErrorOf(thrown));
      return false;
    }
  }, []);
  const choose = useCallback(
    (number: number) => {
      setChosen(number);
      setDifferences(null);
      void guard(async () => setDifferences(await rpc.playground.differences.query({ id, number })));
    },
    [guard, id],
  );
  const list = useCallback(async () => {
    const all = await rpc.playground.versions.query({ id });
    setVersions(all);
    if (all[0]) choose(all[0].number);
  }, [choose, id]);
  useEffect(() => void guard(list), [guard, list]);

  return {
    versions,
    chosen,
    choose,
    differences,
    error,
    restore: (number) => guard(() => rpc.playground.restore.mutate({ id, number })),
    keep: (name) =>
      guard(async () => {
        await rpc.playground.keepVersion.mutate({ id, name });
        await list();
      }),
  };
}
