#include "hub.h"

#include <sys/socket.h>

#include <algorithm>

namespace slipway {

void Hub::add_to(std::vector<pollfd>* polls) const {
  polls->push_back({clients_.size() < kClients ? listener_.get() : -1, POLLIN, 0});
  for (const auto& client : clients_) {
    short events = client->wants_to_send(ring_) ? POLLIN | POLLOUT : POLLIN;
    polls->push_back({client->fd(), events, 0});
  }
}

void Hub::handle(const pollfd* polls, size_t count) {
  // Clients first: accepting one adds to the list that the entries mirror.
  for (size_t i = count - 1; i >= 1; i--) {
    bool readable = (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    if (readable && !hear(*clients_[i - 1])) clients_.erase(clients_.begin() + static_cast<ptrdiff_t>(i - 1));
  }
  if ((polls[0].revents & POLLIN) != 0) accept_client();
}

void Hub::flush(int64_t now) {
  std::erase_if(clients_, [&](const auto& client) { return !client->flush(ring_, now); });
}

int64_t Hub::due() const {
  int64_t due = INT64_MAX;
  for (const auto& client : clients_) due = std::min(due, client->due());
  return due;
}

void Hub::accept_client() {
  Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return;
  clients_.push_back(std::make_unique<Client>(std::move(connection), next_serial_++));
}

bool Hub::hear(Client& client) {
  if (!client.receive()) return false;
  Frame frame;
  bool broken = false;
  while (client.next(&frame, &broken)) {
    if (!obey(client, frame)) return false;
  }
  return !broken;
}

bool Hub::obey(Client& client, const Frame& frame) {
  switch (frame.type) {
    case FrameType::kAttach:
      return attach(client, frame);
    case FrameType::kInput:
      return frame.size >= kInputHead && input_.add(client.serial(), take<uint64_t>(frame.data),
                                                    take<uint64_t>(frame.data + 8), frame.data + kInputHead,
                                                    frame.size - kInputHead);
    case FrameType::kResize:
      return resize(frame);
    case FrameType::kAcknowledge:
      if (frame.size != 8) return false;
      client.acknowledge(take<uint64_t>(frame.data));
      return true;
    case FrameType::kRelease:
      return release(client, frame);
    case FrameType::kSignal:
      if (frame.size != 4) return false;
      process_.signal(static_cast<int>(take<uint32_t>(frame.data)));
      return true;
    default:
      return false;
  }
}

bool Hub::attach(Client& client, const Frame& frame) {
  if (frame.size != 16 || client.attached()) return false;
  uint64_t next = take<uint64_t>(frame.data);
  uint64_t start = std::clamp(next, ring_.start(), ring_.end());
  FrameWriter header(FrameType::kHeader);
  header.add<uint64_t>(start).add<uint64_t>(ring_.end());
  for (const auto& [from, size] : sizes_.since(start)) {
    header.add<uint64_t>(from).add<uint16_t>(size.rows).add<uint16_t>(size.cols);
  }
  client.attach(start, take<uint32_t>(frame.data + 8), take<uint32_t>(frame.data + 12));
  if (exited_) {
    FrameWriter exit(FrameType::kExit);
    client.send_last(exit.add<uint32_t>(static_cast<uint32_t>(exit_code_)));
  }
  return client.send(header);
}

bool Hub::resize(const Frame& frame) {
  if (frame.size != 4) return false;
  Size size = {take<uint16_t>(frame.data), take<uint16_t>(frame.data + 2)};
  sizes_.add(ring_.end(), size);
  process_.resize(size);
  for (auto& client : clients_) {
    FrameWriter told(FrameType::kSize);
    // One that does not read is found and dropped at its next flush.
    client->send(told.add<uint64_t>(ring_.end()).add<uint16_t>(size.rows).add<uint16_t>(size.cols));
  }
  return true;
}

bool Hub::release(const Client& client, const Frame& frame) {
  if (frame.size != 8) return false;
  released_ = std::max(released_, std::min(take<uint64_t>(frame.data), client.sent()));
  return true;
}

bool Hub::blocks() {
  bool any = false;
  // No short cut: each client's own state follows the ring's end.
  for (auto& client : clients_) any = client->blocks(ring_.end()) || any;
  return any;
}

size_t Hub::room(size_t most) const {
  uint64_t needed = released_;
  for (const auto& client : clients_) {
    if (client->attached()) needed = std::min(needed, client->sent());
  }
  size_t used = static_cast<size_t>(ring_.end() - needed);
  return most > used ? most - used : 0;
}

void Hub::tell_taken(const std::vector<InputQueue::Taken>& taken, int64_t now) {
  for (const auto& [connection, writer, id] : taken) {
    for (auto& client : clients_) {
      if (client->serial() != connection) continue;
      FrameWriter told(FrameType::kTaken);
      client->send_by(told.add<uint64_t>(writer).add<uint64_t>(id), now + kTakenMs);
    }
  }
}

void Hub::tell_exit(int exit_code) {
  exited_ = true;
  exit_code_ = exit_code;
  for (auto& client : clients_) {
    FrameWriter exit(FrameType::kExit);
    client->send_last(exit.add<uint32_t>(static_cast<uint32_t>(exit_code)));
  }
}

bool Hub::flushed() const {
  return std::none_of(clients_.begin(), clients_.end(),
                      [&](const auto& client) { return client->wants_to_send(ring_); });
}

}  // namespace slipway
