#include "javascript.h"

#include <optional>

namespace slipway {
namespace {

class Work : public Napi::AsyncWorker {
 public:
  Work(Napi::Env env, std::function<Answer()> body)
      : Napi::AsyncWorker(env, "slipway_native"), deferred_(env), body_(std::move(body)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      answer_ = body_();
    } catch (const SyscallError& error) {
      failure_ = error;
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(answer_(Env())); }
  void OnError(const Napi::Error& error) override {
    deferred_.Reject(failure_ ? toJavaScript(Env(), *failure_).Value() : error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::function<Answer()> body_;
  Answer answer_;
  std::optional<SyscallError> failure_;
};

}  // namespace

Napi::Error toJavaScript(Napi::Env env, const SyscallError& error) {
  const auto* state = env.GetInstanceData<AddonState>();
  Napi::Value instance = state->errorClass.New({
      Napi::String::New(env, error.what()),
      Napi::String::New(env, error.code()),
      Napi::Number::New(env, error.error()),
      Napi::String::New(env, error.syscall()),
      Napi::String::New(env, error.subject()),
  });
  return Napi::Error(env, instance);
}

Napi::Value runNow(Napi::Env env, const std::function<Napi::Value()>& body) {
  try {
    return body();
  } catch (const SyscallError& error) {
    throw toJavaScript(env, error);
  }
}

Napi::Value runLater(Napi::Env env, std::function<void()> body) {
  return answerLater(env, [body = std::move(body)]() -> Answer {
    body();
    return [](Napi::Env later) { return later.Undefined(); };
  });
}

Napi::Value answerLater(Napi::Env env, std::function<Answer()> body) {
  auto* work = new Work(env, std::move(body));  // deletes itself when it is done
  Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

std::string stringArgument(const Napi::CallbackInfo& info, size_t index) {
  std::string text;
  if (info[index].IsTypedArray()) {
    const auto bytes = info[index].As<Napi::Uint8Array>();
    text.assign(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  } else {
    text = info[index].As<Napi::String>().Utf8Value();
  }
  // A NUL would silently end the path in the kernel.
  if (text.find('\0') != std::string::npos) throw SyscallError("argument", "NUL in a path", EINVAL);
  return text;
}

int64_t integerArgument(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Number>().Int64Value();
}

std::string stringField(const Napi::Object& object, const char* name) {
  std::string text = object.Get(name).As<Napi::String>().Utf8Value();
  if (text.find('\0') != std::string::npos) throw SyscallError("argument", std::string("NUL in ") + name, EINVAL);
  return text;
}

}  // namespace slipway
