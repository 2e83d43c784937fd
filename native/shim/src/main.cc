#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "child.h"
#include "files.h"
#include "options.h"
#include "supervisor.h"

namespace slipway {

namespace {

int run(int argc, char** argv) {
  syscall(SYS_close_range, 3U, ~0U, 0U);
  Options options;
  std::string error;
  if (!parse_options(argc, argv, &options, &error)) return refuse(error);
  mode_t mask = umask(0077);
  Fd console_listener = listen_at(options.path("console.sock"));
  Fd client_listener = listen_at(options.path("shim.sock"));
  if (!console_listener || !client_listener) return refuse(options.dir + ": " + strerror(errno));

  Fd report = detach();
  Supervisor(options, std::move(console_listener), std::move(client_listener), std::move(report)).run(mask);
  return 0;
}

}  // namespace

}  // namespace slipway

int main(int argc, char** argv) { return slipway::run(argc, argv); }
