#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway {

/** Type flags of ustar (pax(1)). */
enum class TarType : char { kFile = '0', kLink = '1', kSymlink = '2', kDirectory = '5', kFifo = '6' };

struct TarHeader {
  std::string path;
  TarType type = TarType::kFile;
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  int64_t sizeBytes = 0;
  int64_t mtimeSeconds = 0;
  std::string linkTarget;
  /** The file capabilities of the file as the kernel keeps them; none when empty. */
  std::string capability;
};

/** What fills the last block of `size` bytes. */
size_t tarPadding(int64_t size);

/** Appends the header's blocks, its PAX records before it where ustar has no room. The same header gives the same bytes. */
void appendTarHeader(std::string& out, const TarHeader& header);

/** Appends the two empty blocks that end an archive. */
void appendTarEnd(std::string& out);

}  // namespace slipway
