#pragma once

#include <cstdint>

#include "unique_fd.h"

namespace slipway {

/** Host ids firstHostId … firstHostId + size - 1 stand for 0 … size - 1. */
struct IdRange {
  uint32_t firstHostId;
  uint32_t size;
};

/**
 * A user namespace with this mapping for uids and gids, alive as long as the descriptor. It is nothing but the mapping:
 * no process is ever in it, so the ranges used last have theirs kept.
 */
UniqueFd userNamespaceOf(const IdRange& range);

}  // namespace slipway
