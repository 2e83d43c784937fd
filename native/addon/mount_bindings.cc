#include "bindings.h"
#include "javascript.h"
#include "loop_mount.h"
#include "overlay.h"
#include "plain_mounts.h"
#include "sparse_copy.h"

namespace slipway {
namespace {

std::optional<IdRange> idRangeField(const Napi::Object& object) {
  if (!object.Get("idRange").IsObject()) return std::nullopt;
  Napi::Object range = object.Get("idRange").As<Napi::Object>();
  return IdRange{range.Get("firstHostId").As<Napi::Number>().Uint32Value(),
                 range.Get("size").As<Napi::Number>().Uint32Value()};
}

OverlayOptions overlayOptions(const Napi::Object& object) {
  OverlayOptions options;
  Napi::Array lowers = object.Get("lowers").As<Napi::Array>();
  for (uint32_t index = 0; index < lowers.Length(); ++index) {
    options.lowers.push_back(lowers.Get(index).As<Napi::String>().Utf8Value());
  }
  options.upper = stringField(object, "upper");
  options.work = stringField(object, "work");
  options.isVolatile = object.Get("volatile").ToBoolean();
  options.stageInNamespace = object.Get("stageInNamespace").ToBoolean();
  options.idRange = idRangeField(object);
  return options;
}

Napi::Value mountOverlayBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    OverlayOptions options = overlayOptions(info[0].As<Napi::Object>());
    return runLater(info.Env(), [options = std::move(options), target = stringArgument(info, 1)] {
      mountOverlay(options, target);
    });
  });
}

/** Synchronous, as a descriptor that nobody waits for any more would leak. */
Napi::Value openOverlayBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return Napi::Number::New(info.Env(), makeOverlay(overlayOptions(info[0].As<Napi::Object>())).release());
  });
}

Napi::Value mountLoopBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    Napi::Object object = info[0].As<Napi::Object>();
    LoopMountOptions options{stringField(object, "image"), stringField(object, "target"), stringField(object, "type"),
                             stringField(object, "data")};
    return runLater(info.Env(), [options = std::move(options)] { mountLoop(options); });
  });
}

Napi::Value mountBindBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    Napi::Object object = info[0].As<Napi::Object>();
    BindOptions options{stringField(object, "source"), stringField(object, "target"), idRangeField(object),
                        object.Get("readOnly").ToBoolean()};
    return runLater(info.Env(), [options = std::move(options)] { mountBind(options); });
  });
}

Napi::Value mountTmpfsBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [target = stringArgument(info, 0), bytes = integerArgument(info, 1)] {
      mountTmpfs(target, bytes);
    });
  });
}

Napi::Value mountSysfsBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [network = stringArgument(info, 0), target = stringArgument(info, 1)] {
      mountSysfs(network, target);
    });
  });
}

Napi::Value unmountBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [target = stringArgument(info, 0), detach = info[1].ToBoolean().Value()] {
      unmount(target, detach);
    });
  });
}

Napi::Value copySparseBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(),
                    [from = stringArgument(info, 0), to = stringArgument(info, 1)] { copySparse(from, to); });
  });
}

}  // namespace

void defineMounts(Napi::Env env, Napi::Object exports) {
  exports.Set("mountOverlay", Napi::Function::New(env, mountOverlayBinding));
  exports.Set("openOverlay", Napi::Function::New(env, openOverlayBinding));
  exports.Set("mountLoop", Napi::Function::New(env, mountLoopBinding));
  exports.Set("mountSysfs", Napi::Function::New(env, mountSysfsBinding));
  exports.Set("mountBind", Napi::Function::New(env, mountBindBinding));
  exports.Set("mountTmpfs", Napi::Function::New(env, mountTmpfsBinding));
  exports.Set("unmount", Napi::Function::New(env, unmountBinding));
  exports.Set("copySparse", Napi::Function::New(env, copySparseBinding));
}

}  // namespace slipway
