import type { WireError } from "@slipway/protocol";
import type { KeptEdits } from "./kept-edits.ts";
import type { MergeTexts } from "./merge-texts.ts";

/** A file or folder as the server lists it; a folder has no digest. */
export interface ListedFile {
  readonly path: string;
  readonly digest: string | null;
  readonly bytes: number;
  readonly isText: boolean;
}

/** Two texts of one file that were changed in the same lines. */
export interface Conflict {
  /** The other text; null where it is no text any more. */
  readonly theirs: string | null;
  /** Both, with marks around the lines where they differ; null where there is no other text. */
  readonly marked: string | null;
}

export interface Draft extends ListedFile {
  /** Null until it is opened, and for folders and what is no text. */
  readonly content: string | null;
  /** Grows when the content changes by something else than `edit`. */
  readonly outside: number;
  readonly conflict: Conflict | null;
}

export type SaveState =
  | { readonly state: "saved" }
  | { readonly state: "unsaved" }
  | { readonly state: "saving" }
  /** No connection; `kept`: what is not saved will be here after the page is closed. */
  | { readonly state: "offline"; readonly kept: boolean }
  | { readonly state: "conflict"; readonly path: string }
  | { readonly state: "failed"; readonly error: WireError };

export interface DraftsSnapshot {
  /** Sorted by path. */
  readonly files: readonly Draft[];
  readonly save: SaveState;
}

export type Theirs =
  | { readonly kind: "gone" }
  | { readonly kind: "file"; readonly digest: string; readonly content: string | null };

export type SaveAnswer =
  | { readonly outcome: "saved"; readonly digest: string }
  | { readonly outcome: "conflict"; readonly theirs: Theirs };

export interface FileNews {
  readonly whole: boolean;
  readonly changed: readonly ListedFile[];
  readonly removed: readonly string[];
}

export interface DraftsOptions {
  readonly server: {
    save(path: string, content: string, base: string | null, keep: boolean): Promise<SaveAnswer>;
    read(path: string): Promise<{ readonly digest: string; readonly content: string }>;
    createFolder(path: string): Promise<unknown>;
    remove(path: string): Promise<unknown>;
    move(from: string, to: string): Promise<unknown>;
  };
  readonly kept: KeptEdits;
  /** Its code is loaded when the first texts have to be merged. */
  readonly merge: () => Promise<MergeTexts>;
  readonly wireErrorOf: (thrown: unknown) => WireError;
  /** Whether there was no answer at all. */
  readonly isUnreachable: (thrown: unknown) => boolean;
  /** Longest text that is saved, bytes. */
  readonly textBytes: number;
  /** Calls back after `ms`; answers how to call it off. */
  readonly schedule: (ms: number, run: () => void) => () => void;
}
