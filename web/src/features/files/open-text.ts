import type { Conflict, ListedFile } from "./draft.ts";

/** A text that is open: what the server has, as far as we know, and what the person has. */
export interface OpenText {
  /** What the person's changes began with; without a digest where the server has no such file. */
  base: { readonly digest: string | null; readonly content: string };
  content: string;
  outside: number;
  conflict: (Conflict & { readonly digest: string }) | null;
}

export const opened = (digest: string | null, content: string): OpenText => ({
  base: { digest, content },
  content,
  outside: 0,
  conflict: null,
});

/** Whether the server lacks something of it. */
export const isDirty = ({ base, content }: OpenText): boolean =>
  base.digest === null || content !== base.content;

export const conflictOf = ({ conflict }: OpenText): Conflict | null =>
  conflict && { theirs: conflict.theirs, marked: conflict.marked };

export const folder = (path: string): ListedFile => ({ path, digest: null, bytes: 0, isText: false });

/** A file that the server does not know yet. */
export const newFile = (path: string): ListedFile => ({ path, digest: "", bytes: 0, isText: true });
