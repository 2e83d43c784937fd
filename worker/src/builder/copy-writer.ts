import { closeSync } from "node:fs";
import path from "node:path";
import { NativeError, openInRoot, openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { asDiskError, errnoOf } from "../content/atomic-file.ts";
import { DIRECTORY, openDirectory } from "../layer/descriptors.ts";
import { withMerged } from "../layer/merged.ts";
import { bytesOf } from "../layer/name-bytes.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildSpace } from "./build-space.ts";
import { Batches } from "./copy/batches.ts";
import type { Chmod } from "./copy/chmod.ts";
import { copiedBytes } from "./copy/copied-bytes.ts";
import type { CopyItem } from "./copy/copy-source.ts";
import { InTheWay, UpperTree } from "./copy/upper-tree.ts";
import { archiveFormOf, unpackArchive } from "./local-archive.ts";
import { type Owner, resolveOwner } from "./owner.ts";
import { breath } from "./source/breath.ts";
import { joined, parentOf, type SourceNode } from "./source/source-tree.ts";

export interface CopyTarget {
  /** Relative to the root of the image. */
  readonly path: string;
  /** True when the instruction says that it is a directory; it may be one anyway. */
  readonly isDirectory: boolean;
  readonly chown: string | null;
  readonly chmod: Chmod | null;
  /** The layer stands for itself: nothing of the image below is looked at. */
  readonly link: boolean;
}

/**
 * Copies into the snapshot, which nobody else changes meanwhile. `directory` is for files of the copy's own. What is written
 * is charged to `space` before.
 */
export async function writeCopies(
  active: ActiveSnapshot,
  items: readonly CopyItem[],
  target: CopyTarget,
  scope: Scope,
): Promise<void> {
  const base = active.lowers.length === 0 ? null : openLayers(active.lowers);
  try {
    const owner = target.chown === null ? null : resolveOwner(base, target.chown);
    const writer = new CopyWriter(active, target.link ? null : base, target, owner, scope);
    for (const item of items) await writer.copy(item);
  } catch (error) {
    throw asCopyError(error);
  } finally {
    if (base !== null) closeSync(base);
  }
}

interface Scope {
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly space: Pick<BuildSpace, "charge">;
}

class CopyWriter {
  readonly #active: ActiveSnapshot;
  readonly #below: number | null;
  readonly #target: CopyTarget;
  readonly #owner: Owner | null;
  readonly #scope: Scope;

  constructor(
    active: ActiveSnapshot,
    below: number | null,
    target: CopyTarget,
    owner: Owner | null,
    scope: Scope,
  ) {
    this.#active = active;
    this.#below = below;
    this.#target = target;
    this.#owner = owner;
    this.#scope = scope;
  }

  async copy(item: CopyItem): Promise<void> {
    if (item.unpack && (await this.#unpacked(item))) return;
    await this.#scope.space.charge(copiedBytes(item));
    const upper = new UpperTree(this.#active.upper, this.#below);
    try {
      await this.#write(item, upper, this.#destination(item, upper));
    } catch (error) {
      upper.abandon();
      throw error;
    }
    upper.close();
  }

  /** Where the item goes, links resolved; what it lies in is made. */
  #destination(item: CopyItem, upper: UpperTree): string {
    const place = upper.resolve(this.#target.path);
    const made = { mode: 0o755, uid: this.#owner?.uid ?? 0, gid: this.#owner?.gid ?? 0, mtimeSeconds: null };
    const isDirectory = item.isDirectory || this.#target.isDirectory || upper.kindOf(place) === "directory";
    upper.ensure(isDirectory ? place : parentOf(place), made);
    return item.isDirectory || !isDirectory ? place : joined(place, item.name);
  }

  async #write(item: CopyItem, upper: UpperTree, destination: string): Promise<void> {
    const batches = new Batches(item.tree, upper, this.#scope.signal);
    const pause = breath(this.#scope.signal);
    try {
      for (const { path: below, source, node, overwrites } of item.entries) {
        await pause();
        const place = joined(destination, below);
        const metadata = this.#metadata(node);
        if (node.kind !== "directory") await batches.add(place, source, node, metadata);
        else {
          batches.checkDirectory(place);
          if (overwrites) upper.directory(place, metadata);
          else upper.ensure(place, metadata);
        }
      }
      await batches.finish();
    } finally {
      await batches.close();
    }
  }

  #metadata(node: SourceNode) {
    const isDirectory = node.kind === "directory";
    return {
      mode: this.#target.chmod?.(node.mode, isDirectory) ?? node.mode,
      uid: this.#owner?.uid ?? node.uid,
      gid: this.#owner?.gid ?? node.gid,
      mtimeSeconds: node.mtimeSeconds,
    };
  }

  /** Unpacks the item into the destination when it is an archive. */
  async #unpacked(item: CopyItem): Promise<boolean> {
    const [first] = item.entries;
    if (item.isDirectory || first?.node.kind !== "file") return false;
    const form = await archiveFormOf(first.node, this.#scope.signal);
    if (form === null) return false;
    const upper = new UpperTree(this.#active.upper, this.#below);
    const place = upper.resolve(this.#target.path);
    upper.ensure(place, {
      mode: 0o755,
      uid: this.#owner?.uid ?? 0,
      gid: this.#owner?.gid ?? 0,
      mtimeSeconds: null,
    });
    upper.close();
    const unpack = (root: string) => {
      const directory = openDirectory(root);
      try {
        const destination = openInRoot(directory, place === "" ? "." : bytesOf(place), DIRECTORY);
        return unpackArchive(form, first.node, destination, {
          name: item.name,
          owner: this.#owner,
          signal: this.#scope.signal,
          charge: (bytes) => this.#scope.space.charge(bytes),
        });
      } finally {
        closeSync(directory);
      }
    };
    const active = this.#below === null ? { ...this.#active, lowers: [] } : this.#active;
    await withMerged(active, path.join(this.#scope.directory, "target"), unpack);
    return true;
  }
}

const IN_THE_WAY = new Set(["ENOTDIR", "EEXIST", "EISDIR", "ELOOP", "ENAMETOOLONG"]);

function asCopyError(error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === "ENOSPC" || errno === "EDQUOT") return asDiskError(error);
  const isInTheWay =
    error instanceof InTheWay || (error instanceof NativeError && IN_THE_WAY.has(error.code));
  if (!isInTheWay) return error;
  const destination = error.path.slice(0, 1000);
  return new SlipwayError("dockerfile-invalid", `Can't copy to "${destination}": something else is there.`, {
    params: { destination },
    cause: error,
  });
}
