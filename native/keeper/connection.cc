#include "connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "../shim/src/frame.h"

namespace slipway {

namespace {

enum : uint8_t { kInput = 1, kInputEnds = 2, kResize = 3, kListen = 4 };
constexpr uint8_t kListening = 4;

constexpr size_t kHeadBytes = 5;
/// Largest payload from a client.
constexpr size_t kLargestPayload = 64 * 1024;
/// Unread output at which the process waits.
constexpr size_t kUnreadBytes = 512 * 1024;
constexpr size_t kReadBytes = 64 * 1024;

}  // namespace

bool Connection::full() const { return listens_ && out_.size() - sent_ > kUnreadBytes; }

short Connection::events() const {
  return static_cast<short>((waits_ ? 0 : POLLIN) | (flushed() ? 0 : POLLOUT));
}

void Connection::send(uint8_t type, const uint8_t* data, size_t size) {
  uint8_t head[kHeadBytes];
  head[0] = type;
  put<uint32_t>(head + 1, static_cast<uint32_t>(size));
  out_.append(reinterpret_cast<char*>(head), kHeadBytes);
  out_.append(reinterpret_cast<const char*>(data), size);
}

void Connection::receive() {
  char data[kReadBytes];
  ssize_t size = recv(socket_.get(), data, sizeof(data), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return socket_.close();
  in_.append(data, static_cast<size_t>(size));
  carry_out();
}

void Connection::resume() {
  if (!waits_) return;
  waits_ = false;
  carry_out();
}

void Connection::carry_out() {
  size_t at = 0;
  while (in_.size() - at >= kHeadBytes) {
    const uint8_t* head = reinterpret_cast<const uint8_t*>(in_.data()) + at;
    size_t size = take<uint32_t>(head + 1);
    if (size > kLargestPayload) return socket_.close();
    if (in_.size() - at < kHeadBytes + size) break;
    const uint8_t* payload = head + kHeadBytes;
    if (head[0] == kInput && !kept_.input(reinterpret_cast<const char*>(payload), size)) {
      waits_ = true;
      break;
    }
    if (head[0] == kInputEnds) kept_.input_ends();
    if (head[0] == kResize && size == 4) kept_.resize(take<uint16_t>(payload), take<uint16_t>(payload + 2));
    if (head[0] == kListen && !listens_) {
      listens_ = true;
      uint8_t until[8];
      put<uint64_t>(until, kept_.logged_until());
      send(kListening, until, sizeof(until));
    }
    at += kHeadBytes + size;
  }
  in_.erase(0, at);
}

void Connection::flush() {
  while (!flushed()) {
    ssize_t size = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size <= 0) return socket_.close();
    sent_ += static_cast<size_t>(size);
  }
  if (flushed()) {
    // A burst's memory is given back.
    if (out_.capacity() > kUnreadBytes / 4) std::string().swap(out_);
    out_.clear();
    sent_ = 0;
  }
}

}  // namespace slipway
