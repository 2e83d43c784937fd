#include "log-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "../shim/src/frame.h"

namespace slipway {

namespace {

constexpr size_t kHeadBytes = 13;

uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

LogFile::LogFile(std::string path, size_t most) : path_(std::move(path)), most_(most), until_(now_ns()) {
  if (!path_.empty()) open_file();
}

void LogFile::open_file() {
  file_ = Fd(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat status;
  size_ = file_ && fstat(file_.get(), &status) == 0 ? static_cast<size_t>(status.st_size) : 0;
}

void LogFile::rotate() {
  file_.close();
  rename(path_.c_str(), (path_ + ".1").c_str());
  open_file();
}

void LogFile::append(uint8_t stream, const uint8_t* data, size_t size) {
  if (path_.empty()) return;
  if (size_ > 0 && size_ + kHeadBytes + size > most_ / 2) rotate();
  if (!file_) return;
  uint8_t head[kHeadBytes];
  head[0] = stream;
  until_ = std::max(until_ + 1, now_ns());
  put<uint64_t>(head + 1, until_);
  put<uint32_t>(head + 9, static_cast<uint32_t>(size));
  iovec parts[2] = {{head, kHeadBytes}, {const_cast<uint8_t*>(data), size}};
  ssize_t written = writev(file_.get(), parts, 2);
  if (written == static_cast<ssize_t>(kHeadBytes + size)) {
    size_ += kHeadBytes + size;
  } else if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
    // Half a record would make the rest unreadable.
    file_.close();
  }
}

}  // namespace slipway
