#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "files.h"

namespace slipway {

int refuse(const std::string& message) {
  printf("{\"ready\":false,\"exitStatus\":null,\"message\":%s}\n", json_string(message).c_str());
  return kUsageStatus;
}

Fd detach() {
  pid_t child = fork();
  if (child < 0) {
    int status = refuse(std::string("fork: ") + strerror(errno));
    fflush(stdout);
    _exit(status);
  }
  if (child > 0) _exit(0);
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int ignored : {SIGPIPE, SIGHUP, SIGINT}) signal(ignored, SIG_IGN);
  Fd report(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null.get(), standard);
  [[maybe_unused]] int moved = chdir("/");
  return report;
}

int64_t now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

int exit_code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

Fd child_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace slipway
