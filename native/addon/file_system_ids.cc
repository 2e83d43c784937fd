#include "file_system_ids.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall_error.h"

namespace slipway {

void becomeRootOf(const IdRange& range) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3];
  check(::syscall(SYS_capget, &header, capabilities), "capget");
  // setfsuid(2) and setfsgid(2) return the former id and no error; the second call tells whether the first worked.
  ::syscall(SYS_setfsgid, range.firstHostId);
  ::syscall(SYS_setfsuid, range.firstHostId);
  if (::syscall(SYS_setfsuid, -1) != static_cast<long>(range.firstHostId)) throw SyscallError("setfsuid", "", EPERM);
  // Leaving fsuid 0 drops the file capabilities from the effective set (capabilities(7)); they are still permitted.
  check(::syscall(SYS_capset, &header, capabilities), "capset");
}

ScopedOwner::ScopedOwner(long owner) : changed_(owner >= 0) {
  if (changed_) becomeRootOf({static_cast<uint32_t>(owner), 1});
}

ScopedOwner::~ScopedOwner() {
  if (!changed_) return;
  ::syscall(SYS_setfsuid, 0);
  ::syscall(SYS_setfsgid, 0);
}

}  // namespace slipway
