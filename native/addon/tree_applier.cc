#include "tree_applier.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "directories.h"
#include "file_system_ids.h"
#include "resolve.h"
#include "syscall_error.h"

namespace slipway {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
/** Of directories that a tar doesn't name. */
constexpr mode_t kImplicitMode = 0755;

std::string directoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string nameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

void setTime(int parent, const std::string& name, int64_t seconds) {
  const timespec time{seconds, 0};
  const timespec times[2] = {time, time};
  check(::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW), "utimensat", name);
}

/** Runs a call that makes an entry; once more after what is in the way has been removed. */
template <typename Make, typename Clear>
int makeInPlace(const char* call, const std::string& path, Make make, Clear clear) {
  int result = make();
  if (result < 0 && errno == EEXIST) {
    clear();
    result = make();
  }
  return check(result, call, path);
}

}  // namespace

TreeApplier::TreeApplier(int root, int64_t firstId, bool keepsKinds)
    : root_(check(::fcntl(root, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")),
      firstId_(firstId),
      keepsKinds_(keepsKinds) {}

uint32_t TreeApplier::idOf(uint32_t id) const { return firstId_ < 0 ? id : static_cast<uint32_t>(firstId_) + id; }

void TreeApplier::setOwner(int parent, const std::string& name, const TreeStep& step) const {
  check(::fchownat(parent, name.c_str(), idOf(step.uid), idOf(step.gid), AT_SYMLINK_NOFOLLOW), "fchownat", step.path);
}

void TreeApplier::apply(const std::vector<TreeStep>& steps, const char* content, size_t contentLength) {
  const ScopedOwner owner(static_cast<long>(firstId_));
  for (const TreeStep& step : steps) {
    switch (step.call) {
      case TreeCall::kDirectory:
        makeDirectory(step);
        break;
      case TreeCall::kFile:
        beginFile(step);
        break;
      case TreeCall::kContent:
        if (!open_.file || step.offset > contentLength || step.length > contentLength - step.offset) {
          throw SyscallError("argument", "content of no file", EINVAL);
        }
        for (size_t written = 0; written < step.length;) {
          written += static_cast<size_t>(check(
              ::write(open_.file.get(), content + step.offset + written, step.length - written), "write", open_.step.path));
        }
        break;
      case TreeCall::kFileEnd:
        endFile();
        break;
      case TreeCall::kSymlink:
        symlink(step);
        break;
      case TreeCall::kHardLink:
        hardLink(step);
        break;
      case TreeCall::kFifo:
        fifo(step);
        break;
      case TreeCall::kRemove:
        remove(step.path);
        break;
      case TreeCall::kEmpty:
        empty(step);
        break;
    }
  }
}

void TreeApplier::finish() {
  const ScopedOwner owner(static_cast<long>(firstId_));
  for (const auto& [path, seconds] : times_) {
    try {
      const UniqueFd parent = openResolved(root_.get(), directoryOf(path), kDirectoryFlags, 0, kInRoot);
      setTime(parent.get(), nameOf(path), seconds);
    } catch (const SyscallError& error) {
      // Removed since, under another name that a link gave it.
      if (error.error() != ENOENT && error.error() != ENOTDIR) throw;
    }
  }
  times_.clear();
}

const UniqueFd& TreeApplier::parentOf(const std::string& path) {
  std::string directory = directoryOf(path);
  if (!parent_ || directory != parentPath_) {
    parent_ = ensure(directory);
    parentPath_ = std::move(directory);
  }
  return parent_;
}

/** Opens a directory of the tree, making it and those above it where they are missing. */
UniqueFd TreeApplier::ensure(const std::string& path) {
  try {
    return openResolved(root_.get(), path, kDirectoryFlags, 0, kInRoot);
  } catch (const SyscallError& error) {
    if (error.error() != ENOENT || path == ".") throw;
  }
  {
    const UniqueFd parent = ensure(directoryOf(path));
    const std::string name = nameOf(path);
    check(::mkdirat(parent.get(), name.c_str(), 0700), "mkdirat", path);
    check(::fchownat(parent.get(), name.c_str(), idOf(0), idOf(0), AT_SYMLINK_NOFOLLOW), "fchownat", path);
    check(::fchmodat(parent.get(), name.c_str(), kImplicitMode, AT_SYMLINK_NOFOLLOW), "fchmodat", path);
  }
  return openResolved(root_.get(), path, kDirectoryFlags, 0, kInRoot);
}

/** Removes an entry and all below it; a missing one is no error. Paths may lead elsewhere afterwards. */
void TreeApplier::clear(int parent, const std::string& name, const std::string& path) {
  if (keepsKinds_) {
    struct stat status;
    check(::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "fstatat", path);
    if (S_ISDIR(status.st_mode)) throw SyscallError("apply", path, EISDIR);
  }
  removeTreeAt(parent, name);
  forgetTimes(path);
  if (directoryOf(path) != parentPath_) parent_ = UniqueFd();
}

void TreeApplier::makeDirectory(const TreeStep& step) {
  const int parent = parentOf(step.path).get();
  const std::string name = nameOf(step.path);
  if (::mkdirat(parent, name.c_str(), 0700) != 0) {
    if (errno != EEXIST) throw SyscallError("mkdirat", step.path);
    struct stat status;
    check(::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "fstatat", step.path);
    if (!S_ISDIR(status.st_mode)) {
      if (keepsKinds_) throw SyscallError("apply", step.path, ENOTDIR);
      clear(parent, name, step.path);
      check(::mkdirat(parent, name.c_str(), 0700), "mkdirat", step.path);
    }
  }
  setOwner(parent, name, step);
  check(::fchmodat(parent, name.c_str(), step.mode, AT_SYMLINK_NOFOLLOW), "fchmodat", step.path);
  times_[step.path] = step.mtime;
}

void TreeApplier::beginFile(const TreeStep& step) {
  const int parent = parentOf(step.path).get();
  const std::string name = nameOf(step.path);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  open_.file = UniqueFd(makeInPlace(
      "openat", step.path, [&] { return ::openat(parent, name.c_str(), flags, 0600); },
      [&] { clear(parent, name, step.path); }));
  open_.step = step;
}

void TreeApplier::endFile() {
  if (!open_.file) throw SyscallError("argument", "the end of no file", EINVAL);
  const TreeStep& step = open_.step;
  const int file = open_.file.get();
  // In this order: a change of owner takes set-id bits and capabilities away.
  check(::fchown(file, idOf(step.uid), idOf(step.gid)), "fchown", step.path);
  check(::fchmod(file, step.mode), "fchmod", step.path);
  if (!step.text.empty()) {
    check(::fsetxattr(file, "security.capability", step.text.data(), step.text.size(), 0), "fsetxattr", step.path);
  }
  const timespec time{step.mtime, 0};
  const timespec times[2] = {time, time};
  check(::futimens(file, times), "futimens", step.path);
  open_.file = UniqueFd();
}

void TreeApplier::symlink(const TreeStep& step) {
  const int parent = parentOf(step.path).get();
  const std::string name = nameOf(step.path);
  makeInPlace(
      "symlinkat", step.path, [&] { return ::symlinkat(step.text.c_str(), parent, name.c_str()); },
      [&] { clear(parent, name, step.path); });
  setOwner(parent, name, step);
  setTime(parent, name, step.mtime);
}

void TreeApplier::hardLink(const TreeStep& step) {
  const UniqueFd from = openResolved(root_.get(), directoryOf(step.text), kDirectoryFlags, 0, kInRoot);
  const std::string fromName = nameOf(step.text);
  struct stat status;
  check(::fstatat(from.get(), fromName.c_str(), &status, AT_SYMLINK_NOFOLLOW), "fstatat", step.text);
  const int parent = parentOf(step.path).get();
  const std::string name = nameOf(step.path);
  makeInPlace(
      "linkat", step.path, [&] { return ::linkat(from.get(), fromName.c_str(), parent, name.c_str(), 0); },
      [&] { clear(parent, name, step.path); });
}

void TreeApplier::fifo(const TreeStep& step) {
  const int parent = parentOf(step.path).get();
  const std::string name = nameOf(step.path);
  makeInPlace(
      "mknodat", step.path, [&] { return ::mknodat(parent, name.c_str(), S_IFIFO | 0600, 0); },
      [&] { clear(parent, name, step.path); });
  setOwner(parent, name, step);
  check(::fchmodat(parent, name.c_str(), step.mode, AT_SYMLINK_NOFOLLOW), "fchmodat", step.path);
  setTime(parent, name, step.mtime);
}

void TreeApplier::remove(const std::string& path) {
  try {
    const UniqueFd parent = openResolved(root_.get(), directoryOf(path), kDirectoryFlags, 0, kInRoot);
    clear(parent.get(), nameOf(path), path);
  } catch (const SyscallError& error) {
    if (error.error() != ENOENT) throw;
  }
}

void TreeApplier::empty(const TreeStep& step) {
  std::vector<std::string> names;
  try {
    names = namesIn(openResolved(root_.get(), step.path, kDirectoryFlags, 0, kInRoot).get());
  } catch (const SyscallError& error) {
    if (error.error() == ENOENT || error.error() == ENOTDIR) return;
    throw;
  }
  const std::string kept = std::string(1, '\0') + step.text;
  for (const std::string& name : names) {
    const std::string framed = std::string(1, '\0') + name + std::string(1, '\0');
    if (kept.find(framed) == std::string::npos) remove(step.path == "." ? name : step.path + "/" + name);
  }
}

void TreeApplier::forgetTimes(const std::string& path) {
  times_.erase(path);
  times_.erase(times_.lower_bound(path + "/"), times_.lower_bound(path + "0"));  // '0' comes after '/'
}

}  // namespace slipway
