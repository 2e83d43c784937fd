#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "../shim/src/options.h"

namespace slipway {

/// What slipway-keeper is told; see README.md.
struct KeeperOptions {
  /// Absolute path of the process's own directory, which exists.
  std::string dir;
  /// File of the log, or empty for none.
  std::string log;
  /// All that the log may take, both of its files together.
  size_t log_bytes = 0;
  /// True for a process with a pty.
  bool tty = false;
  /// True where clients may write to the process.
  bool stdin_open = false;
  Size size = {24, 80};
  /// Clients that have to listen before output is read, for some time at most.
  size_t hold = 0;
  /// Ids on the host of the process, which opens its pipes again as /dev/stdout.
  uid_t uid = 0;
  gid_t gid = 0;
  /// Null-terminated command line of the OCI runtime, borrowed from main's argv.
  char** command = nullptr;

  std::string path(const char* name) const { return dir + "/" + name; }
};

/// Fills `options` from the command line; on a wrong one, says why in `error` and returns false.
bool parse_keeper_options(int argc, char** argv, KeeperOptions* options, std::string* error);

}  // namespace slipway
