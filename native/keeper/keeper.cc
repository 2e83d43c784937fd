#include "keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../shim/src/child.h"
#include "../shim/src/console.h"
#include "../shim/src/files.h"
#include "../shim/src/frame.h"

namespace slipway {

namespace {

enum : uint8_t { kStdout = 1, kStderr = 2, kExit = 3 };

/// Time for the runtime to start the process.
constexpr int64_t kStartMs = 60'000;
constexpr int64_t kConsoleMs = 5'000;
/// Time for those to come who are to hear everything.
constexpr int64_t kHoldMs = 10'000;
/// Time for clients to take the rest after the process has ended.
constexpr int64_t kLingerMs = 300'000;
/// Time between two looks at a pty that no process holds open.
constexpr int64_t kHungUpMs = 100;
constexpr size_t kChunk = 64 * 1024;
constexpr size_t kMostClients = 64;
constexpr size_t kWaitingInput = 256 * 1024;
constexpr size_t kReaped = 64;

/// Our end does not block; the other one belongs to the process.
bool make_pipe(Fd* ours, Fd* theirs, bool we_read, uid_t uid, gid_t gid) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  *ours = Fd(ends[we_read ? 0 : 1]);
  *theirs = Fd(ends[we_read ? 1 : 0]);
  return fcntl(ours->get(), F_SETFL, O_NONBLOCK) == 0 && fchown(theirs->get(), uid, gid) == 0;
}

[[noreturn]] void become(char** argv, mode_t mask, int in, int out, int err) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int ignored : {SIGPIPE, SIGHUP, SIGINT}) signal(ignored, SIG_DFL);
  umask(mask);
  if (in >= 0) dup2(in, STDIN_FILENO);
  if (out >= 0) dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  execvp(argv[0], argv);
  _exit(127);
}

}  // namespace

Keeper::Keeper(const KeeperOptions& options, Fd console_listener, Fd client_listener, Fd report)
    : options_(options),
      log_(options.log, options.log_bytes),
      console_listener_(std::move(console_listener)),
      client_listener_(std::move(client_listener)),
      report_(std::move(report)),
      signals_(child_signals()) {}

void Keeper::run(mode_t mask) {
  deadline_ = now_ms() + kStartMs;
  held_until_ = options_.hold > 0 ? now_ms() + kHoldMs : 0;
  write_pid_file(options_.path("keeper.pid"));
  if (!signals_ || !start_command(mask)) fail(std::string("the keeper could not start: ") + strerror(errno));
  while (state_ != State::kOver) step();
  unlink(options_.path("keeper.sock").c_str());
  unlink(options_.path("console.sock").c_str());
}

bool Keeper::start_command(mode_t mask) {
  Fd in;
  Fd out;
  Fd err;
  if (!options_.tty) {
    bool made = make_pipe(&stdin_, &in, false, options_.uid, options_.gid) &&
                make_pipe(&stdout_, &out, true, options_.uid, options_.gid) &&
                make_pipe(&stderr_, &err, true, options_.uid, options_.gid);
    if (!made) return false;
    // Not /dev/null, which the runtime would give to the container's root.
    if (!options_.stdin_open) stdin_.close();
  }
  runtime_ = fork();
  if (runtime_ == 0) become(options_.command, mask, in.get(), out.get(), err.get());
  return runtime_ > 0;
}

bool Keeper::input(const char* data, size_t size) {
  if (!options_.stdin_open || input_ended_ || state_ == State::kFlushing) return true;
  if (waiting_input_.size() + size > kWaitingInput) return false;
  waiting_input_.append(data, size);
  return true;
}

void Keeper::input_ends() {
  if (!options_.tty) input_ended_ = true;
}

void Keeper::resize(uint16_t rows, uint16_t cols) {
  if (options_.tty && stdout_ && rows > 0 && cols > 0) set_size(stdout_.get(), {rows, cols});
}

/// Output waits for those who are to hear all of it, and for whoever does not read.
bool Keeper::reads_output() const {
  if (std::any_of(clients_.begin(), clients_.end(), [](const auto& client) { return client->full(); })) return false;
  if (held_until_ == 0 || now_ms() >= held_until_) return true;
  size_t listening = 0;
  for (const auto& client : clients_) listening += client->listens() ? 1 : 0;
  return listening >= options_.hold;
}

void Keeper::step() {
  bool reads = reads_output() && now_ms() >= hung_up_until_;
  if (reads) held_until_ = 0;
  short out_events = static_cast<short>(reads ? POLLIN : 0);
  int in = options_.tty ? stdout_.get() : stdin_.get();
  bool writes = !waiting_input_.empty() && state_ == State::kRunning;
  std::vector<pollfd> polls = {
      {signals_.get(), POLLIN, 0},
      {console_listener_.get(), POLLIN, 0},
      {clients_.size() < kMostClients ? client_listener_.get() : -1, POLLIN, 0},
      {reads ? stdout_.get() : -1, out_events, 0},
      {reads ? stderr_.get() : -1, out_events, 0},
      {writes ? in : -1, POLLOUT, 0},
  };
  size_t own = polls.size();
  for (const auto& client : clients_) polls.push_back({client->fd(), client->events(), 0});
  if (poll(polls.data(), polls.size(), timeout()) < 0) return;

  if (polls[0].revents != 0) reap();
  if (polls[1].revents != 0) accept_console();
  for (size_t i = own; i < polls.size(); i++) {
    Connection& client = *clients_[i - own];
    if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) client.receive();
  }
  if (polls[2].revents != 0) accept_client();
  if (polls[3].revents != 0) read_output(&stdout_, kStdout);
  if (polls[4].revents != 0) read_output(&stderr_, kStderr);
  write_input();
  for (const auto& client : clients_) {
    if (client->open()) client->flush();
  }
  std::erase_if(clients_, [](const auto& client) { return !client->open(); });
  advance();
}

int Keeper::timeout() const {
  int64_t now = now_ms();
  int64_t until = state_ == State::kRunning ? INT64_MAX : deadline_;
  if (held_until_ > now) until = std::min(until, held_until_);
  if (hung_up_until_ > now) until = std::min(until, hung_up_until_);
  if (until == INT64_MAX) return -1;
  return static_cast<int>(std::clamp<int64_t>(until - now, 0, kLingerMs));
}

void Keeper::reap() {
  signalfd_siginfo ignored;
  while (read(signals_.get(), &ignored, sizeof(ignored)) > 0) {
  }
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    if (pid == runtime_) {
      runtime_status_ = status;
    } else if (state_ == State::kStarting) {
      if (ended_.size() < kReaped) ended_.emplace_back(pid, status);
    } else if (pid == pid_) {
      status_ = status;
    }
  }
}

void Keeper::accept_console() {
  Fd connection(accept4(console_listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return;
  timeval limit = {kConsoleMs / 1000, 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  stdout_ = receive_console(connection.get());
  if (!stdout_) return;
  set_size(stdout_.get(), options_.size);
  console_listener_.close();
  unlink(options_.path("console.sock").c_str());
}

void Keeper::accept_client() {
  Fd client(accept4(client_listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (client) clients_.push_back(std::make_unique<Connection>(std::move(client), static_cast<Kept&>(*this)));
}

bool Keeper::read_output(Fd* from, uint8_t stream) {
  if (!*from) return false;
  uint8_t data[kChunk];
  ssize_t size = read(from->get(), data, sizeof(data));
  if (size < 0 && errno == EINTR) return true;
  if (size < 0 && errno == EAGAIN) return false;
  if (size <= 0) {
    // A pty that nobody holds may be opened again by a process that lives on.
    if (options_.tty && state_ == State::kRunning) {
      hung_up_until_ = now_ms() + kHungUpMs;
    } else {
      from->close();
    }
    return false;
  }
  log_.append(stream, data, static_cast<size_t>(size));
  for (const auto& client : clients_) {
    if (client->listens()) client->send(stream, data, static_cast<size_t>(size));
  }
  return true;
}

void Keeper::write_input() {
  if (state_ == State::kStarting) return;
  const Fd& to = options_.tty ? stdout_ : stdin_;
  while (!waiting_input_.empty() && to) {
    ssize_t size = write(to.get(), waiting_input_.data(), waiting_input_.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    // Nobody reads any more.
    waiting_input_.erase(0, size > 0 ? static_cast<size_t>(size) : waiting_input_.size());
  }
  if (!to) waiting_input_.clear();
  if (waiting_input_.empty() && input_ended_) stdin_.close();
  for (const auto& client : clients_) client->resume();
}

void Keeper::advance() {
  if (state_ == State::kStarting) advance_start();
  if (state_ == State::kRunning && status_ >= 0 && reads_output()) finish();
  if (state_ == State::kFlushing) {
    bool flushed = std::all_of(clients_.begin(), clients_.end(), [](const auto& client) { return client->flushed(); });
    if (flushed || now_ms() >= deadline_) state_ = State::kOver;
  }
}

void Keeper::advance_start() {
  if (now_ms() >= deadline_) {
    kill(-runtime_, SIGKILL);
    return fail("the runtime did not start the process in time");
  }
  if (runtime_status_ < 0) return;
  if (runtime_status_ != 0) {
    report("{\"ready\":false,\"exitStatus\":" + std::to_string(exit_code_of(runtime_status_)) + ",\"message\":\"\"}\n");
    state_ = State::kOver;
    return;
  }
  if (options_.tty && !stdout_) accept_console();
  pid_ = read_pid_file(options_.path("pid"));
  if (pid_ < 0 || (options_.tty && !stdout_)) return fail("the runtime ended without a process");
  for (const auto& [pid, status] : ended_) {
    if (pid == pid_) status_ = status;
  }
  state_ = State::kRunning;
  report("{\"ready\":true,\"pid\":" + std::to_string(pid_) + "}\n");
}

/// What the process wrote before its end is all in the pipes by now.
void Keeper::finish() {
  size_t reads = 0;
  // What a survivor of a terminal or an exec goes on writing has no end.
  constexpr size_t kMostReads = 64;
  while (reads_output() && reads < kMostReads && read_output(&stdout_, kStdout)) reads++;
  while (reads_output() && reads < kMostReads && read_output(&stderr_, kStderr)) reads++;
  if (!reads_output()) return;
  int exit_code = exit_code_of(status_);
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  char json[128];
  int length = snprintf(json, sizeof(json), "{\"exitCode\":%d,\"atMs\":%lld}\n", exit_code,
                        static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000);
  std::string temporary = options_.path("exit.tmp");
  {
    Fd file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    bool whole = file && write(file.get(), json, static_cast<size_t>(length)) == length;
    if (whole) rename(temporary.c_str(), options_.path("exit").c_str());
  }
  uint8_t code[4];
  put<uint32_t>(code, static_cast<uint32_t>(exit_code));
  for (const auto& client : clients_) client->send(kExit, code, sizeof(code));
  for (const auto& client : clients_) client->flush();
  stdin_.close();
  stdout_.close();
  stderr_.close();
  waiting_input_.clear();
  client_listener_.close();
  unlink(options_.path("keeper.sock").c_str());
  state_ = State::kFlushing;
  deadline_ = now_ms() + kLingerMs;
}

void Keeper::fail(const std::string& message) {
  report("{\"ready\":false,\"exitStatus\":null,\"message\":" + json_string(message) + "}\n");
  state_ = State::kOver;
}

void Keeper::report(const std::string& json) {
  [[maybe_unused]] ssize_t written = write(report_.get(), json.data(), json.size());
  report_.close();
}

}  // namespace slipway
