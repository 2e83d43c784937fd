#include "bindings.h"
#include "javascript.h"
#include "placement.h"

namespace slipway {
namespace {

/** Numbers of an entry: kind, offset, size, mode, uid, gid, mtime. */
constexpr size_t kNumbers = 7;

std::string nextText(const char*& at, const char* end) {
  const char* stop = at;
  while (stop < end && *stop != '\0') ++stop;
  if (stop == end) throw SyscallError("argument", "a text has no end", EINVAL);
  std::string text(at, stop);
  at = stop + 1;
  return text;
}

/** Flat arrays, as thousands of objects would take longer to read than the files to write. */
std::vector<PlacedEntry> entriesOf(const Napi::Float64Array& numbers, const Napi::Uint8Array& texts) {
  std::vector<PlacedEntry> entries;
  entries.reserve(numbers.ElementLength() / kNumbers);
  const char* at = reinterpret_cast<const char*>(texts.Data());
  const char* end = at + texts.ByteLength();
  for (size_t index = 0; index + kNumbers <= numbers.ElementLength(); index += kNumbers) {
    const double* number = numbers.Data() + index;
    PlacedEntry entry{static_cast<PlacedKind>(static_cast<int>(number[0])),
                      nextText(at, end),
                      nextText(at, end),
                      static_cast<int64_t>(number[1]),
                      static_cast<int64_t>(number[2]),
                      static_cast<uint32_t>(number[3]),
                      static_cast<uint32_t>(number[4]),
                      static_cast<uint32_t>(number[5]),
                      static_cast<int64_t>(number[6])};
    const std::string& name = entry.name;
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        (entry.kind == PlacedKind::kFile && entry.source.find('/') != std::string::npos)) {
      throw SyscallError("argument", "not the name of a directory entry: " + name, EINVAL);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Napi::Value placeEntriesBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    auto directory = static_cast<int>(integerArgument(info, 0));
    auto pack = static_cast<int>(integerArgument(info, 1));
    auto from = static_cast<int>(integerArgument(info, 2));
    auto entries = entriesOf(info[3].As<Napi::Float64Array>(), info[4].As<Napi::Uint8Array>());
    return runLater(info.Env(), [directory, pack, from, entries = std::move(entries)] {
      placeEntries(directory, pack, from, entries);
    });
  });
}

}  // namespace

void definePlacement(Napi::Env env, Napi::Object exports) {
  exports.Set("placeEntries", Napi::Function::New(env, placeEntriesBinding));
}

}  // namespace slipway
