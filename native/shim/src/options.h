#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace slipway {

struct Size {
  uint16_t rows;
  uint16_t cols;
};

struct Options {
  /// Absolute path of the terminal's own directory, which exists.
  std::string dir;
  Size size = {24, 80};
  size_t scrollback = 0;
  /// Null-terminated command line of the OCI runtime, borrowed from main's argv.
  char** command = nullptr;

  std::string path(const char* name) const { return dir + "/" + name; }
};

/// Fills `options` from the command line; on a wrong one, says why in `error` and returns false.
bool parse_options(int argc, char** argv, Options* options, std::string* error);

}  // namespace slipway
