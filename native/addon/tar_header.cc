#include "tar_header.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace slipway {
namespace {

constexpr size_t kBlockBytes = 512;
constexpr size_t kNameBytes = 100;
/** Largest values of octal fields of 8 and 12 bytes. */
constexpr int64_t kMaxShort = 07777777;
constexpr int64_t kMaxLong = 077777777777;

bool isShortAscii(std::string_view text) {
  return text.size() <= kNameBytes &&
         std::all_of(text.begin(), text.end(), [](char character) { return static_cast<unsigned char>(character) < 128; });
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
void appendRecord(std::string& records, std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
  records += std::to_string(length);
  records += ' ';
  records += key;
  records += '=';
  records += value;
  records += '\n';
}

std::string recordsOf(const TarHeader& header) {
  std::string records;
  if (!isShortAscii(header.path)) appendRecord(records, "path", header.path);
  if (!isShortAscii(header.linkTarget)) appendRecord(records, "linkpath", header.linkTarget);
  if (header.sizeBytes > kMaxLong) appendRecord(records, "size", std::to_string(header.sizeBytes));
  if (header.uid > kMaxShort) appendRecord(records, "uid", std::to_string(header.uid));
  if (header.gid > kMaxShort) appendRecord(records, "gid", std::to_string(header.gid));
  if (header.mtimeSeconds < 0 || header.mtimeSeconds > kMaxLong) {
    appendRecord(records, "mtime", std::to_string(header.mtimeSeconds));
  }
  if (!header.capability.empty()) appendRecord(records, "SCHILY.xattr.security.capability", header.capability);
  return records;
}

using Block = std::array<char, kBlockBytes>;

/** An octal number with a NUL at its end; 0 for what has no room. */
void putOctal(Block& block, size_t offset, size_t bytes, int64_t value, int64_t max) {
  const auto usable = static_cast<unsigned long long>(value < 0 || value > max ? 0 : value);
  std::snprintf(block.data() + offset, bytes, "%0*llo", static_cast<int>(bytes - 1), usable);
}

void appendBlock(std::string& out, const TarHeader& header, char type, int64_t sizeBytes) {
  Block block{};
  std::memcpy(block.data(), header.path.data(), std::min(header.path.size(), kNameBytes));
  putOctal(block, 100, 8, header.mode & 07777, kMaxShort);
  putOctal(block, 108, 8, header.uid, kMaxShort);
  putOctal(block, 116, 8, header.gid, kMaxShort);
  putOctal(block, 124, 12, sizeBytes, kMaxLong);
  putOctal(block, 136, 12, header.mtimeSeconds, kMaxLong);
  std::memset(block.data() + 148, ' ', 8);
  block[156] = type;
  std::memcpy(block.data() + 157, header.linkTarget.data(), std::min(header.linkTarget.size(), kNameBytes));
  std::memcpy(block.data() + 257, "ustar\0" "00", 8);
  unsigned sum = 0;
  for (char byte : block) sum += static_cast<unsigned char>(byte);
  std::snprintf(block.data() + 148, 7, "%06o", sum);
  block[155] = ' ';
  out.append(block.data(), block.size());
}

}  // namespace

size_t tarPadding(int64_t size) {
  return (kBlockBytes - static_cast<size_t>(size) % kBlockBytes) % kBlockBytes;
}

void appendTarHeader(std::string& out, const TarHeader& header) {
  const std::string records = recordsOf(header);
  if (!records.empty()) {
    TarHeader extended = header;
    extended.path = "PaxHeaders/entry";
    extended.linkTarget.clear();
    extended.mode = 0644;
    const auto size = static_cast<int64_t>(records.size());
    appendBlock(out, extended, 'x', size);
    out += records;
    out.append(tarPadding(size), '\0');
  }
  appendBlock(out, header, static_cast<char>(header.type), header.sizeBytes);
}

void appendTarEnd(std::string& out) { out.append(2 * kBlockBytes, '\0'); }

}  // namespace slipway
