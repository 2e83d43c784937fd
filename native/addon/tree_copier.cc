#include "tree_copier.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "directories.h"
#include "resolve.h"
#include "syscall_error.h"

namespace slipway {
namespace {

/** As the packer's: each level holds two descriptors while it is copied. */
constexpr size_t kMaxDepth = 1024;
/** Fits into the caches of a core. */
constexpr size_t kBufferBytes = 256 * 1024;
/** What an entry costs beside its content, in bytes that are copied. */
constexpr int64_t kEntryBytes = 4096;
constexpr int64_t kBlockBytes = 512;
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr uint64_t kNoLinks = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

/** Labels of security modules belong to a place, not to a file. */
bool isKept(const char* name) {
  return std::strncmp(name, "security.", 9) != 0 || std::strcmp(name, "security.capability") == 0;
}

void copyAttributes(int from, int to, const std::string& path) {
  // Nearly no file has any: one call says so.
  ssize_t length = ::flistxattr(from, nullptr, 0);
  if (length == 0 || (length < 0 && errno == EOPNOTSUPP)) return;
  check(length, "flistxattr", path);
  std::string names(static_cast<size_t>(length), '\0');
  names.resize(static_cast<size_t>(check(::flistxattr(from, names.data(), names.size()), "flistxattr", path)));
  std::vector<char> value;
  for (size_t at = 0; at < names.size(); at += std::strlen(names.c_str() + at) + 1) {
    const char* name = names.c_str() + at;
    if (!isKept(name)) continue;
    value.resize(static_cast<size_t>(check(::fgetxattr(from, name, nullptr, 0), "fgetxattr", path)));
    const ssize_t size = check(::fgetxattr(from, name, value.data(), value.size()), "fgetxattr", path);
    check(::fsetxattr(to, name, value.data(), static_cast<size_t>(size), 0), "fsetxattr", path);
  }
}

/** In this order: a change of owner takes set-id bits and capabilities away, and all of it is a change. */
void copyMetadata(int from, int to, const struct stat& status, const std::string& path) {
  check(::fchown(to, status.st_uid, status.st_gid), "fchown", path);
  check(::fchmod(to, status.st_mode & 07777), "fchmod", path);
  copyAttributes(from, to, path);
  const timespec times[2] = {status.st_atim, status.st_mtim};
  check(::futimens(to, times), "futimens", path);
}

/** For what can't be opened: symbolic links, whiteouts, pipes, sockets. */
void copyNodeMetadata(int to, const std::string& name, const struct stat& status, const std::string& path) {
  check(::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), "fchownat", path);
  if (!S_ISLNK(status.st_mode)) {
    check(::fchmodat(to, name.c_str(), status.st_mode & 07777, AT_SYMLINK_NOFOLLOW), "fchmodat", path);
  }
  const timespec times[2] = {status.st_atim, status.st_mtim};
  check(::utimensat(to, name.c_str(), times, AT_SYMLINK_NOFOLLOW), "utimensat", path);
}

void makeSymlink(int from, int to, const std::string& name, const std::string& path) {
  char target[PATH_MAX + 1];
  const ssize_t length = check(::readlinkat(from, name.c_str(), target, sizeof target - 1), "readlinkat", path);
  target[length] = '\0';
  check(::symlinkat(target, to, name.c_str()), "symlinkat", path);
}

}  // namespace

TreeCopier::TreeCopier(int from, int to)
    : root_(check(::fcntl(to, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")), buffer_(kBufferBytes) {
  enter(UniqueFd(check(::fcntl(from, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")),
        UniqueFd(check(::fcntl(to, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")), "");
}

bool TreeCopier::next(int64_t target) {
  for (int64_t done = 0; done < target;) {
    if (source_) {
      done += copyContent(target - done);
    } else if (levels_.empty()) {
      return false;
    } else if (levels_.back().next == levels_.back().names.size()) {
      leave();
    } else {
      copyEntry();
      done += kEntryBytes;
    }
  }
  return true;
}

void TreeCopier::enter(UniqueFd from, UniqueFd to, std::string prefix) {
  struct stat status;
  check(::fstat(from.get(), &status), "fstat", prefix);
  std::vector<std::string> names = namesIn(from.get());
  levels_.push_back({std::move(from), std::move(to), std::move(prefix), std::move(names), 0, status});
}

/** A directory's times come last, as each entry changes them. */
void TreeCopier::leave() {
  const Level& level = levels_.back();
  copyMetadata(level.from.get(), level.to.get(), level.status, level.prefix);
  levels_.pop_back();
}

void TreeCopier::copyEntry() {
  Level& level = levels_.back();
  const std::string name = level.names[level.next++];
  const std::string path = level.prefix + name;
  struct stat status;
  check(::fstatat(level.from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "fstatat", path);
  if (!S_ISDIR(status.st_mode)) {
    if (status.st_nlink > 1 && linkToFirst(level, name, path, status)) return;
    if (S_ISREG(status.st_mode)) return copyFile(level, name, path, status);
    return copyNode(level, name, path, status);
  }
  if (levels_.size() > kMaxDepth) throw SyscallError("copy", path, ELOOP);
  UniqueFd from(check(::openat(level.from.get(), name.c_str(), kDirectoryFlags), "openat", path));
  check(::mkdirat(level.to.get(), name.c_str(), 0700), "mkdirat", path);
  UniqueFd to(check(::openat(level.to.get(), name.c_str(), kDirectoryFlags), "openat", path));
  enter(std::move(from), std::move(to), path + "/");
}

void TreeCopier::copyFile(Level& level, const std::string& name, const std::string& path, const struct stat& status) {
  UniqueFd source(
      check(::openat(level.from.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), "openat", path));
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd sink(check(::openat(level.to.get(), name.c_str(), flags, 0600), "openat", path));
  source_ = std::move(source);
  sink_ = std::move(sink);
  path_ = path;
  status_ = status;
  at_ = 0;
  // A file whose blocks hold all of it has no holes that are worth looking for.
  dataEnd_ = status.st_blocks * kBlockBytes >= status.st_size ? status.st_size : 0;
}

void TreeCopier::copyNode(const Level& level, const std::string& name, const std::string& path,
                          const struct stat& status) {
  const bool isDevice = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
  const bool isWhiteout = S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
  if (isDevice && !isWhiteout) return;
  if (S_ISLNK(status.st_mode)) {
    makeSymlink(level.from.get(), level.to.get(), name, path);
  } else {
    check(::mknodat(level.to.get(), name.c_str(), (status.st_mode & S_IFMT) | 0600, 0), "mknodat", path);
  }
  copyNodeMetadata(level.to.get(), name, status, path);
}

/** True where the file has been copied under another name, and has this one too now. */
bool TreeCopier::linkToFirst(const Level& level, const std::string& name, const std::string& path,
                             const struct stat& status) {
  const auto [first, isNew] = links_.try_emplace({status.st_dev, status.st_ino}, path);
  if (isNew) return false;
  const std::string& known = first->second;
  const size_t slash = known.find_last_of('/');
  const UniqueFd directory = openResolved(root_.get(), slash == std::string::npos ? "." : known.substr(0, slash),
                                          O_RDONLY | O_DIRECTORY, 0, kNoLinks);
  const std::string firstName = slash == std::string::npos ? known : known.substr(slash + 1);
  if (::linkat(directory.get(), firstName.c_str(), level.to.get(), name.c_str(), 0) == 0) return true;
  // A device was left out, and has no first name here.
  if (errno == ENOENT && !S_ISREG(status.st_mode)) return false;
  throw SyscallError("linkat", path);
}

/** Bytes that were copied; at the end of the file it gets its metadata. */
int64_t TreeCopier::copyContent(int64_t target) {
  if (at_ == dataEnd_ && at_ < status_.st_size) {
    const off_t start = ::lseek(source_.get(), at_, SEEK_DATA);
    if (start < 0 && errno != ENXIO) throw SyscallError("lseek", path_);
    at_ = start < 0 ? status_.st_size : start;
    dataEnd_ = start < 0 ? at_ : check(::lseek(source_.get(), start, SEEK_HOLE), "lseek", path_);
  }
  int64_t copied = 0;
  while (at_ < dataEnd_ && copied < target) copied += copyBytes(std::min(target - copied, dataEnd_ - at_));
  if (at_ >= status_.st_size) endFile();
  return copied;
}

int64_t TreeCopier::copyBytes(int64_t target) {
  const size_t wanted = std::min(static_cast<size_t>(target), buffer_.size());
  const ssize_t count = check(::pread(source_.get(), buffer_.data(), wanted, at_), "pread", path_);
  if (count == 0) throw SyscallError("pread", path_, EIO);
  for (ssize_t written = 0; written < count;) {
    written += check(::pwrite(sink_.get(), buffer_.data() + written, static_cast<size_t>(count - written), at_ + written),
                     "pwrite", path_);
  }
  at_ += count;
  return count;
}

void TreeCopier::endFile() {
  // The last hole.
  if (status_.st_blocks * kBlockBytes < status_.st_size) {
    check(::ftruncate(sink_.get(), status_.st_size), "ftruncate", path_);
  }
  copyMetadata(source_.get(), sink_.get(), status_, path_);
  source_ = UniqueFd();
  sink_ = UniqueFd();
}

}  // namespace slipway
