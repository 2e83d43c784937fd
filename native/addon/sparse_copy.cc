#include "sparse_copy.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "syscall_error.h"
#include "unique_fd.h"

namespace slipway {
namespace {

void copyRange(int from, int to, off_t start, off_t end, const std::string& subject) {
  off_t source = start;
  off_t sink = start;
  while (source < end) {
    ssize_t copied = check(
        ::copy_file_range(from, &source, to, &sink, static_cast<size_t>(end - source), 0), "copy_file_range", subject);
    if (copied == 0) throw SyscallError("copy_file_range", subject, EIO);
  }
}

}  // namespace

void copySparse(const std::string& from, const std::string& to) {
  UniqueFd source(check(::open(from.c_str(), O_RDONLY | O_CLOEXEC), "open", from));
  UniqueFd sink(check(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "open", to));
  struct stat status;
  check(::fstat(source.get(), &status), "fstat", from);
  check(::ftruncate(sink.get(), status.st_size), "ftruncate", to);
  for (off_t position = 0; position < status.st_size;) {
    off_t start = ::lseek(source.get(), position, SEEK_DATA);
    if (start < 0 && errno == ENXIO) return;  // only a hole is left
    check(start, "lseek", from);
    off_t end = check(::lseek(source.get(), start, SEEK_HOLE), "lseek", from);
    copyRange(source.get(), sink.get(), start, end, to);
    position = end;
  }
}

}  // namespace slipway
