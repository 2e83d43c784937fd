/** A change that the server does not have yet. */
export interface KeptEdit {
  readonly path: string;
  /** What the change began with. */
  readonly base: { readonly digest: string | null; readonly content: string };
  readonly content: string;
  readonly at: number;
}

/** Keeps what is not saved in this browser, so that it outlives the page. */
export interface KeptEdits {
  /** Replaces an earlier edit of the path. Rejects when the browser has no room or keeps nothing. */
  keep(edit: KeptEdit): Promise<void>;
  forget(path: string): Promise<void>;
  /** What pages that are gone have left; from then on it is this page's. */
  adopt(): Promise<KeptEdit[]>;
}
