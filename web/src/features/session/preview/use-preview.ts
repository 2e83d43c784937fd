import { previewMessageSchema } from "@slipway/protocol";
import { type RefObject, useEffect, useReducer, useRef, useState } from "react";
import { wireErrorOf } from "../../../rpc/failure.ts";
import { FIRST_STATE, type PreviewState, previewAfter } from "./preview-state.ts";

export interface Preview {
  readonly state: PreviewState;
  /** The path that was asked for last. What a page does inside of its frame can't be seen from outside. */
  readonly path: string;
  /** Loads a path from the beginning, with a new ticket. */
  go(path: string): void;
  loaded(): void;
}

/** A port in a frame. `listens`: whether a program listens there, as the session says. */
export function usePreview(
  addressOf: (path: string) => Promise<string>,
  listens: boolean,
  frame: RefObject<HTMLIFrameElement | null>,
): Preview {
  const [state, change] = useReducer(previewAfter, FIRST_STATE);
  const [path, setPath] = useState("/");
  const { wish } = state;
  const asking = state.kind === "asking";

  useEffect(() => {
    if (!asking) return;
    addressOf(path).then(
      (url) => change({ kind: "address", wish, url }),
      (thrown) => change({ kind: "refused", wish, error: wireErrorOf(thrown) }),
    );
  }, [asking, wish, path, addressOf]);

  const origin = "url" in state ? new URL(state.url).origin : null;
  useEffect(() => {
    if (origin === null) return;
    const told = (event: MessageEvent<unknown>) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      const message = previewMessageSchema.safeParse(event.data);
      if (message.success)
        change({ kind: "told", problem: message.data.slipwayPreview, now: performance.now() });
    };
    window.addEventListener("message", told);
    return () => window.removeEventListener("message", told);
  }, [origin, frame]);

  const waits = state.kind === "failed" && state.failure === "closed";
  const listened = useRef(listens);
  useEffect(() => {
    // Only at the moment when it begins: what listens by the session's last word, and still does not answer, is not asked in a circle.
    const begins = listens && !listened.current;
    listened.current = listens;
    if (waits && begins) change({ kind: "ask" });
  }, [waits, listens]);

  return {
    state,
    path,
    go: (wanted) => {
      setPath(wanted);
      change({ kind: "ask" });
    },
    loaded: () => change({ kind: "loaded" }),
  };
}
