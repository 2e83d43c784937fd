#include "overlay.h"

#include <sched.h>
#include <sys/stat.h>

#include <exception>
#include <thread>

#include "file_system_ids.h"
#include "mount_api.h"

namespace slipway {
namespace {

constexpr unsigned kMountAttributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
constexpr unsigned long kMountFlags = 2 | 4;  // MS_NOSUID | MS_NODEV of <sys/mount.h>
constexpr unsigned long kPrivateRecursive = (1UL << 18) | (1UL << 14);  // MS_PRIVATE | MS_REC

/**
 * What an upper means must not depend on kernel defaults, as it is turned into an OCI layer: no redirects, no
 * metadata-only copies, no index. Redirects found in a layer are not followed, layers are hostile.
 */
constexpr const char* kOptions[][2] = {{"redirect_dir", "nofollow"}, {"metacopy", "off"}, {"index", "off"}};

/** Detached, idmapped clones of the directories that an overlay is made of. */
struct Layers {
  std::vector<UniqueFd> lowers;
  /** The directory that holds upper and work: overlayfs wants both on one mount. */
  UniqueFd upperParent;
};

std::string parentOf(const std::string& path) { return path.substr(0, path.find_last_of('/')); }
std::string nameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

UniqueFd cloneDirectory(const std::string& path, const UniqueFd& userNamespace, bool readOnly) {
  UniqueFd tree = openTreeClone(path);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (readOnly) attributes.attr_set |= MOUNT_ATTR_RDONLY;
  if (userNamespace) {
    attributes.attr_set |= MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<__u64>(userNamespace.get());
  }
  setMountAttributes(tree, attributes, path);
  return tree;
}

Layers cloneLayers(const OverlayOptions& options) {
  UniqueFd userNamespace;
  if (options.idRange) userNamespace = userNamespaceOf(*options.idRange);
  Layers layers;
  for (const std::string& lower : options.lowers) layers.lowers.push_back(cloneDirectory(lower, userNamespace, true));
  if (!options.upper.empty()) layers.upperParent = cloneDirectory(parentOf(options.upper), userNamespace, false);
  return layers;
}

/** overlayfs takes descriptors as layers since Linux 6.13, opened ones only (O_PATH since 6.15). */
UniqueFd openDirectory(const UniqueFd& tree, const std::string& name) {
  return UniqueFd(check(::openat(tree.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat", name));
}

/** True if this kernel's overlayfs takes a descriptor for a layer: found out once. */
bool takesDescriptors(const UniqueFd& lower) {
  static const bool takes = [&] {
    UniqueFd filesystem = openFilesystem("overlay");
    UniqueFd directory = openDirectory(lower, ".");
    return ::syscall(SYS_fsconfig, filesystem.get(), FSCONFIG_SET_FD, "lowerdir+", nullptr, directory.get()) == 0;
  }();
  return takes;
}

/** The overlay as a detached mount, its layers handed over as descriptors: no path of the host appears anywhere. */
UniqueFd overlayOfDescriptors(const OverlayOptions& options, const Layers& layers) {
  UniqueFd filesystem = openFilesystem("overlay");
  setString(filesystem, "source", "overlay");
  for (const UniqueFd& lower : layers.lowers) setDescriptor(filesystem, "lowerdir+", openDirectory(lower, "."));
  if (layers.upperParent) {
    setDescriptor(filesystem, "upperdir", openDirectory(layers.upperParent, nameOf(options.upper)));
    setDescriptor(filesystem, "workdir", openDirectory(layers.upperParent, nameOf(options.work)));
  }
  for (const auto& [key, value] : kOptions) setString(filesystem, key, value);
  if (options.isVolatile) setFlag(filesystem, "volatile");
  return createMount(filesystem, "overlay", kMountAttributes);
}

void stage(const UniqueFd& mount, const std::string& name) {
  check(::mkdir(name.c_str(), 0700), "mkdir", name);
  moveMount(mount, name);
}

/**
 * The same for older kernels, whose overlayfs takes paths of attached mounts: they are attached in a mount namespace
 * of this thread's own, below a tmpfs, under names so short that 128 of them fit into mount(2)'s one page.
 */
UniqueFd overlayOfStagedMounts(const OverlayOptions& options, const Layers& layers) {
  UniqueFd home(check(::open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC), "open", "/proc/thread-self/ns/mnt"));
  check(::unshare(CLONE_NEWNS), "unshare", "CLONE_NEWNS");
  plainMount(nullptr, "/", nullptr, kPrivateRecursive, nullptr);
  // Any directory will do: the layers are open already, and only this thread sees it.
  const std::string& place = options.lowers.at(0);
  plainMount("tmpfs", place.c_str(), "tmpfs", 0, "mode=0700");
  check(::chdir(place.c_str()), "chdir", place);

  std::string data = "lowerdir=";
  for (size_t index = 0; index < layers.lowers.size(); ++index) {
    const std::string name = std::to_string(index);
    stage(layers.lowers[index], name);
    data += (index == 0 ? "" : ":") + name;
  }
  if (layers.upperParent) {
    stage(layers.upperParent, "u");
    data += ",upperdir=u/" + nameOf(options.upper) + ",workdir=u/" + nameOf(options.work);
  }
  for (const auto& [key, value] : kOptions) data += std::string(",") + key + "=" + value;
  if (options.isVolatile) data += ",volatile";
  check(::mkdir("m", 0700), "mkdir", "m");
  if (options.idRange) becomeRootOf(*options.idRange);
  plainMount("overlay", "m", "overlay", kMountFlags, data.c_str());
  UniqueFd overlay = openTreeClone("m");
  check(::setns(home.get(), CLONE_NEWNS), "setns", "CLONE_NEWNS");
  return overlay;
}

/** Runs on a thread that ends afterwards, as it changes the thread's ids and perhaps its mount namespace. */
UniqueFd overlayOnThisThread(const OverlayOptions& options) {
  // Own working directory and umask, or else a mount namespace of its own is refused.
  check(::unshare(CLONE_FS), "unshare", "CLONE_FS");
  Layers layers = cloneLayers(options);
  if (options.stageInNamespace || !takesDescriptors(layers.lowers.at(0))) {
    return overlayOfStagedMounts(options, layers);
  }
  // overlayfs makes files in its work directory as the one who mounts. On an idmapped upper the host's root has no
  // id (EOVERFLOW), the root of the range has: it is 0 on disk.
  if (options.idRange) becomeRootOf(*options.idRange);
  return overlayOfDescriptors(options, layers);
}

}  // namespace

UniqueFd makeOverlay(const OverlayOptions& options) {
  if (options.lowers.empty()) throw SyscallError("argument", "an overlay without lower layers", EINVAL);
  UniqueFd overlay;
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      overlay = overlayOnThisThread(options);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
  return overlay;
}

void mountOverlay(const OverlayOptions& options, const std::string& target) {
  moveMount(makeOverlay(options), target);
}

}  // namespace slipway
