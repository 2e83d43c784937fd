export { launchPath, shimPath } from "./addon.ts";
export {
  chmodAt,
  getxattrAt,
  lchownAt,
  linkAt,
  listxattrAt,
  mkdirAt,
  mknodAt,
  openInRoot,
  openPipe,
  type Resolution,
  renameAt,
  setxattrAt,
  symlinkAt,
  unlinkAt,
  utimensAt,
} from "./entries.ts";
export {
  copySparse,
  type LoopMount,
  type MappedRange,
  mountLoop,
  mountOverlay,
  mountSysfs,
  type OverlayMount,
  openLayers,
  unmount,
} from "./mounts.ts";
export { NativeError } from "./native-error.ts";
