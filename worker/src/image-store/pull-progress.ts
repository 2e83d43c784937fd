import type { Digest, PulledLayer } from "@slipway/protocol";

/** Changes within so much time are told together. */
const TELL_INTERVAL_MS = 200;

type Listener = (layers: readonly PulledLayer[]) => void;

/** Where the layers of one transfer stand. Who listens is told of all that is known at once, and of changes from then on. */
export class LayerProgress {
  readonly #layers = new Map<Digest, PulledLayer>();
  readonly #changed = new Set<Digest>();
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;

  listen(listener: Listener): () => void {
    this.flush();
    this.#listeners.add(listener);
    if (this.#layers.size > 0) listener([...this.#layers.values()]);
    return () => this.#listeners.delete(listener);
  }

  /** `received` is left as it was unless given. */
  set(blob: { digest: Digest; sizeBytes: number }, state: PulledLayer["state"], received?: number): void {
    const known = this.#layers.get(blob.digest);
    const whole = state === "done" || state === "present" || state === "unpacking";
    const receivedBytes = whole ? blob.sizeBytes : (received ?? known?.receivedBytes ?? 0);
    if (known?.state === state && known.receivedBytes === receivedBytes) return;
    this.#layers.set(blob.digest, {
      digest: blob.digest,
      state,
      receivedBytes,
      totalBytes: blob.sizeBytes,
    });
    this.#changed.add(blob.digest);
    this.#timer ??= setTimeout(() => this.flush(), TELL_INTERVAL_MS).unref();
  }

  /** Tells what has not been told yet. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const layers = [...this.#changed].flatMap((digest) => this.#layers.get(digest) ?? []);
    this.#changed.clear();
    if (layers.length === 0) return;
    for (const listener of this.#listeners) listener(layers);
  }
}
