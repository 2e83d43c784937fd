#pragma once

#include <sys/types.h>

#include <string>

#include "fd.h"

namespace slipway {

/// The OCI runtime's command while it runs: its process and what it writes to stdout and stderr.
class RuntimeCommand {
 public:
  /// Starts `argv` in a process group of its own, with `mask` as its umask. False when no process could be made.
  bool start(char** argv, mode_t mask);

  pid_t pid() const { return pid_; }
  /// Becomes readable when the command writes or ends; -1 when it has ended.
  int output_fd() const { return output_.get(); }
  /// Reads what it wrote; of a long text only the first kMessageBytes are kept.
  void read_output();
  const std::string& message() const { return message_; }
  /// Ends the command and what it started, unless that has left its process group.
  void kill_group() const;

 private:
  static constexpr size_t kMessageBytes = 8 * 1024;

  pid_t pid_ = -1;
  Fd output_;
  std::string message_;
};

}  // namespace slipway
