#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "../shim/src/files.h"
#include "keeper.h"
#include "options.h"

namespace slipway {

namespace {

constexpr int kUsageStatus = 2;

/// Leaves the spawner's session and the descriptors that were not meant for it; stdout becomes the report.
Fd detach() {
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int ignored : {SIGPIPE, SIGHUP, SIGINT}) signal(ignored, SIG_IGN);
  Fd report(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null.get(), standard);
  [[maybe_unused]] int moved = chdir("/");
  return report;
}

int refuse(const std::string& message) {
  printf("{\"ready\":false,\"exitStatus\":null,\"message\":%s}\n", json_string(message).c_str());
  return kUsageStatus;
}

int run(int argc, char** argv) {
  syscall(SYS_close_range, 3U, ~0U, 0U);
  KeeperOptions options;
  std::string error;
  if (!parse_keeper_options(argc, argv, &options, &error)) return refuse(error);
  mode_t mask = umask(0077);
  Fd console_listener;
  if (options.tty) console_listener = listen_at(options.path("console.sock"));
  Fd client_listener = listen_at(options.path("keeper.sock"));
  if ((options.tty && !console_listener) || !client_listener) return refuse(options.dir + ": " + strerror(errno));

  pid_t child = fork();
  if (child < 0) return refuse(std::string("fork: ") + strerror(errno));
  if (child > 0) _exit(0);
  Fd report = detach();
  Keeper(options, std::move(console_listener), std::move(client_listener), std::move(report)).run(mask);
  return 0;
}

}  // namespace

}  // namespace slipway

int main(int argc, char** argv) { return slipway::run(argc, argv); }
