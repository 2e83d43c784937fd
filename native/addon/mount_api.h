#pragma once

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "syscall_error.h"
#include "unique_fd.h"

/*
 * The mount API of Linux 5.2 and 5.12 by system call number: glibc has wrappers since 2.36 only, and its
 * <sys/mount.h> cannot be included beside <linux/mount.h>, which is why mount(2) and umount2(2) are here as well.
 */
namespace slipway {

inline UniqueFd openTreeClone(const std::string& path) {
  long fd = ::syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  return UniqueFd(static_cast<int>(check(fd, "open_tree", path)));
}

inline void setMountAttributes(const UniqueFd& mount, mount_attr attributes, const std::string& subject) {
  check(::syscall(SYS_mount_setattr, mount.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes),
        "mount_setattr", subject);
}

inline void moveMount(const UniqueFd& mount, const std::string& target, unsigned flags = 0) {
  check(::syscall(SYS_move_mount, mount.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH | flags),
        "move_mount", target);
}

inline UniqueFd openFilesystem(const char* type) {
  return UniqueFd(static_cast<int>(check(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), "fsopen", type)));
}

/** fsconfig(2) with what the file system driver wrote to its log, which says more than the error number. */
inline void configureFilesystem(const UniqueFd& filesystem, unsigned command, const char* key, const char* value,
                                int auxiliary) {
  if (::syscall(SYS_fsconfig, filesystem.get(), command, key, value, auxiliary) >= 0) return;
  int error = errno;
  std::string subject = key == nullptr ? "" : std::string(key) + (value == nullptr ? "" : "=" + std::string(value));
  char line[512];
  ssize_t length;
  while ((length = ::read(filesystem.get(), line, sizeof line)) > 0) {
    subject += (subject.empty() ? "" : "; ") + std::string(line, static_cast<size_t>(length));
  }
  throw SyscallError("fsconfig", subject, error);
}

inline void setFlag(const UniqueFd& filesystem, const char* key) {
  configureFilesystem(filesystem, FSCONFIG_SET_FLAG, key, nullptr, 0);
}
inline void setString(const UniqueFd& filesystem, const char* key, const std::string& value) {
  configureFilesystem(filesystem, FSCONFIG_SET_STRING, key, value.c_str(), 0);
}
inline void setDescriptor(const UniqueFd& filesystem, const char* key, const UniqueFd& value) {
  configureFilesystem(filesystem, FSCONFIG_SET_FD, key, nullptr, value.get());
}

/** Creates the superblock and a detached mount of it. */
inline UniqueFd createMount(const UniqueFd& filesystem, const char* type, unsigned attributes) {
  configureFilesystem(filesystem, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
  return UniqueFd(static_cast<int>(
      check(::syscall(SYS_fsmount, filesystem.get(), FSMOUNT_CLOEXEC, attributes), "fsmount", type)));
}

inline void plainMount(const char* source, const char* target, const char* type, unsigned long flags,
                       const char* data) {
  check(::syscall(SYS_mount, source, target, type, flags, data), "mount", target);
}

}  // namespace slipway
