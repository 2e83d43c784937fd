#include "runtime-command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace slipway {

namespace {

[[noreturn]] void become(char** argv, mode_t mask, int output) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int ignored : {SIGPIPE, SIGHUP, SIGINT}) signal(ignored, SIG_DFL);
  umask(mask);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(argv[0], argv);
  dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

}  // namespace

bool RuntimeCommand::start(char** argv, mode_t mask) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  Fd reader(ends[0]);
  Fd writer(ends[1]);
  // The command may expect writes to block.
  fcntl(writer.get(), F_SETFL, 0);
  pid_ = fork();
  if (pid_ == 0) become(argv, mask, writer.get());
  output_ = std::move(reader);
  return pid_ > 0;
}

void RuntimeCommand::read_output() {
  for (;;) {
    char text[1024];
    ssize_t size = read(output_.get(), text, sizeof(text));
    if (size > 0) {
      message_.append(text, std::min(static_cast<size_t>(size), kMessageBytes - message_.size()));
      continue;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    output_.close();
    return;
  }
}

void RuntimeCommand::kill_group() const {
  if (pid_ > 0) kill(-pid_, SIGKILL);
}

}  // namespace slipway
