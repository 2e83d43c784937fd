/**
 * Keeps what people entrust to Slipway so that the database alone, a backup or a log of its statements, gives nothing of it
 * away. A sealed text opens only with the key that sealed it and only in the context that it was sealed for, so one that
 * was moved to another row opens nowhere.
 */
export interface Vault {
  /** `context` names the place that the text is for; two seals of one text differ. */
  seal(plain: string, context: string): string;
  /** Null when the key is not here any more, or the text was changed or belongs to another context. */
  open(sealed: string, context: string): string | null;
  /** Whether the present key sealed it; what an earlier one sealed should be sealed again. */
  isCurrent(sealed: string): boolean;
}
