export { keeperPath, launchPath, shimPath } from "./addon.ts";
export {
  makeDirectory,
  type NewEntry,
  type PublishedFile,
  publishFile,
  removeEmptyDirectories,
  removeTree,
  syncFile,
} from "./directories.ts";
export {
  chmodAt,
  getxattrAt,
  lchownAt,
  linkAt,
  listxattrAt,
  mkdirAt,
  mknodAt,
  type Name,
  O_PATH,
  openInRoot,
  openPipe,
  type Resolution,
  renameAt,
  setxattrAt,
  symlinkAt,
  unlinkAt,
  utimensAt,
} from "./entries.ts";
export { LayerPacker, type LiveTree, type PackOptions, type PackTotals } from "./layer-packer.ts";
export {
  type BindMount,
  copySparse,
  type LoopMount,
  type MappedRange,
  mountBind,
  mountLoop,
  mountOverlay,
  mountSysfs,
  mountTmpfs,
  type OverlayMount,
  openLayers,
  unmount,
  unmountAll,
} from "./mounts.ts";
export { NativeError } from "./native-error.ts";
export { type PlacedEntry, placeEntries } from "./placement.ts";
export { reapProgram, sealedCopy, spawnProgram } from "./programs.ts";
export { type ApplierOptions, type EntryMetadata, TreeApplier, TreeSteps } from "./tree-applier.ts";
export { allocateFile, copyTree } from "./tree-copier.ts";
