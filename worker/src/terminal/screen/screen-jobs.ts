import type { TerminalSize } from "@slipway/protocol";

/*
 * The words between the worker and the thread that holds the emulators. A job moves the picture of one terminal on; the
 * thread forgets emulators when it has too many and then asks for the picture to begin with.
 */

/** Output that changes a picture, and the sizes that came in between. */
export interface Portion {
  readonly data: Uint8Array;
  /** `offset`: number of bytes of `data` before it, ascending. */
  readonly sizes: readonly { readonly offset: number; readonly size: TerminalSize }[];
}

export interface Base {
  readonly size: TerminalSize;
  readonly data: Uint8Array;
}

export interface JobRequest {
  readonly job: number;
  readonly terminal: string;
  /** Which picture it stands on; rises with every job of the terminal. */
  readonly version: number;
  /** Null in the hope that the thread still has the emulator. */
  readonly base: Base | null;
  readonly portion: Portion;
}

/** The next picture. */
export interface Advanced {
  readonly size: TerminalSize;
  readonly data: Uint8Array;
  /** Bytes of the portion that are in it; the rest is the beginning of something. */
  readonly consumed: number;
  /** Whether lines of plain text would do nothing but scroll everything else away. */
  readonly scrollsFreely: boolean;
}

export type JobReply =
  | { readonly job: number; readonly kind: "advanced"; readonly advanced: Advanced }
  | { readonly job: number; readonly kind: "base-wanted" }
  | { readonly job: number; readonly kind: "failed"; readonly message: string };
