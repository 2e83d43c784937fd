#include "publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "syscall_error.h"
#include "unique_fd.h"

namespace slipway {
namespace {

void writeNew(const PublishedFile& file) {
  UniqueFd target(check(::open(file.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "open",
                        file.temporary));
  for (size_t written = 0; written < file.length;) {
    written += static_cast<size_t>(
        check(::write(target.get(), file.bytes + written, file.length - written), "write", file.temporary));
  }
}

}  // namespace

void publishFile(const PublishedFile& file) {
  if (file.bytes != nullptr) writeNew(file);
  if (!file.marker.empty()) {
    UniqueFd marker(check(::open(file.marker.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), "open", file.marker));
  }
  check(::rename(file.temporary.c_str(), file.target.c_str()), "rename", file.target);
}

bool syncFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return false;
  UniqueFd file(check(descriptor, "open", path));
  check(::fdatasync(file.get()), "fdatasync", path);
  return true;
}

}  // namespace slipway
