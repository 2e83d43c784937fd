#include "files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "frame.h"

namespace slipway {

namespace {

constexpr int kBacklog = 4;

bool write_all(int fd, const uint8_t* data, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

Fd create(const std::string& path) {
  return Fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
}

bool write_scrollback(const std::string& path, const Ring& ring) {
  Fd file = create(path);
  if (!file) return false;
  uint8_t head[8];
  put<uint64_t>(head, ring.start());
  if (!write_all(file.get(), head, sizeof(head))) return false;
  for (uint64_t next = ring.start(); next < ring.end();) {
    size_t size = 0;
    const uint8_t* bytes = ring.at(next, ring.capacity(), &size);
    if (!write_all(file.get(), bytes, size)) return false;
    next += size;
  }
  return true;
}

}  // namespace

Fd listen_at(const std::string& path) {
  Fd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_fd) return socket_fd;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  unlink(path.c_str());
  // The mode of the socket file is that of the descriptor at bind, so there is no moment in which others may connect.
  if (fchmod(socket_fd.get(), 0600) != 0 ||
      bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(socket_fd.get(), kBacklog) != 0) {
    return Fd();
  }
  return socket_fd;
}

std::string json_string(const std::string& text) {
  std::string json = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += static_cast<char>(c);
    } else if (c < 0x20) {
      char escaped[8];
      snprintf(escaped, sizeof(escaped), "\\u%04x", c);
      json += escaped;
    } else {
      json += static_cast<char>(c);
    }
  }
  return json + "\"";
}

int read_pid_file(const std::string& path) {
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[16] = {};
  if (!file || read(file.get(), text, sizeof(text) - 1) <= 0) return -1;
  int pid = atoi(text);
  return pid > 0 ? pid : -1;
}

void write_pid_file(const std::string& path) {
  std::string text = std::to_string(getpid());
  Fd file = create(path);
  if (file) write_all(file.get(), reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

void write_ending(const Options& options, const Ring& ring, Size size, int exit_code) {
  std::string temporary = options.path("scrollback.tmp");
  if (write_scrollback(temporary, ring)) {
    rename(temporary.c_str(), options.path("scrollback").c_str());
  } else {
    unlink(temporary.c_str());
  }
  char json[160];
  int length = snprintf(json, sizeof(json), "{\"exitCode\":%d,\"end\":%llu,\"rows\":%u,\"cols\":%u}\n", exit_code,
                        static_cast<unsigned long long>(ring.end()), size.rows, size.cols);
  temporary = options.path("exit.tmp");
  Fd file = create(temporary);
  if (file && write_all(file.get(), reinterpret_cast<uint8_t*>(json), static_cast<size_t>(length))) {
    rename(temporary.c_str(), options.path("exit").c_str());
  }
}

}  // namespace slipway
