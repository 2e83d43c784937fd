#include "client.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace slipway {

namespace {

/// Small frames that may wait for a client that does not read.
constexpr size_t kControlBytes = 16 * 1024;
constexpr size_t kReceiveBytes = 16 * 1024;
/// Frames that wait for output to go out with.
constexpr size_t kWaitingBytes = 1024;
/// Output frames per flush, so that one fast client does not keep the pty and the others waiting.
constexpr int kFramesPerFlush = 16;

}  // namespace

void Client::attach(uint64_t start, uint32_t window, uint32_t resume) {
  attached_ = true;
  acknowledged_ = start;
  sent_ = start;
  window_ = window;
  resume_ = std::min(resume, window);
}

void Client::acknowledge(uint64_t sequence) {
  acknowledged_ = std::clamp(sequence, acknowledged_, sent_);
}

bool Client::blocks(uint64_t end) {
  if (!attached_) return false;
  uint64_t outstanding = end - acknowledged_;
  blocking_ = outstanding > (blocking_ ? resume_ : window_);
  return blocking_;
}

bool Client::receive() {
  received_.erase(received_.begin(), received_.begin() + static_cast<ptrdiff_t>(consumed_));
  consumed_ = 0;
  size_t before = received_.size();
  received_.resize(before + kReceiveBytes);
  ssize_t size = recv(fd(), received_.data() + before, kReceiveBytes, MSG_DONTWAIT);
  int error = errno;
  received_.resize(before + static_cast<size_t>(std::max<ssize_t>(size, 0)));
  if (size > 0) return true;
  return size < 0 && (error == EAGAIN || error == EINTR);
}

bool Client::next(Frame* frame, bool* broken) {
  size_t available = received_.size() - consumed_;
  const uint8_t* head = received_.data() + consumed_;
  if (available < kFrameHead) return false;
  uint32_t length = take<uint32_t>(head);
  if (length < 1 || length > kLargestFrame) {
    *broken = true;
    return false;
  }
  if (available < 4 + size_t{length}) return false;
  *frame = {static_cast<FrameType>(head[4]), head + kFrameHead, length - 1};
  consumed_ += 4 + size_t{length};
  return true;
}

bool Client::send(FrameWriter& frame) {
  if (control_.size() > kControlBytes) return false;
  control_ += frame.finish();
  return true;
}

bool Client::wants_to_send(const Ring& ring) const {
  return head_left_ > 0 || body_left_ > 0 || !control_.empty() || !last_.empty() || (attached_ && sent_ < ring.end());
}

/// False on an error; `written` is 0 when the socket is full.
bool Client::write_some(iovec* parts, size_t count, size_t* written) {
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  ssize_t result = sendmsg(fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  *written = static_cast<size_t>(std::max<ssize_t>(result, 0));
  return result >= 0 || errno == EAGAIN || errno == EINTR;
}

void Client::send_by(FrameWriter& frame, int64_t at) {
  if (waiting_.empty()) due_ = at;
  waiting_ += frame.finish();
}

bool Client::flush(const Ring& ring, int64_t now) {
  bool full = false;
  bool has_output = attached_ && sent_ < ring.end();
  bool over = !last_.empty() || waiting_.size() > kWaitingBytes;
  if (!waiting_.empty() && (has_output || now >= due_ || over)) {
    control_ += waiting_;
    waiting_.clear();
  }
  for (int frames = 0; frames < kFramesPerFlush && !full; frames++) {
    bool between = head_left_ == 0 && body_left_ == 0;
    bool output = attached_ && sent_ < ring.end();
    if (between && !control_.empty() && !output) {
      if (!flush_text(&control_, &full)) return false;
      continue;
    }
    if (between && (!attached_ || sent_ == ring.end())) break;
    if (!flush_output(ring, &full)) return false;
  }
  bool all_sent = head_left_ == 0 && body_left_ == 0 && control_.empty() && (!attached_ || sent_ == ring.end());
  return full || !all_sent || flush_text(&last_, &full);
}

bool Client::flush_text(std::string* text, bool* full) {
  if (text->empty()) return true;
  size_t written = 0;
  iovec part = {text->data(), text->size()};
  if (!write_some(&part, 1, &written)) return false;
  *full = written < text->size();
  text->erase(0, written);
  return true;
}

bool Client::flush_output(const Ring& ring, bool* full) {
  if (head_left_ == 0 && body_left_ == 0) {
    ring.at(sent_, kOutputChunk, &body_left_);
    put<uint32_t>(output_head_, static_cast<uint32_t>(kOutputHead - 4 + body_left_));
    output_head_[4] = static_cast<uint8_t>(FrameType::kOutput);
    put<uint64_t>(output_head_ + kFrameHead, sent_);
    head_left_ = kOutputHead;
  }
  // One write, so that the worker wakes once for a key's echo.
  size_t contiguous = 0;
  const uint8_t* bytes = ring.at(sent_, body_left_, &contiguous);
  // Not in the middle of a frame of output.
  size_t before = head_left_ == kOutputHead ? control_.size() : 0;
  iovec parts[] = {{control_.data(), before},
                   {output_head_ + kOutputHead - head_left_, head_left_},
                   {const_cast<uint8_t*>(bytes), contiguous}};
  size_t written = 0;
  if (!write_some(parts, 3, &written)) return false;
  *full = written < before + head_left_ + contiguous;
  size_t of_control = std::min(written, before);
  control_.erase(0, of_control);
  written -= of_control;
  size_t of_head = std::min(written, head_left_);
  head_left_ -= of_head;
  sent_ += written - of_head;
  body_left_ -= written - of_head;
  return true;
}

}  // namespace slipway
