#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fd.h"
#include "hub.h"
#include "input-queue.h"
#include "options.h"
#include "ring.h"
#include "runtime-command.h"

namespace slipway {

/// The life of one terminal: runs the runtime's command, takes the pty and the process that it made, carries bytes
/// until the process ends, writes down how it ended.
class Supervisor : private Process {
 public:
  Supervisor(const Options& options, Fd console_listener, Fd client_listener, Fd report);
  /// Returns when all is over. `mask` is the umask for the runtime.
  void run(mode_t mask);

 private:
  enum class State { kStarting, kRunning, kDraining, kFlushing, kOver };
  struct Reaped {
    pid_t pid;
    int status;
  };

  void resize(Size size) override;
  void signal(int number) override;

  void step();
  int timeout() const;
  void reap();
  void accept_console();
  size_t room() const;
  void read_pty();
  void write_pty();
  short pty_events();
  void advance();
  void advance_start();
  void finish();
  void fail(const std::string& message);
  void report(const std::string& json);
  const Reaped* reaped(pid_t pid) const;

  const Options& options_;
  Ring ring_;
  InputQueue input_;
  Fd console_listener_;
  Fd report_;
  Fd signals_;
  Fd pty_;
  Hub hub_;
  RuntimeCommand runtime_;
  State state_ = State::kStarting;
  pid_t pid_ = -1;
  std::vector<Reaped> reaped_;
  int64_t deadline_ = 0;
  /// While nobody holds the other side of the pty, it is looked at again at this time only.
  int64_t hung_up_until_ = 0;
  size_t drained_ = 0;
  bool pty_quiet_ = false;
};

}  // namespace slipway
