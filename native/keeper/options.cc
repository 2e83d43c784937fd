#include "options.h"

#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace slipway {

namespace {

/// Rows and columns that a terminal can have.
constexpr size_t kLargestSide = 1000;
constexpr size_t kLargestLog = size_t{16} * 1024 * 1024 * 1024;
constexpr size_t kLargestId = 0xFFFFFFFE;
constexpr size_t kMostHeld = 32;
/// Room for the longest name that is made in the directory.
constexpr size_t kLongestDir = sizeof(sockaddr_un::sun_path) - sizeof("/console.sock");

bool parse_number(const char* text, size_t most, size_t* value) {
  if (*text < '0' || *text > '9') return false;
  char* end = nullptr;
  unsigned long long parsed = strtoull(text, &end, 10);
  if (*end != '\0' || parsed > most) return false;
  *value = static_cast<size_t>(parsed);
  return true;
}

struct Numbers {
  size_t rows = 24;
  size_t cols = 80;
  size_t tty = 0;
  size_t stdin_open = 0;
  size_t uid = 0;
  size_t gid = 0;
};

bool take_option(const std::string& name, const char* value, KeeperOptions* options, Numbers* numbers) {
  if (name == "--dir") {
    options->dir = value;
    return true;
  }
  if (name == "--log") {
    options->log = value;
    return true;
  }
  if (name == "--log-bytes") return parse_number(value, kLargestLog, &options->log_bytes);
  if (name == "--hold") return parse_number(value, kMostHeld, &options->hold);
  if (name == "--tty") return parse_number(value, 1, &numbers->tty);
  if (name == "--stdin") return parse_number(value, 1, &numbers->stdin_open);
  if (name == "--rows") return parse_number(value, kLargestSide, &numbers->rows);
  if (name == "--cols") return parse_number(value, kLargestSide, &numbers->cols);
  if (name == "--uid") return parse_number(value, kLargestId, &numbers->uid);
  if (name == "--gid") return parse_number(value, kLargestId, &numbers->gid);
  return false;
}

}  // namespace

bool parse_keeper_options(int argc, char** argv, KeeperOptions* options, std::string* error) {
  Numbers numbers;
  int i = 1;
  for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
    if (take_option(argv[i], argv[i + 1], options, &numbers)) continue;
    *error = std::string("wrong option: ") + argv[i] + " " + argv[i + 1];
    return false;
  }
  if (i + 1 >= argc || strcmp(argv[i], "--") != 0 || numbers.rows == 0 || numbers.cols == 0) {
    *error = "usage: slipway-keeper --dir DIR [OPTION VALUE]... -- COMMAND...";
    return false;
  }
  if (options->dir.empty() || options->dir[0] != '/' || options->dir.size() > kLongestDir) {
    *error = "--dir must be an absolute path of at most " + std::to_string(kLongestDir) + " bytes";
    return false;
  }
  options->tty = numbers.tty != 0;
  options->stdin_open = numbers.stdin_open != 0;
  options->size = {static_cast<uint16_t>(numbers.rows), static_cast<uint16_t>(numbers.cols)};
  options->uid = static_cast<uid_t>(numbers.uid);
  options->gid = static_cast<gid_t>(numbers.gid);
  options->command = argv + i + 1;
  return true;
}

}  // namespace slipway
