#include <memory>

#include "bindings.h"
#include "javascript.h"
#include "tree_applier.h"

namespace slipway {
namespace {

/** Numbers of a step: call, mode, uid, gid, mtime, offset, length, bytes of the path, bytes of the text. */
constexpr size_t kNumbers = 9;

/** The next bytes of the texts; a path must not hold a NUL, which would end it in the kernel. */
std::string take(const Napi::Uint8Array& texts, size_t& at, double length, bool isPath) {
  const auto bytes = static_cast<size_t>(length);
  if (bytes > texts.ByteLength() - at) throw SyscallError("argument", "a text has no end", EINVAL);
  std::string text(reinterpret_cast<const char*>(texts.Data()) + at, bytes);
  at += bytes;
  if (isPath && text.find('\0') != std::string::npos) throw SyscallError("argument", "NUL in a path", EINVAL);
  return text;
}

/** Flat arrays, as thousands of objects would take longer to read than the files to write. */
std::vector<TreeStep> stepsOf(const Napi::Float64Array& numbers, size_t count, const Napi::Uint8Array& texts) {
  if (count > numbers.ElementLength() / kNumbers) throw SyscallError("argument", "steps are missing", EINVAL);
  std::vector<TreeStep> steps;
  steps.reserve(count);
  size_t at = 0;
  for (size_t index = 0; index < count; ++index) {
    const double* number = numbers.Data() + index * kNumbers;
    const auto call = static_cast<TreeCall>(static_cast<int>(number[0]));
    const bool isLink = call == TreeCall::kSymlink || call == TreeCall::kHardLink;
    std::string path = take(texts, at, number[7], true);
    std::string text = take(texts, at, number[8], isLink);
    steps.push_back({call, static_cast<uint32_t>(number[1]), static_cast<uint32_t>(number[2]),
                     static_cast<uint32_t>(number[3]), static_cast<int64_t>(number[4]),
                     static_cast<size_t>(number[5]), static_cast<size_t>(number[6]), std::move(path), std::move(text)});
  }
  return steps;
}

/** An applier as an object of JavaScript; one call at a time. */
class Applier : public Napi::ObjectWrap<Applier> {
 public:
  explicit Applier(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Applier>(info) {
    runNow(info.Env(), [&] {
      applier_ = std::make_shared<TreeApplier>(static_cast<int>(integerArgument(info, 0)), integerArgument(info, 1),
                                               info[2].ToBoolean());
      return info.Env().Undefined();
    });
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "TreeApplier",
                       {InstanceMethod<&Applier::apply>("apply"), InstanceMethod<&Applier::finish>("finish"),
                        InstanceMethod<&Applier::close>("close")});
  }

 private:
  /** (numbers, count, texts, content) */
  Napi::Value apply(const Napi::CallbackInfo& info) {
    return runNow(info.Env(), [&] {
      if (!applier_) throw SyscallError("argument", "the applier is closed", EBADF);
      auto steps = std::make_shared<std::vector<TreeStep>>(
          stepsOf(info[0].As<Napi::Float64Array>(), static_cast<size_t>(integerArgument(info, 1)),
                  info[2].As<Napi::Uint8Array>()));
      const Napi::Uint8Array content = info[3].As<Napi::Uint8Array>();
      // Held until the work is done, so that the bytes stay where they are.
      auto held = std::make_shared<Napi::Reference<Napi::Uint8Array>>(Napi::Persistent(content));
      const char* bytes = reinterpret_cast<const char*>(content.Data());
      return runLater(info.Env(), [applier = applier_, steps, held, bytes, length = content.ByteLength()] {
        applier->apply(*steps, bytes, length);
      });
    });
  }

  Napi::Value finish(const Napi::CallbackInfo& info) {
    return runNow(info.Env(), [&] {
      if (!applier_) throw SyscallError("argument", "the applier is closed", EBADF);
      return runLater(info.Env(), [applier = applier_] { applier->finish(); });
    });
  }

  /** Lets its descriptors go, once no other call is under way. */
  Napi::Value close(const Napi::CallbackInfo& info) {
    applier_.reset();
    return info.Env().Undefined();
  }

  std::shared_ptr<TreeApplier> applier_;
};

}  // namespace

void defineApplier(Napi::Env env, Napi::Object exports) { exports.Set("TreeApplier", Applier::define(env)); }

}  // namespace slipway
