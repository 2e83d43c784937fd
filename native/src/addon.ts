import { createRequire } from "node:module";
import type { NewEntry } from "./directories.ts";
import { NativeError } from "./native-error.ts";

interface OverlayLayers {
  lowers: readonly string[];
  upper: string;
  work: string;
  idRange: { firstHostId: number; size: number } | null;
  volatile: boolean;
  stageInNamespace: boolean;
}

export interface AddonApplier {
  apply(numbers: Float64Array, count: number, texts: Uint8Array, content: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  close(): void;
}

export interface AddonCopier {
  next(targetBytes: number): Promise<boolean>;
  close(): void;
}

export interface AddonPacker {
  next(targetBytes: number): Promise<Buffer | null>;
  totals(): { bytesAdded: number; added: number; changed: number; removed: number };
  close(): void;
}

/** What the binary exports; the files beside this one say what it means. */
interface Addon {
  setErrorClass(errorClass: typeof NativeError): void;
  mountOverlay(layers: OverlayLayers, target: string): Promise<void>;
  openOverlay(layers: OverlayLayers): number;
  mountLoop(options: { image: string; target: string; type: string; data: string }): Promise<void>;
  mountSysfs(networkNamespace: string, target: string): Promise<void>;
  mountBind(options: {
    source: string;
    target: string;
    idRange: { firstHostId: number; size: number } | null;
    readOnly: boolean;
  }): Promise<void>;
  mountTmpfs(target: string, bytes: number): Promise<void>;
  unmount(target: string, detach: boolean): Promise<void>;
  copySparse(from: string, to: string): Promise<void>;
  openInRoot(
    root: number,
    path: string | Uint8Array,
    flags: number,
    mode: number,
    resolve: number,
    owner: number,
  ): number;
  placeEntries(
    directory: number,
    pack: number,
    from: number,
    numbers: Float64Array,
    texts: Uint8Array,
  ): Promise<void>;
  openPipe(): [number, number];
  mkdirAt(directory: number, name: string | Uint8Array, mode: number, owner: number): void;
  mknodAt(directory: number, name: string | Uint8Array, mode: number, major: number, minor: number): void;
  symlinkAt(target: string | Uint8Array, directory: number, name: string | Uint8Array): void;
  linkAt(
    fromDirectory: number,
    fromName: string | Uint8Array,
    toDirectory: number,
    toName: string | Uint8Array,
  ): void;
  unlinkAt(directory: number, name: string | Uint8Array, isDirectory: boolean): void;
  renameAt(
    fromDirectory: number,
    fromName: string | Uint8Array,
    toDirectory: number,
    toName: string | Uint8Array,
  ): void;
  lchownAt(directory: number, name: string | Uint8Array, uid: number, gid: number): void;
  chmodAt(directory: number, name: string | Uint8Array, mode: number): void;
  utimensAt(directory: number, name: string | Uint8Array, seconds: number, nanoseconds: number): void;
  setxattrAt(directory: number, name: string | Uint8Array, key: string, value: Uint8Array): void;
  getxattrAt(directory: number, name: string | Uint8Array, key: string): Buffer | null;
  listxattrAt(directory: number, name: string | Uint8Array): string[];
  makeDirectory(directory: string, mode: number, entries: readonly NewEntry[]): Promise<void>;
  removeTree(path: string): Promise<void>;
  removeEmptyDirectories(directories: readonly string[]): Promise<string[]>;
  publishFile(temporary: string, target: string, marker: string, bytes: Uint8Array | null): Promise<void>;
  syncFile(path: string): Promise<boolean>;
  unmountAll(target: string, limit: number): Promise<void>;
  spawnProgram(file: string, args: readonly string[], descriptors: readonly number[]): Promise<number>;
  readonly TreeApplier: new (root: number, firstId: number, keepsKinds: boolean) => AddonApplier;
  readonly TreeCopier: new (from: number, to: number) => AddonCopier;
  allocateFile(file: string, bytes: number): Promise<void>;
  readonly LayerPacker: new (
    upper: number,
    lowers: readonly number[],
    maxBytes: number,
    maxEntries: number,
    lists: boolean,
    live: { name: string; as: string; firstId: number; idCount: number } | null,
  ) => AddonPacker;
  reapProgram(pid: number): Promise<number>;
  sealedCopy(file: string): number;
}

// By package name, so that it is found from these sources and from a bundle in worker/dist alike.
const require = createRequire(import.meta.url);

function load(): Addon {
  const addon = require("@slipway/native/addon") as Addon;
  addon.setErrorClass(NativeError);
  return addon;
}

export const addon = load();

/** Looks a binary up once: what Node does to find it costs more than to start it. */
function binary(name: string): () => string {
  let found: string | undefined;
  return () => {
    found ??= require.resolve(name);
    return found;
  };
}

/** Path of `slipway-shim`, which holds a terminal; see shim/. */
export const shimPath = binary("@slipway/native/shim");

/** Path of `slipway-keeper`, which keeps the streams of a container's process; see keeper/. */
export const keeperPath = binary("@slipway/native/keeper");

/** Path of `slipway-launch`, which starts an OCI runtime; see launch/launch.cc. */
export const launchPath = binary("@slipway/native/launch");
