#pragma once

#include <cstdint>
#include <string>

namespace slipway {

/** Makes sure that a file, made where it is missing (0600), has its first `bytes` bytes on the disk. Nothing is written. */
void allocate(const std::string& file, int64_t bytes);

}  // namespace slipway
