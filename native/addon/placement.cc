#include "placement.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>

#include "syscall_error.h"
#include "unique_fd.h"

namespace slipway {
namespace {

/** Packed files lie one after the other: one read of this size serves many of them. */
constexpr size_t kWindowBytes = 1024 * 1024;
/** Bytes between two packed files that are rather read than stepped over. */
constexpr int64_t kGapBytes = 4096;
/** The kernel's own bound of one value, XATTR_SIZE_MAX. */
constexpr size_t kXattrBytes = 65536;
constexpr const char* kCapability = "security.capability";

void writeAll(int sink, const char* bytes, size_t length, const std::string& name) {
  while (length > 0) {
    ssize_t written = ::write(sink, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    check(written, "write", name);
    bytes += written;
    length -= static_cast<size_t>(written);
  }
}

ssize_t readAt(int source, char* bytes, size_t length, int64_t offset, const std::string& name) {
  for (;;) {
    ssize_t count = ::pread(source, bytes, length, offset);
    if (count >= 0 || errno != EINTR) return check(count, "pread", name);
  }
}

/** What of a file was read last. The memory is the thread's own, so that it is new to the kernel once only. */
class Window {
 public:
  explicit Window(int source) : source_(source) {}

  /** Copies a part of the file; what is read for that ends at `usefulEnd` or later. */
  void copyTo(int sink, int64_t offset, int64_t size, int64_t usefulEnd, const std::string& name) {
    while (size > 0) {
      if (offset < start_ || offset >= start_ + length_) fill(offset, std::max(usefulEnd, offset + size), name);
      int64_t available = std::min(size, start_ + length_ - offset);
      writeAll(sink, bytes() + (offset - start_), static_cast<size_t>(available), name);
      offset += available;
      size -= available;
    }
  }

 private:
  static char* bytes() {
    thread_local std::vector<char> memory(kWindowBytes);
    return memory.data();
  }

  void fill(int64_t offset, int64_t end, const std::string& name) {
    auto wanted = static_cast<size_t>(std::min(end - offset, static_cast<int64_t>(kWindowBytes)));
    length_ = readAt(source_, bytes(), wanted, offset, name);
    start_ = offset;
    if (length_ == 0) throw SyscallError("pread", name, EIO);
  }

  int source_;
  int64_t start_ = 0;
  int64_t length_ = 0;
};

/** Where reading ahead from an entry on stops to be of use: those behind it lie elsewhere. */
int64_t usefulEnd(const std::vector<PlacedEntry>& entries, size_t index) {
  int64_t end = entries[index].offset + entries[index].size;
  const int64_t limit = entries[index].offset + static_cast<int64_t>(kWindowBytes);
  for (size_t next = index + 1; next < entries.size() && end < limit; ++next) {
    const PlacedEntry& entry = entries[next];
    if (entry.kind != PlacedKind::kPacked) continue;
    if (entry.offset < end || entry.offset > end + kGapBytes) break;
    end = entry.offset + entry.size;
  }
  return end;
}

/** True when the kernel copied all of it; false when these two file systems don't do that. */
bool copyInKernel(int source, int64_t offset, int sink, int64_t size, const std::string& name) {
  bool first = true;
  while (size > 0) {
    off_t from = offset;
    ssize_t copied = ::copy_file_range(source, &from, sink, nullptr, static_cast<size_t>(size), 0);
    if (copied < 0 && errno == EINTR) continue;
    const bool unable = errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    if (first && (copied == 0 || (copied < 0 && unable))) return false;
    check(copied, "copy_file_range", name);
    if (copied == 0) throw SyscallError("copy_file_range", name, EIO);
    offset += copied;
    size -= copied;
    first = false;
  }
  return true;
}

void copyContent(int source, Window& window, int sink, int64_t offset, int64_t size, int64_t useful,
                 const std::string& name) {
  if (size > static_cast<int64_t>(kWindowBytes) && copyInKernel(source, offset, sink, size, name)) return;
  window.copyTo(sink, offset, size, useful, name);
}

void copyCapability(int source, int sink, const std::string& name) {
  std::vector<char> value(kXattrBytes);
  ssize_t length = ::fgetxattr(source, kCapability, value.data(), value.size());
  if (length < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return;
  check(length, "fgetxattr", name);
  check(::fsetxattr(sink, kCapability, value.data(), static_cast<size_t>(length), 0), "fsetxattr", name);
}

/** Makes way for an entry: what is no directory is removed. */
void clear(int directory, const std::string& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return;
  throw SyscallError("unlinkat", name, errno);
}

UniqueFd createFile(int directory, const std::string& name) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int file = ::openat(directory, name.c_str(), flags, 0600);
  if (file < 0 && errno == EEXIST) {
    clear(directory, name);
    file = ::openat(directory, name.c_str(), flags, 0600);
  }
  return UniqueFd(check(file, "openat", name));
}

void finishFile(int file, const PlacedEntry& entry, bool inherits, int capabilitySource) {
  // The order matters: a change of owner takes set-id bits and capabilities away.
  if (inherits || entry.uid != 0 || entry.gid != 0) check(::fchown(file, entry.uid, entry.gid), "fchown", entry.name);
  check(::fchmod(file, entry.mode), "fchmod", entry.name);
  if (capabilitySource >= 0) copyCapability(capabilitySource, file, entry.name);
  const timespec time{entry.mtime, 0};
  const timespec times[2] = {time, time};
  check(::futimens(file, times), "futimens", entry.name);
}

void placeFromDirectory(int directory, int from, const PlacedEntry& entry, bool inherits) {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd source(check(::openat(from, entry.source.c_str(), flags), "openat", entry.source));
  struct stat status;
  check(::fstat(source.get(), &status), "fstat", entry.source);
  if (!S_ISREG(status.st_mode)) throw SyscallError("openat", entry.source, EINVAL);
  UniqueFd file = createFile(directory, entry.name);
  Window window(source.get());
  copyContent(source.get(), window, file.get(), 0, status.st_size, status.st_size, entry.name);
  finishFile(file.get(), entry, inherits, source.get());
}

void placeSymlink(int directory, const PlacedEntry& entry, bool inherits) {
  const char* name = entry.name.c_str();
  if (::symlinkat(entry.source.c_str(), directory, name) != 0) {
    if (errno != EEXIST) throw SyscallError("symlinkat", entry.name, errno);
    clear(directory, entry.name);
    check(::symlinkat(entry.source.c_str(), directory, name), "symlinkat", entry.name);
  }
  if (inherits || entry.uid != 0 || entry.gid != 0) {
    check(::fchownat(directory, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW), "fchownat", entry.name);
  }
  const timespec time{entry.mtime, 0};
  const timespec times[2] = {time, time};
  check(::utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW), "utimensat", entry.name);
}

}  // namespace

void placeEntries(int directory, int pack, int from, const std::vector<PlacedEntry>& entries) {
  Window window(pack);
  struct stat status;
  check(::fstat(directory, &status), "fstat");
  // A directory with this bit gives its group to what is made in it.
  const bool inherits = (status.st_mode & S_ISGID) != 0;
  for (size_t index = 0; index < entries.size(); ++index) {
    const PlacedEntry& entry = entries[index];
    switch (entry.kind) {
      case PlacedKind::kPacked: {
        UniqueFd file = createFile(directory, entry.name);
        copyContent(pack, window, file.get(), entry.offset, entry.size, usefulEnd(entries, index), entry.name);
        finishFile(file.get(), entry, inherits, -1);
        break;
      }
      case PlacedKind::kFile:
        placeFromDirectory(directory, from, entry, inherits);
        break;
      case PlacedKind::kSymlink:
        placeSymlink(directory, entry, inherits);
        break;
    }
  }
}

}  // namespace slipway
