#pragma once

#include "user_namespace.h"

namespace slipway {

/**
 * Makes the calling thread's file system ids the root of `range`, with all of its capabilities, and never gives the
 * old ones back: only for threads that end soon.
 */
void becomeRootOf(const IdRange& range);

/** Makes the calling thread's file system ids those of `owner` for as long as it lives; a negative one changes nothing. */
class ScopedOwner {
 public:
  explicit ScopedOwner(long owner);
  ScopedOwner(const ScopedOwner&) = delete;
  ScopedOwner& operator=(const ScopedOwner&) = delete;
  ~ScopedOwner();

 private:
  bool changed_;
};

}  // namespace slipway
