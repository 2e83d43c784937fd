#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace slipway {

/// Input on its way to the pty, in order. A writer (a client id, which outlives its connections) numbers its inputs;
/// an input whose number is not above the last one of its writer is a repeat and is dropped.
class InputQueue {
 public:
  struct Taken {
    uint64_t connection;
    uint64_t writer;
    uint64_t id;
  };

  /// False when the queue is full: the client sent more than its credit.
  bool add(uint64_t connection, uint64_t writer, uint64_t id, const uint8_t* data, size_t size);
  bool empty() const { return waiting_.empty(); }
  /// Writes to `pty` what it takes and lists in `taken` the inputs that are through.
  void write_to(int pty, std::vector<Taken>* taken);
  /// Drops all that waits: there is no process to read it.
  void clear();

 private:
  /// Bytes that may wait; clients keep to half of it (see README.md, "taken").
  static constexpr size_t kQueueBytes = 256 * 1024;
  /// Inputs that may wait, however small.
  static constexpr size_t kQueueInputs = 8192;
  /// Writers whose last number is remembered; the one not heard for longest is forgotten first. 16 bytes each.
  static constexpr size_t kWriters = 256;

  struct Input {
    Taken taken;
    std::string data;
    size_t written = 0;
  };
  struct Writer {
    uint64_t id;
    uint64_t last;
  };

  bool is_repeat(uint64_t writer, uint64_t id);

  std::deque<Input> waiting_;
  size_t bytes_ = 0;
  std::vector<Writer> writers_;
};

}  // namespace slipway
