/** A file of the playground, as far as it is here. */
export interface ContextFile {
  readonly path: string;
  /** Null for what is no text, or has not arrived yet. */
  readonly content: string | null;
}

/** An image that can be built on, and its tags. */
export interface KnownImage {
  readonly name: string;
  readonly tags: readonly string[];
}
