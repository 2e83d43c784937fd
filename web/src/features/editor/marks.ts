import type { SourceRange } from "@slipway/protocol";

/** Something said about a place in the open file. */
export interface Mark {
  readonly severity: "error" | "warning";
  readonly range: SourceRange;
  readonly text: string;
}

/** A wish to see a range; `wish` differs from the last one's, so that the same range can be wished for again. */
export interface Reveal {
  readonly range: SourceRange;
  readonly wish: number;
}
