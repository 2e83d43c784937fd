#include "plain_mounts.h"

#include "mount_api.h"

namespace slipway {

void mountBind(const BindOptions& options) {
  UniqueFd tree = openTreeClone(options.source);
  UniqueFd userNamespace;
  mount_attr attributes{};
  // Or else what is mounted in it later would appear at the source as well.
  attributes.propagation = 1UL << 18;  // MS_PRIVATE of <sys/mount.h>
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (options.readOnly) attributes.attr_set |= MOUNT_ATTR_RDONLY;
  if (options.idRange) {
    userNamespace = userNamespaceOf(*options.idRange);
    attributes.attr_set |= MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<__u64>(userNamespace.get());
  }
  setMountAttributes(tree, attributes, options.source);
  // A target may be /proc/self/fd/…, which is what somebody has opened before.
  moveMount(tree, options.target, MOVE_MOUNT_T_SYMLINKS);
}

void mountTmpfs(const std::string& target, int64_t bytes) {
  UniqueFd filesystem = openFilesystem("tmpfs");
  setString(filesystem, "source", "tmpfs");
  setString(filesystem, "mode", "0711");
  setString(filesystem, "size", std::to_string(bytes));
  moveMount(createMount(filesystem, "tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC), target);
}

}  // namespace slipway
