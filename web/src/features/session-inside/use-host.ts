import type { SessionHostView, WireError } from "@slipway/protocol";
import { useCallback } from "react";
import { rpc } from "../../rpc/client.ts";
import { useLooks } from "./use-looks.ts";

const EVERY_MS = 2_000;

/** What docker has made in a session, while somebody looks. */
export function useHost(
  sessionId: string,
  visible: boolean,
): { readonly host: SessionHostView | null; readonly failure: WireError | null } {
  const look = useCallback(() => rpc.session.host.query({ sessionId }), [sessionId]);
  const { seen, failure } = useLooks(look, visible, { everyMs: EVERY_MS, keep: 1 });
  return { host: seen.at(-1) ?? null, failure };
}
