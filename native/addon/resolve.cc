#include "resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "syscall_error.h"

namespace slipway {
namespace {

/** A container that renames directories all the time must not keep us here for ever. */
constexpr int kAttempts = 64;

}  // namespace

UniqueFd openResolved(int root, const std::string& path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  for (int attempt = 0;; ++attempt) {
    long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN || attempt == kAttempts) throw SyscallError("openat2", path);
  }
}

}  // namespace slipway
