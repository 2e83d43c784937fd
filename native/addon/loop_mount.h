#pragma once

#include <string>

namespace slipway {

struct LoopMountOptions {
  std::string image;
  std::string target;
  std::string type;
  /** As in mount(2)'s data, such as `discard,errors=continue`. */
  std::string data;
};

/**
 * Mounts a file system image, nosuid and nodev. The loop device is freed by the kernel together with the mount, also
 * when this process dies between the steps.
 */
void mountLoop(const LoopMountOptions& options);

/** umount2(2). `detach`: the mount vanishes at once, its file system when nobody uses it any more. */
void unmount(const std::string& target, bool detach);

/** sysfs as it looks from a network namespace, read-only, at `target`. */
void mountSysfs(const std::string& networkNamespace, const std::string& target);

}  // namespace slipway
