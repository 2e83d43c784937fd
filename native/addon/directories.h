#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace slipway {

struct NewEntry {
  std::string name;
  mode_t mode;
  /** Content of a file; directories have none. */
  std::string content;
  bool isDirectory;
};

/** Makes the directory (EEXIST when it is there) and, in this order, what is in it; modes are exact. */
void makeDirectory(const std::string& directory, mode_t mode, const std::vector<NewEntry>& entries);

/**
 * Removes a file, or a directory with all that is in it; a missing one is no error. Follows no symbolic link and enters
 * no mount: one below fails with EXDEV or EBUSY and keeps what it holds.
 */
void removeTree(const std::string& path);

/** As removeTree, for an entry of an open directory. */
void removeTreeAt(int parent, const std::string& name);

/** Names in an open directory, in no order. */
std::vector<std::string> namesIn(int directory);

/** rmdir(2) for each; gives those that could not be removed for EBUSY or ENOTEMPTY. Missing ones are no error. */
std::vector<std::string> removeEmptyDirectories(const std::vector<std::string>& directories);

/** umount2(MNT_DETACH) until nothing is mounted at `target`; at most `limit` mounts, then ELOOP. */
void unmountAll(const std::string& target, int limit);

}  // namespace slipway
