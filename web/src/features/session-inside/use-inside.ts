import type { SessionInside, WireError } from "@slipway/protocol";
import { useCallback } from "react";
import { rpc } from "../../rpc/client.ts";
import { useLooks } from "./use-looks.ts";

const EVERY_MS = 2_000;

/** What a session looks like from outside, while somebody looks. */
export function useInside(
  sessionId: string,
  visible: boolean,
): { readonly inside: SessionInside | null; readonly failure: WireError | null } {
  const look = useCallback(() => rpc.session.inside.query({ sessionId }), [sessionId]);
  const { seen, failure } = useLooks(look, visible, { everyMs: EVERY_MS, keep: 1 });
  return { inside: seen.at(-1) ?? null, failure };
}
