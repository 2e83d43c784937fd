#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace slipway {

/// The last `capacity` bytes of a stream whose bytes are numbered from 0. The memory is mapped, not allocated: a page
/// costs nothing until output has been written to it, so that an idle shell takes one page.
class Ring {
 public:
  explicit Ring(size_t capacity) : capacity_(capacity) {
    void* memory = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    data_ = memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
    // A huge page would make an idle shell pay for all of it.
    if (data_ != nullptr) madvise(data_, capacity, MADV_NOHUGEPAGE);
  }
  ~Ring() {
    if (data_ != nullptr) munmap(data_, capacity_);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool valid() const { return data_ != nullptr; }
  size_t capacity() const { return capacity_; }
  /// Number of the oldest byte kept.
  uint64_t start() const { return end_ > capacity_ ? end_ - capacity_ : 0; }
  /// Number of the next byte to come.
  uint64_t end() const { return end_; }

  /// Contiguous room for new bytes, at most `most`; bytes written there count after commit().
  uint8_t* room(size_t most, size_t* size) {
    size_t offset = end_ % capacity_;
    *size = std::min(most, capacity_ - offset);
    return data_ + offset;
  }
  void commit(size_t size) { end_ += size; }

  /// Contiguous kept bytes from number `sequence`, at most `most`.
  const uint8_t* at(uint64_t sequence, size_t most, size_t* size) const {
    size_t offset = sequence % capacity_;
    size_t available = static_cast<size_t>(end_ - sequence);
    *size = std::min({most, available, capacity_ - offset});
    return data_ + offset;
  }

 private:
  size_t capacity_;
  uint8_t* data_ = nullptr;
  uint64_t end_ = 0;
};

}  // namespace slipway
