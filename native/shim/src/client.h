#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fd.h"
#include "frame.h"
#include "options.h"
#include "ring.h"

namespace slipway {

/// One frame from a client, its payload borrowed until the next read.
struct Frame {
  FrameType type;
  const uint8_t* data;
  size_t size;
};

/// One connection to shim.sock: frames in, frames and output of the ring out, nothing of it blocking.
class Client {
 public:
  Client(Fd connection, uint64_t serial) : connection_(std::move(connection)), serial_(serial) {}

  int fd() const { return connection_.get(); }
  /// Distinguishes connections; never used twice.
  uint64_t serial() const { return serial_; }
  bool attached() const { return attached_; }
  /// Number of the next output byte that has not been given to the socket.
  uint64_t sent() const { return sent_; }

  /// Starts to send output from `start`; more than `window` bytes without acknowledgement block the pty, until no more
  /// than `resume` are.
  void attach(uint64_t start, uint32_t window, uint32_t resume);
  void acknowledge(uint64_t sequence);
  /// True while this client wants no more output to be read; to be asked whenever the ring's end has moved.
  bool blocks(uint64_t end);

  /// Reads what has arrived. False when the connection is over.
  bool receive();
  /// Takes the next whole frame of what was received. False when there is none; sets `broken` on a frame too large.
  bool next(Frame* frame, bool* broken);

  /// Queues one small frame; it goes out between output frames. False when the client leaves too many unread.
  bool send(FrameWriter& frame);
  /// Queues a frame that may wait until `at` for output to go out with, so that the worker wakes once for both.
  void send_by(FrameWriter& frame, int64_t at);
  /// When a frame that waits has to go out; INT64_MAX when none does.
  int64_t due() const { return waiting_.empty() ? INT64_MAX : due_; }
  /// Queues the last frame; it goes out after all output.
  void send_last(FrameWriter& frame) { last_ = frame.finish(); }
  /// Gives the socket what it takes. False when the connection is over.
  bool flush(const Ring& ring, int64_t now);
  bool wants_to_send(const Ring& ring) const;

 private:
  bool write_some(iovec* parts, size_t count, size_t* written);
  bool flush_output(const Ring& ring, bool* full);
  bool flush_text(std::string* text, bool* full);

  Fd connection_;
  uint64_t serial_;
  bool attached_ = false;
  bool blocking_ = false;
  uint64_t acknowledged_ = 0;
  uint64_t sent_ = 0;
  uint32_t window_ = 0;
  uint32_t resume_ = 0;

  std::vector<uint8_t> received_;
  size_t consumed_ = 0;

  std::string control_;
  std::string waiting_;
  int64_t due_ = 0;
  std::string last_;
  uint8_t output_head_[kOutputHead];
  size_t head_left_ = 0;
  size_t body_left_ = 0;
};

}  // namespace slipway
