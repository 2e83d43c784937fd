#include "loop_mount.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <exception>
#include <thread>

#include "mount_api.h"

namespace slipway {
namespace {

constexpr unsigned long kNoSuidNoDev = 2 | 4;  // MS_NOSUID | MS_NODEV of <sys/mount.h>
constexpr int kUmountDetach = 2;               // MNT_DETACH
constexpr int kUmountNoFollow = 8;             // UMOUNT_NOFOLLOW
constexpr int kLoopMajor = 7;
/** Others may take the free device between asking and configuring. */
constexpr int kAttachAttempts = 64;

std::string deviceOf(int number) { return "/dev/loop" + std::to_string(number); }

UniqueFd openDevice(int number) {
  const std::string path = deviceOf(number);
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    // A container's own /dev shows no devices that were made after it.
    ::mknod(path.c_str(), S_IFBLK | 0600, makedev(kLoopMajor, static_cast<unsigned>(number)));
    fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  }
  return UniqueFd(check(fd, "open", path));
}

struct LoopDevice {
  UniqueFd fd;
  std::string path;
};

LoopDevice attach(const std::string& image) {
  UniqueFd file(check(::open(image.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW), "open", image));
  UniqueFd control(check(::open("/dev/loop-control", O_RDWR | O_CLOEXEC), "open", "/dev/loop-control"));
  loop_config config{};
  config.fd = static_cast<__u32>(file.get());
  // Direct: what is written would be kept a second time, as page cache of the image, in nobody's limit of memory. Where the
  // image's file system can't, the kernel goes without.
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  for (int attempt = 0;; ++attempt) {
    int number = check(::ioctl(control.get(), LOOP_CTL_GET_FREE), "ioctl(LOOP_CTL_GET_FREE)");
    UniqueFd device = openDevice(number);
    if (::ioctl(device.get(), LOOP_CONFIGURE, &config) == 0) return {std::move(device), deviceOf(number)};
    if (errno != EBUSY || attempt == kAttachAttempts) throw SyscallError("ioctl(LOOP_CONFIGURE)", image);
  }
}

}  // namespace

void mountLoop(const LoopMountOptions& options) {
  LoopDevice device = attach(options.image);
  plainMount(device.path.c_str(), options.target.c_str(), options.type.c_str(), kNoSuidNoDev, options.data.c_str());
}

void unmount(const std::string& target, bool detach) {
  int flags = kUmountNoFollow | (detach ? kUmountDetach : 0);
  check(::syscall(SYS_umount2, target.c_str(), flags), "umount2", target);
}

void mountSysfs(const std::string& networkNamespace, const std::string& target) {
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      UniqueFd network(check(::open(networkNamespace.c_str(), O_RDONLY | O_CLOEXEC), "open", networkNamespace));
      check(::setns(network.get(), CLONE_NEWNET), "setns", networkNamespace);
      UniqueFd filesystem = openFilesystem("sysfs");
      setString(filesystem, "source", "sysfs");
      moveMount(createMount(filesystem, "sysfs",
                            MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC),
                target);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace slipway
