#pragma once

#include <cstddef>
#include <string>

namespace slipway {

struct PublishedFile {
  /** Where it is put together, on the same file system. */
  std::string temporary;
  std::string target;
  /** An empty file that is made before the target has its name; none when empty. */
  std::string marker;
  /** Content that is written first; null when the temporary file is there already. */
  const char* bytes;
  size_t length;
};

/** Gives a file its name in one rename(2), after its marker. Nothing is synced. */
void publishFile(const PublishedFile& file);

/** fdatasync(2); false for a file that is missing. */
bool syncFile(const std::string& path);

}  // namespace slipway
