#include "directories.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "resolve.h"
#include "syscall_error.h"
#include "unique_fd.h"

/* <sys/mount.h> cannot be included beside <linux/mount.h>; only one call of it is needed. */
extern "C" int umount2(const char* target, int flags) noexcept;

namespace slipway {
namespace {

constexpr int kDetach = 2;  // MNT_DETACH
constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/** Descriptors that one removal may hold: one per level. */
constexpr int kMaxDepth = 2048;

void writeAll(const UniqueFd& file, const std::string& content, const std::string& name) {
  for (size_t written = 0; written < content.size();) {
    written += static_cast<size_t>(
        check(::write(file.get(), content.data() + written, content.size() - written), "write", name));
  }
}

void makeEntry(const UniqueFd& parent, const NewEntry& entry) {
  if (entry.isDirectory) {
    check(::mkdirat(parent.get(), entry.name.c_str(), 0700), "mkdirat", entry.name);
    check(::fchmodat(parent.get(), entry.name.c_str(), entry.mode, 0), "fchmodat", entry.name);
    return;
  }
  UniqueFd file(check(::openat(parent.get(), entry.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                      "openat", entry.name));
  writeAll(file, entry.content, entry.name);
  check(::fchmod(file.get(), entry.mode), "fchmod", entry.name);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

void removeContent(UniqueFd directory, int depth);

void removeEntry(int parent, const char* name, int depth) {
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR) throw SyscallError("unlinkat", name);
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return;
  if (errno != ENOTEMPTY && errno != EEXIST) throw SyscallError("unlinkat", name);
  if (depth == kMaxDepth) throw SyscallError("unlinkat", name, ELOOP);
  removeContent(openResolved(parent, name, kDirectory, 0, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS), depth + 1);
  check(::unlinkat(parent, name, AT_REMOVEDIR), "unlinkat", name);
}

void removeContent(UniqueFd directory, int depth) {
  const int descriptor = directory.release();
  std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(descriptor));
  if (!entries) throw SyscallError("fdopendir", "");
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") removeEntry(descriptor, name.c_str(), depth);
  }
}

}  // namespace

void makeDirectory(const std::string& directory, mode_t mode, const std::vector<NewEntry>& entries) {
  check(::mkdir(directory.c_str(), 0700), "mkdir", directory);
  UniqueFd parent(check(::open(directory.c_str(), kDirectory), "open", directory));
  check(::fchmod(parent.get(), mode), "fchmod", directory);
  for (const NewEntry& entry : entries) makeEntry(parent, entry);
}

void removeTree(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return;
  if (errno != EISDIR) throw SyscallError("unlink", path);
  UniqueFd directory(check(::open(path.c_str(), kDirectory), "open", path));
  struct statx status {};
  check(::statx(directory.get(), "", AT_EMPTY_PATH, STATX_TYPE, &status), "statx", path);
  if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) throw SyscallError("statx", path, EBUSY);
  removeContent(std::move(directory), 0);
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) throw SyscallError("rmdir", path);
}

void removeTreeAt(int parent, const std::string& name) { removeEntry(parent, name.c_str(), 0); }

std::vector<std::string> namesIn(int directory) {
  // A descriptor of its own, as closedir(3) closes the one that it was given.
  UniqueFd copy(check(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat", "."));
  std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(copy.get()));
  if (!stream) throw SyscallError("fdopendir", "");
  copy.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) throw SyscallError("readdir", "");
  return names;
}

std::vector<std::string> removeEmptyDirectories(const std::vector<std::string>& directories) {
  std::vector<std::string> left;
  for (const std::string& directory : directories) {
    if (::rmdir(directory.c_str()) == 0 || errno == ENOENT || errno == ENODEV) continue;
    if (errno != EBUSY && errno != ENOTEMPTY) throw SyscallError("rmdir", directory);
    left.push_back(directory);
  }
  return left;
}

void unmountAll(const std::string& target, int limit) {
  for (int count = 0; count <= limit; ++count) {
    if (::umount2(target.c_str(), kDetach) == 0) continue;
    if (errno == EINVAL || errno == ENOENT) return;
    throw SyscallError("umount2", target);
  }
  throw SyscallError("umount2", target, ELOOP);
}

}  // namespace slipway
