import type { Topic } from "@slipway/dockerfile";

/** What the editor tells of a word in a Dockerfile, in texts of our own. */
export interface Explanation {
  readonly text: string;
  /** A line or two as one would write them. */
  readonly example?: string;
}

export type Docs = Readonly<Record<Topic, Explanation>>;
