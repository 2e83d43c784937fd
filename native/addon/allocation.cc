#include "allocation.h"

#include <fcntl.h>

#include "syscall_error.h"
#include "unique_fd.h"

namespace slipway {

void allocate(const std::string& file, int64_t bytes) {
  const UniqueFd opened(
      check(::open(file.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), "open", file));
  int result;
  do {
    result = ::fallocate(opened.get(), 0, 0, bytes);
  } while (result != 0 && errno == EINTR);
  check(result, "fallocate", file);
}

}  // namespace slipway
