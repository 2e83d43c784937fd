#include "options.h"

#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace slipway {

namespace {

constexpr size_t kSmallestScrollback = 4096;
constexpr size_t kLargestScrollback = 64 * 1024 * 1024;
/// Rows and columns that a terminal can have.
constexpr size_t kLargestSide = 1000;
/// Room for the longest name that is made in the directory.
constexpr size_t kLongestDir = sizeof(sockaddr_un::sun_path) - sizeof("/console.sock");

bool parse_number(const char* text, size_t least, size_t most, size_t* value) {
  if (*text < '0' || *text > '9') return false;
  char* end = nullptr;
  unsigned long long parsed = strtoull(text, &end, 10);
  if (*end != '\0' || parsed < least || parsed > most) return false;
  *value = static_cast<size_t>(parsed);
  return true;
}

}  // namespace

bool parse_options(int argc, char** argv, Options* options, std::string* error) {
  size_t rows = 0;
  size_t cols = 0;
  int i = 1;
  for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
    std::string name = argv[i];
    const char* value = argv[i + 1];
    bool known = true;
    if (name == "--dir") {
      options->dir = value;
    } else if (name == "--rows") {
      known = parse_number(value, 1, kLargestSide, &rows);
    } else if (name == "--cols") {
      known = parse_number(value, 1, kLargestSide, &cols);
    } else if (name == "--scrollback") {
      known = parse_number(value, kSmallestScrollback, kLargestScrollback, &options->scrollback);
    } else {
      known = false;
    }
    if (!known) {
      *error = "wrong option: " + name + " " + value;
      return false;
    }
  }
  if (i + 1 >= argc || strcmp(argv[i], "--") != 0 || rows == 0 || cols == 0 || options->scrollback == 0) {
    *error = "usage: slipway-shim --dir DIR --rows R --cols C --scrollback BYTES -- COMMAND...";
    return false;
  }
  if (options->dir.empty() || options->dir[0] != '/' || options->dir.size() > kLongestDir) {
    *error = "--dir must be an absolute path of at most " + std::to_string(kLongestDir) + " bytes";
    return false;
  }
  options->size = {static_cast<uint16_t>(rows), static_cast<uint16_t>(cols)};
  options->command = argv + i + 1;
  return true;
}

}  // namespace slipway
