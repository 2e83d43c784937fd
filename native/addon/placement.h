#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slipway {

/** Where the content of a new entry comes from. */
enum class PlacedKind { kPacked = 0, kFile = 1, kSymlink = 2 };

/** One entry that is to be there; ids and times as they are on disk. */
struct PlacedEntry {
  PlacedKind kind;
  std::string name;
  /** Of a symlink its target, of a file from a directory its name there. */
  std::string source;
  int64_t offset;
  int64_t size;
  uint32_t mode;
  uint32_t uid;
  uint32_t gid;
  int64_t mtime;
};

/**
 * Makes the entries in the open directory; what is no directory is replaced. `pack` holds the content of packed ones,
 * `from` is the directory of the files. Throws at the first that fails, its name as the subject.
 */
void placeEntries(int directory, int pack, int from, const std::vector<PlacedEntry>& entries);

}  // namespace slipway
