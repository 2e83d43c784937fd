#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../shim/src/fd.h"
#include "connection.h"
#include "log-file.h"
#include "options.h"

namespace slipway {

/// The life of one process of a container: runs the runtime's command, carries bytes between the process, the log and
/// whoever listens, and writes down how it ended.
class Keeper : private Kept {
 public:
  Keeper(const KeeperOptions& options, Fd console_listener, Fd client_listener, Fd report);
  /// Returns when all is over. `mask` is the umask for the runtime.
  void run(mode_t mask);

 private:
  enum class State { kStarting, kRunning, kFlushing, kOver };

  bool input(const char* data, size_t size) override;
  void input_ends() override;
  void resize(uint16_t rows, uint16_t cols) override;
  uint64_t logged_until() const override { return log_.until(); }

  bool start_command(mode_t mask);
  void step();
  int timeout() const;
  bool reads_output() const;
  void reap();
  void accept_console();
  void accept_client();
  /// True while there may be more.
  bool read_output(Fd* from, uint8_t stream);
  void write_input();
  void advance();
  void advance_start();
  void finish();
  void fail(const std::string& message);
  void report(const std::string& json);

  const KeeperOptions& options_;
  LogFile log_;
  Fd console_listener_;
  Fd client_listener_;
  Fd report_;
  Fd signals_;
  Fd stdin_;
  /// stdout, or the pty.
  Fd stdout_;
  Fd stderr_;
  std::vector<std::unique_ptr<Connection>> clients_;
  std::string waiting_input_;
  bool input_ended_ = false;
  State state_ = State::kStarting;
  pid_t runtime_ = -1;
  int runtime_status_ = -1;
  pid_t pid_ = -1;
  int status_ = -1;
  /// Ended children, until the runtime has told which one is the process.
  std::vector<std::pair<pid_t, int>> ended_;
  int64_t deadline_ = 0;
  int64_t held_until_ = 0;
  int64_t hung_up_until_ = 0;
};

}  // namespace slipway
