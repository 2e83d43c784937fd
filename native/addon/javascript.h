#pragma once

#include <napi.h>

#include <functional>
#include <string>

#include "syscall_error.h"

namespace slipway {

/** What the addon keeps per JavaScript environment. */
struct AddonState {
  /** The class NativeError of the facade: (message, code, errno, syscall, path). */
  Napi::FunctionReference errorClass;
};

/** The SyscallError as an instance of the facade's class. */
Napi::Error toJavaScript(Napi::Env env, const SyscallError& error);

/** Runs `body` now, a SyscallError becomes a JavaScript exception. */
Napi::Value runNow(Napi::Env env, const std::function<Napi::Value()>& body);

/** Runs `body` on a thread of libuv's pool; the promise is resolved with undefined. */
Napi::Value runLater(Napi::Env env, std::function<void()> body);

/** What a body on another thread found out, to be made a JavaScript value on the thread that may. */
using Answer = std::function<Napi::Value(Napi::Env)>;

/** As runLater; the promise is resolved with the body's answer. */
Napi::Value answerLater(Napi::Env env, std::function<Answer()> body);

/** A string, or the bytes of a name that is no UTF-8. */
std::string stringArgument(const Napi::CallbackInfo& info, size_t index);
int64_t integerArgument(const Napi::CallbackInfo& info, size_t index);
std::string stringField(const Napi::Object& object, const char* name);

}  // namespace slipway
