#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../shim/src/fd.h"

namespace slipway {

/// What a connection may ask of the process.
class Kept {
 public:
  virtual ~Kept() = default;
  /// False when it takes no more for now; nothing of `data` was taken then.
  virtual bool input(const char* data, size_t size) = 0;
  virtual void input_ends() = 0;
  virtual void resize(uint16_t rows, uint16_t cols) = 0;
  /// When what is in the log was written last, nanoseconds since the epoch.
  virtual uint64_t logged_until() const = 0;
};

/// A client of keeper.sock; see README.md for its words.
class Connection {
 public:
  Connection(Fd client, Kept& kept) : socket_(std::move(client)), kept_(kept) {}

  int fd() const { return socket_.get(); }
  bool open() const { return static_cast<bool>(socket_); }
  bool listens() const { return listens_; }
  /// True while so much is unread that the process has to wait.
  bool full() const;
  bool flushed() const { return out_.size() == sent_; }
  /// For poll(2).
  short events() const;

  void send(uint8_t type, const uint8_t* data, size_t size);
  /// Reads what came and carries it out.
  void receive();
  /// Carries out what waited for the process to read.
  void resume();
  void flush();

 private:
  void carry_out();

  Fd socket_;
  Kept& kept_;
  std::string in_;
  std::string out_;
  size_t sent_ = 0;
  bool listens_ = false;
  /// Input of this client waits for the process.
  bool waits_ = false;
};

}  // namespace slipway
