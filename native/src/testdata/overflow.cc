#include <napi.h>

#include <climits>
#include <cstdlib>

/* Mistakes on purpose, for sanitized.kernel.test.ts. */
namespace {

Napi::Value writeBeyond(const Napi::CallbackInfo& info) {
  const int count = info[0].As<Napi::Number>().Int32Value();
  char* bytes = static_cast<char*>(std::malloc(static_cast<size_t>(count)));
  for (int index = 0; index <= count; ++index) bytes[index] = 'x';
  const char last = bytes[count - 1];
  std::free(bytes);
  return Napi::Number::New(info.Env(), last);
}

Napi::Value addBeyond(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), INT_MAX + info[0].As<Napi::Number>().Int32Value());
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  exports.Set("writeBeyond", Napi::Function::New(env, writeBeyond));
  exports.Set("addBeyond", Napi::Function::New(env, addBeyond));
  return exports;
}

}  // namespace

NODE_API_MODULE(overflow, start)
