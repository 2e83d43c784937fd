#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "options.h"

namespace slipway {

/// Sizes that the terminal has had, each with the number of the first output byte that came after it.
class Sizes {
 public:
  struct Entry {
    uint64_t from;
    Size size;
  };

  explicit Sizes(Size first) : entries_{{0, first}} {}

  Size now() const { return entries_.back().size; }

  void add(uint64_t from, Size size) {
    if (entries_.back().from == from && entries_.size() > 1) entries_.pop_back();
    if (entries_.size() == kEntries) entries_.erase(entries_.begin());
    entries_.push_back({from, size});
  }

  /// The size at byte `sequence` and all that came after it.
  std::vector<Entry> since(uint64_t sequence) const {
    auto later = std::find_if(entries_.begin() + 1, entries_.end(),
                              [&](const Entry& entry) { return entry.from > sequence; });
    return std::vector<Entry>(later - 1, entries_.end());
  }

 private:
  /// Sizes that are remembered; of one that is forgotten the bytes count as the next one's.
  static constexpr size_t kEntries = 256;

  std::vector<Entry> entries_;
};

}  // namespace slipway
