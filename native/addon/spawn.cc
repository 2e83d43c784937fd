#include "spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "syscall_error.h"

namespace slipway {
namespace {

/** Copies of descriptors above those that the child is to have, so that none is overwritten before it is used. */
std::vector<UniqueFd> liftedAbove(const std::vector<int>& descriptors) {
  std::vector<UniqueFd> lifted;
  for (int descriptor : descriptors) {
    lifted.emplace_back(check(::fcntl(descriptor, F_DUPFD_CLOEXEC, static_cast<int>(descriptors.size())), "fcntl",
                              "F_DUPFD_CLOEXEC"));
  }
  return lifted;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/** The posix_spawn family returns the error number and leaves errno alone. */
void checkNumber(int error, const char* call, const std::string& subject) {
  if (error != 0) throw SyscallError(call, subject, error);
}

struct FileActions {
  posix_spawn_file_actions_t value;
  FileActions() { checkNumber(::posix_spawn_file_actions_init(&value), "posix_spawn", "file actions"); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&value); }
};

struct Attributes {
  posix_spawnattr_t value;
  Attributes() { checkNumber(::posix_spawnattr_init(&value), "posix_spawn", "attributes"); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&value); }
};

}  // namespace

pid_t spawnProgram(const SpawnOptions& options) {
  const std::vector<UniqueFd> lifted = liftedAbove(options.descriptors);
  FileActions actions;
  for (size_t index = 0; index < lifted.size(); ++index) {
    checkNumber(::posix_spawn_file_actions_adddup2(&actions.value, lifted[index].get(), static_cast<int>(index)),
                "posix_spawn", "dup2");
  }
  // Node makes its own descriptors close-on-exec; whoever started it may have left others.
  checkNumber(::posix_spawn_file_actions_addclosefrom_np(&actions.value, static_cast<int>(lifted.size())),
              "posix_spawn", "closefrom");
  Attributes attributes;
  // Node ignores SIGPIPE, and threads of its pool block signals: neither is for the child.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes.value, &none);
  ::posix_spawnattr_setsigdefault(&attributes.value, &all);
  ::posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  // glibc's runs in the caller's memory until it has become the program (CLONE_VM | CLONE_VFORK).
  checkNumber(::posix_spawn(&pid, options.file.c_str(), &actions.value, &attributes.value,
                            pointers(options.arguments).data(), pointers(options.environment).data()),
              "posix_spawn", options.file);
  return pid;
}

int reapProgram(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw SyscallError("waitpid", std::to_string(pid));
  }
  return status;
}

UniqueFd sealedCopy(const std::string& file) {
  UniqueFd source(check(::open(file.c_str(), O_RDONLY | O_CLOEXEC), "open", file));
  struct stat status {};
  check(::fstat(source.get(), &status), "fstat", file);
  const std::string name = file.substr(file.find_last_of('/') + 1);
  UniqueFd copy(check(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create", name));
  for (off_t rest = status.st_size; rest > 0;) {
    const ssize_t sent = check(::sendfile(copy.get(), source.get(), nullptr, static_cast<size_t>(rest)), "sendfile", file);
    if (sent == 0) throw SyscallError("sendfile", file, EIO);
    rest -= sent;
  }
  check(::fchmod(copy.get(), 0500), "fchmod", name);
  check(::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), "fcntl",
        "F_ADD_SEALS");
  return copy;
}

}  // namespace slipway
