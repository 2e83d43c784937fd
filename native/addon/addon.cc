#include <napi.h>

#include "bindings.h"
#include "javascript.h"

namespace slipway {
namespace {

/** The facade hands over its error class before anything else. */
void setErrorClass(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<AddonState>()->errorClass = Napi::Persistent(info[0].As<Napi::Function>());
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new AddonState);
  exports.Set("setErrorClass", Napi::Function::New(env, setErrorClass));
  defineMounts(env, exports);
  defineEntries(env, exports);
  defineDirectories(env, exports);
  defineApplier(env, exports);
  defineCopies(env, exports);
  definePacker(env, exports);
  definePrograms(env, exports);
  definePlacement(env, exports);
  return exports;
}

}  // namespace
}  // namespace slipway

using slipway::initialise;
NODE_API_MODULE(slipway_native, initialise)
