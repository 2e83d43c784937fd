#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "unique_fd.h"

namespace slipway {

/**
 * Copies an overlayfs upper directory that nobody writes to any more into an empty directory, also of another file system,
 * piece by piece: kinds, owners, modes, times, hard links, holes, and the extended attributes that mean something to
 * overlayfs and programs (trusted.*, user.*, capabilities, access lists). Devices but whiteouts (0:0) are left out. Throws
 * SyscallError; "copy" with ELOOP for too many directories in each other. What was written stays.
 */
class TreeCopier {
 public:
  /** Takes its own copies of both descriptors. */
  TreeCopier(int from, int to);

  /** Copies on until some `target` bytes are done; an entry counts as a block. False when all is copied. */
  bool next(int64_t target);

 private:
  struct Level {
    UniqueFd from;
    UniqueFd to;
    std::string prefix;
    std::vector<std::string> names;
    size_t next = 0;
    struct stat status;
  };

  void enter(UniqueFd from, UniqueFd to, std::string prefix);
  void leave();
  void copyEntry();
  void copyFile(Level& level, const std::string& name, const std::string& path, const struct stat& status);
  void copyNode(const Level& level, const std::string& name, const std::string& path, const struct stat& status);
  bool linkToFirst(const Level& level, const std::string& name, const std::string& path, const struct stat& status);
  int64_t copyContent(int64_t target);
  int64_t copyBytes(int64_t target);
  void endFile();

  UniqueFd root_;
  std::vector<Level> levels_;
  /** First path of each file that has several names. */
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  std::vector<char> buffer_;
  /** The file whose content is being copied, and the piece without holes that it is at. */
  UniqueFd source_;
  UniqueFd sink_;
  std::string path_;
  struct stat status_;
  int64_t at_ = 0;
  int64_t dataEnd_ = 0;
};

}  // namespace slipway
