import type { BuildId, PlaygroundId, SessionId } from "@slipway/protocol";

/**
 * Who owns what. Each question answers null both for what does not exist and for what belongs to someone else, so that a
 * stranger learns nothing from the difference.
 */
export interface Ownership {
  playground(ownerId: string, id: string): Promise<PlaygroundId | null>;
  build(ownerId: string, id: string): Promise<BuildId | null>;
  session(ownerId: string, id: string): Promise<SessionId | null>;
}
