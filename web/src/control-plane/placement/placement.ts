import type { ConnectedWorker } from "../agents/connected-workers.ts";

/** Work that takes room on a worker, by worker id. */
export type Load = ReadonlyMap<string, number>;

interface Wish {
  readonly workers: readonly ConnectedWorker[];
  readonly load: Load;
  readonly kind: "builds" | "sessions";
  /** The worker that has the layers or the image, where one is known. */
  readonly preferred: string | null;
}

const roomOf = (worker: ConnectedWorker, { kind, load }: Wish): number =>
  worker.hello.capacity[kind] - (load.get(worker.hello.workerId) ?? 0);

/** The preferred worker when it has room, otherwise the one with most room; null when all are full. */
export function place(wish: Wish): ConnectedWorker | null {
  const candidates = wish.workers.filter((worker) => roomOf(worker, wish) > 0);
  const preferred = candidates.find((worker) => worker.hello.workerId === wish.preferred);
  if (preferred) return preferred;
  return candidates.sort((a, b) => roomOf(b, wish) - roomOf(a, wish))[0] ?? null;
}
