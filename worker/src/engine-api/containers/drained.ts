import type { Writable } from "node:stream";

/** Resolves when there is room in a stream that said to wait, or nobody wants more. */
export function drained(stream: Writable, gone?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off("drain", settle).off("close", settle);
      gone?.removeEventListener("abort", settle);
      resolve();
    };
    stream.on("drain", settle).on("close", settle);
    gone?.addEventListener("abort", settle, { once: true });
    if (stream.destroyed) settle();
  });
}
