#include "supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "child.h"
#include "console.h"
#include "files.h"

namespace slipway {

namespace {

/// Time for the runtime to start the process and send its pty.
constexpr int64_t kStartMs = 60'000;
/// Time for the runtime to send the pty once it has connected.
constexpr int64_t kConsoleMs = 5'000;
/// Time for clients to take the rest after the process has ended.
constexpr int64_t kLingerMs = 5'000;
/// Time between two looks at a pty that no process holds open.
constexpr int64_t kHungUpMs = 100;
/// Output read after the end of the process: all that the kernel buffers for a pty, and no flood of a survivor.
constexpr size_t kDrainBytes = 256 * 1024;
/// Reads of the pty per step; many short ones become one output frame.
constexpr int kReadsPerStep = 32;
/// Ended children whose status is remembered until the runtime has told which one is the process.
constexpr size_t kReaped = 64;

}  // namespace

Supervisor::Supervisor(const Options& options, Fd console_listener, Fd client_listener, Fd report)
    : options_(options),
      ring_(options.scrollback + kDrainBytes),
      console_listener_(std::move(console_listener)),
      report_(std::move(report)),
      signals_(child_signals()),
      hub_(std::move(client_listener), ring_, input_, *this, options.size) {}

void Supervisor::run(mode_t mask) {
  deadline_ = now_ms() + kStartMs;
  write_pid_file(options_.path("shim.pid"));
  if (!ring_.valid() || !signals_ || !runtime_.start(options_.command, mask)) {
    fail(std::string("the shim could not start: ") + strerror(errno));
  }
  while (state_ != State::kOver) step();
  unlink(options_.path("shim.sock").c_str());
  unlink(options_.path("console.sock").c_str());
}

void Supervisor::resize(Size size) {
  if (pty_) set_size(pty_.get(), size);
}

void Supervisor::signal(int number) {
  // The process is our child and not yet waited for: the id cannot be another's.
  if (state_ == State::kRunning && pid_ > 0) kill(pid_, number);
}

void Supervisor::step() {
  std::vector<pollfd> polls;
  polls.push_back({signals_.get(), POLLIN, 0});
  polls.push_back({runtime_.output_fd(), POLLIN, 0});
  polls.push_back({console_listener_.get(), POLLIN, 0});
  short events = pty_events();
  polls.push_back({events != 0 ? pty_.get() : -1, events, 0});
  size_t own = polls.size();
  hub_.add_to(&polls);
  if (poll(polls.data(), polls.size(), timeout()) < 0) return;

  if (polls[0].revents != 0) reap();
  if (polls[1].revents != 0) runtime_.read_output();
  if (polls[2].revents != 0) accept_console();
  if ((polls[3].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_pty();
  hub_.handle(polls.data() + own, polls.size() - own);
  write_pty();
  hub_.flush(now_ms());
  advance();
}

/// Poll's timeout: until the state's deadline, the next look at a hung-up pty or news that can't wait.
int Supervisor::timeout() const {
  int64_t now = now_ms();
  int64_t until = state_ == State::kRunning ? INT64_MAX : deadline_;
  if (state_ == State::kDraining && room() > 0) return 0;
  if (pty_ && hung_up_until_ > now) until = std::min(until, hung_up_until_);
  until = std::min(until, hub_.due());
  return until == INT64_MAX ? -1 : static_cast<int>(std::clamp<int64_t>(until - now, 0, kStartMs));
}

short Supervisor::pty_events() {
  if (!pty_ || now_ms() < hung_up_until_) return 0;
  // After the end of the process what is left is at most what the kernel buffers: windows no longer matter.
  bool read = room() > 0 && (state_ == State::kDraining || !hub_.blocks());
  return static_cast<short>((read ? POLLIN : 0) | (input_.empty() ? 0 : POLLOUT));
}

void Supervisor::reap() {
  signalfd_siginfo ignored;
  while (read(signals_.get(), &ignored, sizeof(ignored)) > 0) {
  }
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    bool wanted = state_ == State::kStarting || pid == pid_;
    if (!wanted) continue;
    if (reaped_.size() == kReaped) {
      auto oldest = std::find_if(reaped_.begin(), reaped_.end(),
                                 [&](const Reaped& child) { return child.pid != runtime_.pid(); });
      reaped_.erase(oldest);
    }
    reaped_.push_back({pid, status});
  }
}

const Supervisor::Reaped* Supervisor::reaped(pid_t pid) const {
  auto found = std::find_if(reaped_.begin(), reaped_.end(), [&](const Reaped& child) { return child.pid == pid; });
  return found == reaped_.end() ? nullptr : &*found;
}

void Supervisor::accept_console() {
  Fd connection(accept4(console_listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return;
  timeval limit = {kConsoleMs / 1000, 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  pty_ = receive_console(connection.get());
  if (!pty_) return;
  set_size(pty_.get(), hub_.size());
  console_listener_.close();
  unlink(options_.path("console.sock").c_str());
}

/// The last bytes of a process have room of their own: nobody has to release anything for them.
size_t Supervisor::room() const {
  return hub_.room(state_ == State::kDraining ? ring_.capacity() : options_.scrollback);
}

void Supervisor::read_pty() {
  for (int reads = 0; reads < kReadsPerStep; reads++) {
    size_t free = room();
    size_t contiguous = 0;
    uint8_t* to = ring_.room(free, &contiguous);
    if (contiguous == 0) return;
    ssize_t size = read(pty_.get(), to, contiguous);
    if (size > 0) {
      ring_.commit(static_cast<size_t>(size));
      if (state_ == State::kDraining) drained_ += static_cast<size_t>(size);
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    pty_quiet_ = true;
    // EIO: no process holds the other side; one that lives on may open it again.
    if (size == 0 || errno != EAGAIN) hung_up_until_ = now_ms() + kHungUpMs;
    return;
  }
}

void Supervisor::write_pty() {
  if (input_.empty() || state_ == State::kStarting) return;
  if (state_ != State::kRunning) return input_.clear();
  std::vector<InputQueue::Taken> taken;
  input_.write_to(pty_.get(), &taken);
  hub_.tell_taken(taken, now_ms());
}

void Supervisor::advance() {
  if (state_ == State::kStarting) advance_start();
  if (state_ == State::kRunning && reaped(pid_) != nullptr) {
    state_ = State::kDraining;
    deadline_ = now_ms() + kLingerMs;
    hung_up_until_ = 0;
    return;
  }
  if (state_ == State::kDraining) {
    pty_quiet_ = false;
    read_pty();
    if (pty_quiet_ || room() == 0 || drained_ >= kDrainBytes) finish();
  }
  if (state_ == State::kFlushing && (hub_.flushed() || now_ms() >= deadline_)) state_ = State::kOver;
}

void Supervisor::advance_start() {
  if (now_ms() >= deadline_) {
    runtime_.kill_group();
    return fail("the runtime did not start the process in time");
  }
  const Reaped* runtime = reaped(runtime_.pid());
  if (runtime == nullptr) return;
  runtime_.read_output();
  if (runtime->status != 0) {
    report("{\"ready\":false,\"exitStatus\":" + std::to_string(exit_code_of(runtime->status)) +
           ",\"message\":" + json_string(runtime_.message()) + "}\n");
    state_ = State::kOver;
    return;
  }
  if (!pty_) accept_console();
  pid_ = read_pid_file(options_.path("pid"));
  if (!pty_ || pid_ < 0) return fail("the runtime ended without a " + std::string(pty_ ? "pid file" : "pty"));
  state_ = State::kRunning;
  report("{\"ready\":true,\"pid\":" + std::to_string(pid_) + "}\n");
}

void Supervisor::finish() {
  int exit_code = exit_code_of(reaped(pid_)->status);
  pty_.close();
  write_ending(options_, ring_, hub_.size(), exit_code);
  hub_.tell_exit(exit_code);
  state_ = State::kFlushing;
  deadline_ = now_ms() + kLingerMs;
}

void Supervisor::fail(const std::string& message) {
  report("{\"ready\":false,\"exitStatus\":null,\"message\":" + json_string(message) + "}\n");
  state_ = State::kOver;
}

void Supervisor::report(const std::string& json) {
  // The spawner may be gone; the terminal lives on without it.
  [[maybe_unused]] ssize_t written = write(report_.get(), json.data(), json.size());
  report_.close();
}

}  // namespace slipway
