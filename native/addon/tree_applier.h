#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "unique_fd.h"

namespace slipway {

/** What is to be done with a path of the tree. The numbers are those of src/tree-applier.ts. */
enum class TreeCall {
  kDirectory = 0,
  kFile = 1,
  /** More content of the file that was begun last. */
  kContent = 2,
  /** That file is whole. */
  kFileEnd = 3,
  kSymlink = 4,
  kHardLink = 5,
  kFifo = 6,
  kRemove = 7,
  /** Removes what is in a directory but for some names. */
  kEmpty = 8,
};

struct TreeStep {
  TreeCall call;
  uint32_t mode;
  uint32_t uid;
  uint32_t gid;
  int64_t mtime;
  /** Of content: where it lies in the bytes that come along. */
  size_t offset;
  size_t length;
  std::string path;
  /** A link's target, a file's capabilities, or the names to keep, each with a NUL behind it. */
  std::string text;
};

/**
 * Writes entries below one directory. Paths are relative, without "." and ".."; the kernel resolves each inside the
 * directory (RESOLVE_IN_ROOT), and its last part is never followed. What is in the way is replaced; a directory stays
 * and takes the new metadata. Nobody else writes to the tree meanwhile. Throws SyscallError; what was written stays.
 */
class TreeApplier {
 public:
  /**
   * Takes its own copy of the descriptor. `firstId`: what ids of steps are counted from, and who makes entries, for file
   * systems that know nobody else; the ids as they are where it is negative. `keepsKinds`: a directory in the way of
   * something else fails with "apply" and EISDIR, and the other way round with ENOTDIR.
   */
  TreeApplier(int root, int64_t firstId, bool keepsKinds);

  void apply(const std::vector<TreeStep>& steps, const char* content, size_t contentLength);
  /** Sets the times of directories, which each new entry changes. */
  void finish();

 private:
  struct OpenFile {
    UniqueFd file;
    TreeStep step;
  };

  const UniqueFd& parentOf(const std::string& path);
  UniqueFd ensure(const std::string& path);
  void clear(int parent, const std::string& name, const std::string& path);
  void makeDirectory(const TreeStep& step);
  void beginFile(const TreeStep& step);
  void endFile();
  void symlink(const TreeStep& step);
  void hardLink(const TreeStep& step);
  void fifo(const TreeStep& step);
  void remove(const std::string& path);
  void empty(const TreeStep& step);
  void forgetTimes(const std::string& path);

  void setOwner(int parent, const std::string& name, const TreeStep& step) const;
  uint32_t idOf(uint32_t id) const;

  UniqueFd root_;
  int64_t firstId_;
  bool keepsKinds_;
  /** The directory that was worked in last: most entries of a tar follow others of theirs. */
  std::string parentPath_;
  UniqueFd parent_;
  std::map<std::string, int64_t> times_;
  OpenFile open_;
};

}  // namespace slipway
