import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { type BuildId, buildContextPath, SlipwayError } from "@slipway/protocol";

/** Time until the control plane has begun to answer. */
const HEADERS_TIMEOUT_MS = 30_000;

/** Fetches build contexts from the control plane, as streams; nothing is buffered. */
export function createContextClient(controlPlaneUrl: string, joinToken: string) {
  return async (buildId: BuildId, signal: AbortSignal): Promise<Readable> => {
    const headers = new AbortController();
    const timer = setTimeout(() => headers.abort(), HEADERS_TIMEOUT_MS);
    try {
      const response = await fetch(new URL(buildContextPath(buildId), controlPlaneUrl), {
        headers: { authorization: `Bearer ${joinToken}` },
        signal: AbortSignal.any([signal, headers.signal]),
        redirect: "error",
      });
      if (!response.ok || !response.body) {
        throw new SlipwayError(
          "internal",
          `The control plane answered ${response.status} for the build context.`,
        );
      }
      return Readable.fromWeb(response.body as ReadableStream<Uint8Array>, { signal });
    } finally {
      clearTimeout(timer);
    }
  };
}
