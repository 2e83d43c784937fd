#include "layer_packer.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "directories.h"
#include "syscall_error.h"

namespace slipway {
namespace {

constexpr const char* kWhiteoutPrefix = ".wh.";
constexpr const char* kOpaqueWhiteout = ".wh..wh..opq";
/** Directories within directories that a layer may have: each holds a descriptor while it is walked. */
constexpr size_t kMaxDepth = 1024;
/** Larger than any capability set (struct vfs_ns_cap_data) and any redirect that matters here. */
constexpr size_t kAttributeBytes = 256;

[[noreturn]] void refuse(const std::string& path, int error) { throw SyscallError("pack", path, error); }

std::vector<std::string> sortedNames(int directory) {
  std::vector<std::string> names = namesIn(directory);
  std::sort(names.begin(), names.end());
  return names;
}

/** An attribute of an open file; empty when there is none. */
std::string attributeOf(const UniqueFd& file, const char* name) {
  char value[kAttributeBytes];
  const ssize_t length = ::fgetxattr(file.get(), name, value, sizeof value);
  if (length < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return "";
  // Longer than anything that is understood here is as good as anything.
  if (length < 0 && errno == ERANGE) return std::string(kAttributeBytes, '?');
  return std::string(value, static_cast<size_t>(check(length, "fgetxattr", name)));
}

bool linkTargetOf(const UniqueFd& directory, const std::string& name, std::string& target) {
  char buffer[PATH_MAX];
  const ssize_t length = ::readlinkat(directory.get(), name.c_str(), buffer, sizeof buffer);
  if (length >= 0) target.assign(buffer, static_cast<size_t>(length));
  return length >= 0;
}

TarHeader headerOf(const std::string& path, const struct stat& status) {
  TarHeader header;
  header.path = path;
  header.mode = status.st_mode & 07777;
  header.uid = status.st_uid;
  header.gid = status.st_gid;
  header.mtimeSeconds = status.st_mtim.tv_sec;
  return header;
}

TarHeader whiteout(const std::string& path) {
  TarHeader header;
  header.path = path;
  return header;
}

/** What an id outside of the container's range is in it (user_namespaces(7)). */
constexpr uint32_t kOverflowId = 65534;

}  // namespace

LayerPacker::LayerPacker(int upper, const std::vector<int>& lowers, PackLimits limits, PackForm form,
                         std::optional<LiveTree> live)
    : limits_(limits), form_(form), live_(std::move(live)) {
  for (int lower : lowers) {
    lowers_.emplace_back(check(::fcntl(lower, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC"));
  }
  enter(UniqueFd(check(::fcntl(upper, F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC")), "", true);
  if (live_ && !live_->name.empty()) levels_.back().names = {live_->name};
}

bool LayerPacker::fill(std::string& chunk, size_t target) {
  if (ended_) return false;
  while (chunk.size() < target) {
    if (file_) {
      packContent(chunk, target);
    } else if (levels_.empty()) {
      ended_ = true;
      if (form_ == PackForm::kList) return !chunk.empty();
      if (totals_.entries == 0 && !live_) return false;
      appendTarEnd(chunk);
      return true;
    } else if (levels_.back().next == levels_.back().names.size()) {
      levels_.pop_back();
    } else {
      packNext(chunk);
    }
  }
  return true;
}

void LayerPacker::enter(UniqueFd directory, std::string prefix, bool existedBelow) {
  std::vector<std::string> names = sortedNames(directory.get());
  levels_.push_back({std::move(directory), std::move(prefix), std::move(names), 0, existedBelow});
}

/** Writes an entry down; `change` is what it does to what lies below. */
void LayerPacker::append(std::string& chunk, const TarHeader& header, char change) {
  if (form_ == PackForm::kTar) return appendTarHeader(chunk, header);
  chunk += change;
  chunk += header.path;
  chunk += '\0';
}

uint32_t LayerPacker::idOf(uint32_t id) const {
  if (!live_) return id;
  return id - live_->firstId < live_->idCount ? id - live_->firstId : kOverflowId;
}

/** True at the entry of a live tree that all others are below. */
bool LayerPacker::isNamed() const { return live_ && !live_->name.empty() && levels_.size() == 1; }

/** After a call that failed: true for what others have taken away meanwhile. */
bool LayerPacker::isGone() const {
  return live_ && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO || errno == ESTALE);
}

void LayerPacker::count(const std::string& path, int64_t bytes) {
  totals_.bytesAdded += bytes;
  if (totals_.bytesAdded > limits_.maxBytes) refuse(path, EFBIG);
}

void LayerPacker::packNext(std::string& chunk) {
  Level& level = levels_.back();
  const std::string name = level.names[level.next++];
  const std::string path = level.prefix + (isNamed() ? live_->as : name);
  if (++totals_.entries > limits_.maxEntries) refuse(path, E2BIG);
  if (!live_ && name.starts_with(kWhiteoutPrefix)) refuse(path, EINVAL);
  struct stat status;
  if (::fstatat(level.directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (isGone()) return;
    throw SyscallError("fstatat", path);
  }
  TarHeader header = headerOf(path, status);
  header.uid = idOf(header.uid);
  header.gid = idOf(header.gid);
  // `level` is no longer there after a directory was entered.
  if (S_ISDIR(status.st_mode)) return packDirectory(chunk, level, name, std::move(header));
  if (!live_ && S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0)) {
    totals_.removed += 1;
    append(chunk, form_ == PackForm::kList ? header : whiteout(level.prefix + kWhiteoutPrefix + name), 'D');
    return;
  }
  const bool isChange = level.existedBelow && below(path) != Below::kNothing;
  (isChange ? totals_.changed : totals_.added) += 1;
  const char change = isChange ? 'C' : 'A';
  if (S_ISREG(status.st_mode)) {
    if (form_ == PackForm::kTar) return packFile(chunk, level, name, std::move(header), status);
    const bool isOtherName = status.st_nlink > 1 && !links_.try_emplace({status.st_dev, status.st_ino}, path).second;
    if (!isOtherName) count(path, status.st_size);
    append(chunk, header, change);
  } else if (S_ISLNK(status.st_mode)) {
    header.type = TarType::kSymlink;
    if (form_ == PackForm::kTar && !linkTargetOf(level.directory, name, header.linkTarget)) {
      if (isGone()) return;
      throw SyscallError("readlinkat", path);
    }
    append(chunk, header, change);
  } else if (S_ISFIFO(status.st_mode)) {
    header.type = TarType::kFifo;
    append(chunk, header, change);
  }
  // Sockets mean nothing without their process, and devices can't be made in a container.
}

void LayerPacker::packDirectory(std::string& chunk, Level& level, const std::string& name, TarHeader header) {
  const std::string path = header.path;
  if (levels_.size() > kMaxDepth) refuse(path, ELOOP);
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd directory(::openat(level.directory.get(), name.c_str(), flags));
  if (!directory) {
    if (isGone()) return;
    throw SyscallError("openat", path);
  }
  if (!attributeOf(directory, "trusted.overlay.redirect").empty()) refuse(path, EXDEV);
  const Below found = level.existedBelow ? below(path) : Below::kNothing;
  const bool existedBelow = found == Below::kDirectory;
  if (!existedBelow) (found == Below::kNothing ? totals_.added : totals_.changed) += 1;
  header.type = TarType::kDirectory;
  if (form_ == PackForm::kTar) header.path += '/';
  append(chunk, header, found == Below::kNothing ? 'A' : 'C');
  if (form_ == PackForm::kList) {
    header.path += '/';
  } else if (attributeOf(directory, "trusted.overlay.opaque") == "y") {
    appendTarHeader(chunk, whiteout(header.path + kOpaqueWhiteout));
  }
  enter(std::move(directory), std::move(header.path), existedBelow);
}

void LayerPacker::packFile(std::string& chunk, const Level& level, const std::string& name, TarHeader header,
                           const struct stat& status) {
  if (status.st_nlink > 1) {
    const auto [first, isNew] = links_.try_emplace({status.st_dev, status.st_ino}, header.path);
    if (!isNew) {
      header.type = TarType::kLink;
      header.linkTarget = first->second;
      appendTarHeader(chunk, header);
      return;
    }
  }
  count(header.path, status.st_size);
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd file(::openat(level.directory.get(), name.c_str(), flags));
  if (!file) {
    if (isGone()) return;
    throw SyscallError("openat", header.path);
  }
  struct stat opened;
  check(::fstat(file.get(), &opened), "fstat", header.path);
  // Somebody writes all the same, and put another file at its place: one's content must not get the other's set-id bits.
  if (opened.st_dev != status.st_dev || opened.st_ino != status.st_ino) {
    if (live_) return;
    throw SyscallError("openat", header.path, ESTALE);
  }
  header.sizeBytes = status.st_size;
  header.capability = attributeOf(file, "security.capability");
  appendTarHeader(chunk, header);
  if (status.st_size == 0) return;
  file_ = std::move(file);
  filePath_ = std::move(header.path);
  fileRest_ = status.st_size;
  padding_ = tarPadding(status.st_size);
}

void LayerPacker::packContent(std::string& chunk, size_t target) {
  const size_t before = chunk.size();
  const size_t wanted = std::min(static_cast<size_t>(fileRest_), target - before);
  chunk.resize(before + wanted);
  ssize_t count = check(::read(file_.get(), chunk.data() + before, wanted), "read", filePath_);
  // The header has promised more: somebody has cut the file, and zeros stand for what was cut off.
  if (count == 0 && live_) {
    std::fill(chunk.begin() + static_cast<std::ptrdiff_t>(before), chunk.end(), '\0');
    count = static_cast<ssize_t>(wanted);
  }
  chunk.resize(before + static_cast<size_t>(count));
  if (count == 0) throw SyscallError("read", filePath_, EIO);
  fileRest_ -= count;
  if (fileRest_ > 0) return;
  chunk.append(padding_, '\0');
  file_ = UniqueFd();
}

LayerPacker::Below LayerPacker::below(const std::string& path) const {
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (const UniqueFd& lower : lowers_) {
    const long descriptor = ::syscall(SYS_openat2, lower.get(), path.c_str(), &how, sizeof how);
    if (descriptor >= 0) {
      const UniqueFd found(static_cast<int>(descriptor));
      struct stat status;
      check(::fstat(found.get(), &status), "fstat", path);
      if (S_ISDIR(status.st_mode)) return Below::kDirectory;
      return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0) ? Below::kNothing : Below::kOther;
    }
    if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != EXDEV && errno != ENAMETOOLONG) {
      throw SyscallError("openat2", path);
    }
  }
  return Below::kNothing;
}

}  // namespace slipway
