#include "user_namespace.h"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "syscall_error.h"

namespace slipway {
namespace {

constexpr size_t kStackBytes = 16 * 1024;

/** The child only exists so that its namespace does. It dies with the thread that made it. */
int holdNamespace(void* parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != *static_cast<const pid_t*>(parent)) return 0;
  for (;;) ::pause();
}

/** A child that is killed and waited for at the end of the scope. */
class Child {
 public:
  /*
   * CLONE_VM and CLONE_FILES: nothing of Node's memory or descriptor table is copied, which makes the child cheap
   * however large Node has become. No exit signal: libuv must not learn of this child.
   */
  Child() {
    pid_ = check(::clone(holdNamespace, stack_.data() + stack_.size(), CLONE_VM | CLONE_FILES | CLONE_NEWUSER,
                         &parent_),
                 "clone", "CLONE_NEWUSER");
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, __WALL) < 0 && errno == EINTR) continue;
  }

  std::string file(const char* name) const { return "/proc/" + std::to_string(pid_) + "/" + name; }

 private:
  pid_t parent_ = ::getpid();
  alignas(16) std::array<char, kStackBytes> stack_;
  pid_t pid_ = -1;
};

void writeFile(const std::string& path, const std::string& content) {
  UniqueFd file(check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open", path));
  check(::write(file.get(), content.data(), content.size()), "write", path);
}

UniqueFd makeUserNamespace(const IdRange& range) {
  Child child;
  const std::string map = "0 " + std::to_string(range.firstHostId) + " " + std::to_string(range.size) + "\n";
  writeFile(child.file("uid_map"), map);
  writeFile(child.file("gid_map"), map);
  const std::string path = child.file("ns/user");
  return UniqueFd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open", path));
}

/** Mappings that are kept; builds and sessions that begin take the lowest free range. */
constexpr size_t kKept = 64;

class KeptNamespaces {
 public:
  UniqueFd get(const IdRange& range) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::pair<uint32_t, uint32_t> key(range.firstHostId, range.size);
    auto kept = kept_.find(key);
    if (kept == kept_.end()) {
      if (kept_.size() == kKept) kept_.clear();
      kept = kept_.emplace(key, makeUserNamespace(range)).first;
    }
    return UniqueFd(check(::fcntl(kept->second.get(), F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC"));
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<uint32_t, uint32_t>, UniqueFd> kept_;
};

}  // namespace

UniqueFd userNamespaceOf(const IdRange& range) {
  static KeptNamespaces namespaces;
  return namespaces.get(range);
}

}  // namespace slipway
