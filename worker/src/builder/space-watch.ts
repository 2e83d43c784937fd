import { watchFreeSpace } from "../disk/free-space.ts";

export interface WatchedSpace {
  /** Aborted with `disk-full` when too little is left. */
  readonly signal: AbortSignal;
  /** Ends the watch for one build, once. */
  stop(): void;
}

/** One look after the disk for all builds that run, however many they are. */
export class SpaceWatch {
  readonly #directory: string;
  readonly #reservedBytes: number;
  #watch: { readonly space: WatchedSpace; builds: number } | null = null;

  constructor(directory: string, reservedBytes: number) {
    this.#directory = directory;
    this.#reservedBytes = reservedBytes;
  }

  start(): WatchedSpace {
    // Builds of a full disk end together; those that begin later are watched anew.
    if (this.#watch === null || this.#watch.space.signal.aborted)
      this.#watch = { space: watchFreeSpace(this.#directory, this.#reservedBytes), builds: 0 };
    const watch = this.#watch;
    watch.builds += 1;
    return { signal: watch.space.signal, stop: () => this.#leave(watch) };
  }

  #leave(watch: { readonly space: WatchedSpace; builds: number }): void {
    watch.builds -= 1;
    if (watch.builds > 0) return;
    watch.space.stop();
    if (this.#watch === watch) this.#watch = null;
  }
}
