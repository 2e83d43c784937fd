#pragma once

#include <cstdint>
#include <string>

#include "unique_fd.h"

namespace slipway {

/** openat2(2) with `resolve`, repeated when a rename elsewhere made the kernel unsure (EAGAIN). */
UniqueFd openResolved(int root, const std::string& path, uint64_t flags, uint64_t mode, uint64_t resolve);

}  // namespace slipway
