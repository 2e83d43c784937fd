#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../shim/src/fd.h"

namespace slipway {

/// The log of one process: records of `stream (1), nanoseconds since the epoch (8), length (4), bytes`, integers big-endian.
/// Times rise with every record.
/// When a file has half of what the log may take, it becomes `<path>.1`, in the place of the one before. What does not fit
/// on the disk is left out.
class LogFile {
 public:
  /// Goes on where the file ends; an empty path is a log that keeps nothing.
  LogFile(std::string path, size_t most);
  void append(uint8_t stream, const uint8_t* data, size_t size);
  /// The time of the last record, or of the opening.
  uint64_t until() const { return until_; }

 private:
  void open_file();
  void rotate();

  std::string path_;
  size_t most_;
  Fd file_;
  size_t size_ = 0;
  uint64_t until_;
};

}  // namespace slipway
