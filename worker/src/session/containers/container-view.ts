import { SlipwayError } from "@slipway/protocol";
import { Turns } from "../turns.ts";
import type { ShownFiles } from "./shown-files.ts";

/** The files of a container at hand, until `close`. */
export interface OpenedFiles extends ShownFiles {
  /** Aborted when the container can't wait any longer for whoever has its files; they close then. */
  readonly signal: AbortSignal;
  /** Idempotent. */
  close(): void;
}

/**
 * Who reads and writes the files of one container from outside. All of them have the same mounts, which are made for the first
 * one and gone after the last one. A container that starts or ends waits for them, since its own mounts change then.
 */
export class ContainerView {
  readonly #show: () => Promise<ShownFiles>;
  readonly #hide: () => Promise<void>;
  readonly #turns = new Turns();
  readonly #users = new Set<AbortController>();
  #shown: ShownFiles | null = null;
  #left: () => void = () => {};
  /** While it is suspended: resolves, and how to resolve it, when it is resumed. */
  #resumed: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  constructor(show: () => Promise<ShownFiles>, hide: () => Promise<void>) {
    this.#show = show;
    this.#hide = hide;
  }

  /** Waits while the view is suspended. */
  async open(): Promise<OpenedFiles> {
    for (;;) {
      while (this.#resumed) await this.#resumed.promise;
      const opened = await this.#turns.take(() => this.#open());
      if (opened !== null) return opened;
    }
  }

  async #open(): Promise<OpenedFiles | null> {
    if (this.#resumed) return null;
    try {
      this.#shown ??= await this.#show();
    } catch (error) {
      await this.#hide();
      throw error;
    }
    const user = new AbortController();
    this.#users.add(user);
    return { ...this.#shown, signal: user.signal, close: () => this.#close(user) };
  }

  #close(user: AbortController): void {
    if (!this.#users.delete(user)) return;
    if (this.#users.size > 0) return;
    void this.#turns.take(() => this.#hideUnused());
    this.#left();
  }

  async #hideUnused(): Promise<void> {
    if (this.#users.size > 0 || this.#shown === null) return;
    this.#shown = null;
    await this.#hide();
  }

  /** Lets nobody in until `resume`, waits for those inside, and after `graceMs` tells them to leave. Nothing is shown then. */
  async suspend(graceMs: number): Promise<void> {
    this.#resumed ??= withResolver();
    await this.#turns.idle();
    if (this.#users.size > 0) {
      const left = new Promise<void>((resolve) => {
        this.#left = resolve;
      });
      const leave = () => {
        for (const user of this.#users) {
          user.abort(new SlipwayError("container-conflict", "The container has started or ended meanwhile."));
        }
      };
      const timer = setTimeout(leave, graceMs);
      await left;
      clearTimeout(timer);
    }
    await this.#turns.idle();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = null;
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
