#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

/// The words of shim.sock, as README.md describes them. All integers are big-endian.
namespace slipway {

enum class FrameType : uint8_t {
  kAttach = 1,
  kInput = 2,
  kResize = 3,
  kAcknowledge = 4,
  kSignal = 5,
  kRelease = 6,
  kHeader = 65,
  kOutput = 66,
  kExit = 67,
  kSize = 68,
  kTaken = 69,
};

/// Length prefix and type.
constexpr size_t kFrameHead = 5;
/// Sequence number at the start of an output frame.
constexpr size_t kOutputHead = kFrameHead + 8;
/// Largest output bytes of one frame.
constexpr size_t kOutputChunk = 64 * 1024;
/// Largest input bytes of one frame.
constexpr size_t kInputChunk = 64 * 1024;
/// Client id and input id before the bytes of an input frame.
constexpr size_t kInputHead = 16;
/// Largest frame from a client, its length prefix not counted.
constexpr size_t kLargestFrame = 1 + kInputHead + kInputChunk;

template <typename T>
void put(uint8_t* to, T value) {
  for (size_t i = 0; i < sizeof(T); i++) to[i] = static_cast<uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
}

template <typename T>
T take(const uint8_t* from) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); i++) value = static_cast<T>(value << 8 | from[i]);
  return value;
}

/// Builds one small frame.
class FrameWriter {
 public:
  explicit FrameWriter(FrameType type) {
    bytes_.resize(kFrameHead);
    bytes_[4] = static_cast<char>(type);
  }
  template <typename T>
  FrameWriter& add(T value) {
    uint8_t encoded[sizeof(T)];
    put<T>(encoded, value);
    bytes_.append(reinterpret_cast<char*>(encoded), sizeof(T));
    return *this;
  }
  const std::string& finish() {
    put<uint32_t>(reinterpret_cast<uint8_t*>(bytes_.data()), static_cast<uint32_t>(bytes_.size() - 4));
    return bytes_;
  }

 private:
  std::string bytes_;
};

}  // namespace slipway
