import type { PlaygroundId } from "@slipway/protocol";
import type { FileEntry, TextContent } from "../playground/playground.ts";

/** Most links of one playground that are not revoked. */
export const MAX_PLAYGROUND_LINKS = 20;

/** A link as its owner sees it: never with its address, of which only a digest is kept. */
export interface PlaygroundLinkView {
  readonly id: string;
  /** Whether it gives earlier versions away as well. */
  readonly history: boolean;
  readonly createdAt: number;
}

export interface MadePlaygroundLink extends PlaygroundLinkView {
  /** Page that shows the playground. Told once, as is the next. */
  readonly url: string;
  /** Repository for `git clone`. */
  readonly cloneUrl: string;
}

/** What the holder of a link sees. */
export interface SharedPlayground {
  readonly name: string;
  readonly savedAt: number;
  readonly files: readonly FileEntry[];
}

/** A link that is good right now. */
export interface OpenPlaygroundLink {
  readonly playgroundId: PlaygroundId;
  readonly history: boolean;
}

/** Links by which an owner lets others read, fork and clone a playground; nothing is ever written through one. */
export interface PlaygroundLinks {
  /** The caller has checked the ownership, here and in `list` and `revoke`. @throws link-limit */
  create(id: PlaygroundId, history: boolean): Promise<MadePlaygroundLink>;
  list(id: PlaygroundId): Promise<PlaygroundLinkView[]>;
  /** One that is gone already is no error. */
  revoke(id: PlaygroundId, linkId: string): Promise<void>;

  /** What a token opens; null when it is unknown or revoked, after the same time whatever the reason. */
  open(token: string): Promise<OpenPlaygroundLink | null>;
  /** @throws link-missing */
  view(token: string): Promise<SharedPlayground>;
  /** @throws link-missing, file-missing */
  readText(token: string, path: string): Promise<TextContent>;
  /** @throws link-missing */
  fork(token: string, ownerId: string): Promise<PlaygroundId>;
}
