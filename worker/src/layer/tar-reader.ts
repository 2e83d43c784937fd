import { type Extract, extract, type Header } from "tar-stream";

export interface TarEntry {
  readonly header: Header;
  /** The file's bytes; what is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The entries of a tar, one after the other. Throws for bytes that are no tar, and the signal's reason on abort. */
export async function* tarEntries(
  tar: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<TarEntry> {
  signal?.throwIfAborted();
  const extraction = extract();
  const abort = () => extraction.destroy();
  signal?.addEventListener("abort", abort, { once: true });
  const feeding = feed(tar, extraction);
  // Awaited at the end; when the entries fail first, theirs is the reason that counts.
  feeding.catch((error: unknown) =>
    extraction.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    for await (const entry of extraction) {
      // streamx declares its iterator without the type of the chunks; a tar's are bytes.
      yield { header: entry.header, content: entry as unknown as AsyncIterable<Uint8Array> };
      entry.resume();
    }
    signal?.throwIfAborted();
    await feeding;
  } finally {
    signal?.removeEventListener("abort", abort);
    extraction.destroy();
    await feeding.catch(() => undefined);
  }
}

/** Writes the tar into the extraction as fast as that takes it; ends early when the extraction is destroyed. */
async function feed(tar: AsyncIterable<Uint8Array>, extraction: Extract): Promise<void> {
  let closed = false;
  let wake = () => {};
  extraction.on("drain", () => wake());
  extraction.on("close", () => {
    closed = true;
    wake();
  });
  for await (const chunk of tar) {
    if (closed) return;
    if (extraction.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (closed) resolve();
    });
  }
  extraction.end(null);
}

/**
 * The path of a tar entry, relative and without `.` parts; "" for the root. Null when it has `..` or a null byte:
 * nothing honest writes those.
 */
export function entryPath(name: string): string | null {
  if (name.includes("\0")) return null;
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") return null;
    if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
