#include <unistd.h>

#include "bindings.h"
#include "javascript.h"
#include "spawn.h"

namespace slipway {
namespace {

std::vector<std::string> stringsOf(const Napi::Value& value) {
  std::vector<std::string> texts;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t index = 0; index < array.Length(); ++index) {
    texts.push_back(array.Get(index).As<Napi::String>().Utf8Value());
    if (texts.back().find('\0') != std::string::npos) throw SyscallError("argument", "NUL in an argument", EINVAL);
  }
  return texts;
}

/** Copied here, on the thread that may change it. */
std::vector<std::string> ownEnvironment() {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) texts.emplace_back(*entry);
  return texts;
}

Napi::Value spawnBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    SpawnOptions options{stringArgument(info, 0), stringsOf(info[1]), ownEnvironment(), {}};
    const Napi::Array descriptors = info[2].As<Napi::Array>();
    for (uint32_t index = 0; index < descriptors.Length(); ++index) {
      options.descriptors.push_back(descriptors.Get(index).As<Napi::Number>().Int32Value());
    }
    return answerLater(info.Env(), [options = std::move(options)]() -> Answer {
      const pid_t pid = spawnProgram(options);
      return [pid](Napi::Env env) { return Napi::Number::New(env, pid); };
    });
  });
}

Napi::Value reapBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return answerLater(info.Env(), [pid = static_cast<pid_t>(integerArgument(info, 0))]() -> Answer {
      const int status = reapProgram(pid);
      return [status](Napi::Env env) { return Napi::Number::New(env, status); };
    });
  });
}

Napi::Value sealedCopyBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(),
                [&] { return Napi::Number::New(info.Env(), sealedCopy(stringArgument(info, 0)).release()); });
}

}  // namespace

void definePrograms(Napi::Env env, Napi::Object exports) {
  exports.Set("spawnProgram", Napi::Function::New(env, spawnBinding));
  exports.Set("reapProgram", Napi::Function::New(env, reapBinding));
  exports.Set("sealedCopy", Napi::Function::New(env, sealedCopyBinding));
}

}  // namespace slipway
