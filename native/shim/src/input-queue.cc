#include "input-queue.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace slipway {

bool InputQueue::add(uint64_t connection, uint64_t writer, uint64_t id, const uint8_t* data, size_t size) {
  if (bytes_ + size > kQueueBytes || waiting_.size() == kQueueInputs) return false;
  // A repeat, or one without bytes, is answered as taken when those before it are.
  bool drop = is_repeat(writer, id);
  std::string bytes = drop ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
  bytes_ += bytes.size();
  waiting_.push_back({{connection, writer, id}, std::move(bytes)});
  return true;
}

bool InputQueue::is_repeat(uint64_t writer, uint64_t id) {
  auto known = std::find_if(writers_.begin(), writers_.end(), [&](const Writer& w) { return w.id == writer; });
  if (known != writers_.end()) {
    if (id <= known->last) return true;
    std::rotate(known, known + 1, writers_.end());
    writers_.back().last = id;
    return false;
  }
  if (writers_.size() == kWriters) writers_.erase(writers_.begin());
  writers_.push_back({writer, id});
  return false;
}

void InputQueue::write_to(int pty, std::vector<Taken>* taken) {
  while (!waiting_.empty()) {
    Input& input = waiting_.front();
    size_t left = input.data.size() - input.written;
    if (left > 0) {
      ssize_t size = write(pty, input.data.data() + input.written, left);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      input.written += static_cast<size_t>(size);
      if (static_cast<size_t>(size) < left) continue;
    }
    bytes_ -= input.data.size();
    taken->push_back(input.taken);
    waiting_.pop_front();
  }
}

void InputQueue::clear() {
  waiting_.clear();
  bytes_ = 0;
}

}  // namespace slipway
