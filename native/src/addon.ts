import { createRequire } from "node:module";
import { NativeError } from "./native-error.ts";

interface OverlayLayers {
  lowers: readonly string[];
  upper: string;
  work: string;
  idRange: { firstHostId: number; size: number } | null;
  volatile: boolean;
  stageInNamespace: boolean;
}

/** What the binary exports; the files beside this one say what it means. */
interface Addon {
  setErrorClass(errorClass: typeof NativeError): void;
  mountOverlay(layers: OverlayLayers, target: string): Promise<void>;
  openOverlay(layers: OverlayLayers): number;
  mountLoop(options: { image: string; target: string; type: string; data: string }): Promise<void>;
  mountSysfs(networkNamespace: string, target: string): Promise<void>;
  unmount(target: string, detach: boolean): Promise<void>;
  copySparse(from: string, to: string): Promise<void>;
  openInRoot(root: number, path: string, flags: number, mode: number, resolve: number): number;
  openPipe(): [number, number];
  mkdirAt(directory: number, name: string, mode: number): void;
  mknodAt(directory: number, name: string, mode: number, major: number, minor: number): void;
  symlinkAt(target: string, directory: number, name: string): void;
  linkAt(fromDirectory: number, fromName: string, toDirectory: number, toName: string): void;
  unlinkAt(directory: number, name: string, isDirectory: boolean): void;
  renameAt(fromDirectory: number, fromName: string, toDirectory: number, toName: string): void;
  lchownAt(directory: number, name: string, uid: number, gid: number): void;
  chmodAt(directory: number, name: string, mode: number): void;
  utimensAt(directory: number, name: string, seconds: number, nanoseconds: number): void;
  setxattrAt(directory: number, name: string, key: string, value: Uint8Array): void;
  getxattrAt(directory: number, name: string, key: string): Buffer | null;
  listxattrAt(directory: number, name: string): string[];
}

// By package name, so that it is found from these sources and from a bundle in worker/dist alike.
const require = createRequire(import.meta.url);

function load(): Addon {
  const addon = require("@slipway/native/addon") as Addon;
  addon.setErrorClass(NativeError);
  return addon;
}

export const addon = load();

/** Path of `slipway-shim`, which holds a terminal; see shim/. */
export function shimPath(): string {
  return require.resolve("@slipway/native/shim");
}

/** Path of `slipway-launch`, which starts an OCI runtime; see launch/launch.cc. */
export function launchPath(): string {
  return require.resolve("@slipway/native/launch");
}
