#pragma once

#include "user_namespace.h"

namespace slipway {

/**
 * Makes the calling thread's file system ids the root of `range`, with all of its capabilities, and never gives the
 * old ones back: only for threads that end soon.
 */
void becomeRootOf(const IdRange& range);

}  // namespace slipway
