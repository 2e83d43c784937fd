#pragma once

#include <cstdint>

#include "unique_fd.h"

namespace slipway {

/** Host ids firstHostId … firstHostId + size - 1 stand for 0 … size - 1. */
struct IdRange {
  uint32_t firstHostId;
  uint32_t size;
};

/** A new user namespace with this mapping for uids and gids, alive as long as the descriptor. */
UniqueFd makeUserNamespace(const IdRange& range);

}  // namespace slipway
