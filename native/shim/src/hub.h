#pragma once

#include <poll.h>

#include <memory>
#include <vector>

#include "client.h"
#include "fd.h"
#include "input-queue.h"
#include "options.h"
#include "ring.h"
#include "sizes.h"

namespace slipway {

/// What clients ask of the terminal's process.
class Process {
 public:
  virtual ~Process() = default;
  virtual void resize(Size size) = 0;
  virtual void signal(int number) = 0;
};

/// The connections to shim.sock and what they say.
class Hub {
 public:
  Hub(Fd listener, const Ring& ring, InputQueue& input, Process& process, Size size)
      : listener_(std::move(listener)), ring_(ring), input_(input), process_(process), sizes_(size) {}

  /// Adds what it waits for; the same entries are to be given to handle() after poll(2).
  void add_to(std::vector<pollfd>* polls) const;
  void handle(const pollfd* polls, size_t count);
  /// Sends what can be sent at this time, milliseconds of the monotonic clock.
  void flush(int64_t now);
  /// When there is something to send at the latest that waits; INT64_MAX when nothing does.
  int64_t due() const;

  Size size() const { return sizes_.now(); }
  /// True while an attached client wants no more output.
  bool blocks();
  /// New output bytes that the ring takes when no more than `most` of it may be in use, so that nothing is overwritten
  /// which has not been released or which an attached client still has to get.
  size_t room(size_t most) const;
  void tell_taken(const std::vector<InputQueue::Taken>& taken, int64_t now);
  /// Tells all clients that the process has ended, after its output.
  void tell_exit(int exit_code);
  /// True when every client has got everything.
  bool flushed() const;

 private:
  /// The worker and, while one worker follows another, its successor.
  static constexpr size_t kClients = 4;
  /// Longest time that the news of taken input waits for an echo to go out with.
  static constexpr int64_t kTakenMs = 10;

  void accept_client();
  bool hear(Client& client);
  bool obey(Client& client, const Frame& frame);
  bool attach(Client& client, const Frame& frame);
  bool resize(const Frame& frame);
  bool release(const Client& client, const Frame& frame);

  Fd listener_;
  const Ring& ring_;
  InputQueue& input_;
  Process& process_;
  Sizes sizes_;
  /// Output below this may be overwritten.
  uint64_t released_ = 0;
  bool exited_ = false;
  int exit_code_ = 0;
  uint64_t next_serial_ = 1;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace slipway
