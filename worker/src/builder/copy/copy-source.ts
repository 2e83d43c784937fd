import type { StepScope } from "../file-step.ts";
import type { SourceTree } from "../source/source-tree.ts";
import type { Selected } from "./selection.ts";

/** One thing that a COPY copies, as it is read. */
export interface CopyItem {
  readonly tree: SourceTree;
  /** What it is called in a destination directory. */
  readonly name: string;
  /** Of a directory the content is copied, not the directory itself. */
  readonly isDirectory: boolean;
  readonly entries: readonly Selected[];
  /** Unpacks it where it is an archive. */
  readonly unpack: boolean;
}

/** One thing that a COPY copies, as far as the cache has to know it. */
export interface CopySource {
  /** What its content depends on, by path: kind, mode, owner and digest, never a time. */
  readonly files: ReadonlyMap<string, string>;
  /** True for what was had with a right that others may not have. */
  readonly isPrivate?: boolean;
  /** Gives the thing itself, when the step has to be carried out. */
  open(scope: StepScope): Promise<CopyItem>;
}
