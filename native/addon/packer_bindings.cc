#include <memory>

#include "bindings.h"
#include "javascript.h"
#include "layer_packer.h"

namespace slipway {
namespace {

/** {name, as, firstId, idCount}, or null. */
std::optional<LiveTree> liveTreeOf(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const Napi::Object object = value.As<Napi::Object>();
  const auto number = [&](const char* name) { return object.Get(name).As<Napi::Number>().Uint32Value(); };
  return LiveTree{stringField(object, "name"), stringField(object, "as"), number("firstId"), number("idCount")};
}

/** A packer as an object of JavaScript; one call of `next` at a time. */
class Packer : public Napi::ObjectWrap<Packer> {
 public:
  explicit Packer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Packer>(info) {
    runNow(info.Env(), [&] {
      std::vector<int> lowers;
      const Napi::Array array = info[1].As<Napi::Array>();
      for (uint32_t index = 0; index < array.Length(); ++index) {
        lowers.push_back(array.Get(index).As<Napi::Number>().Int32Value());
      }
      const PackForm form = info[4].ToBoolean() ? PackForm::kList : PackForm::kTar;
      packer_ = std::make_shared<LayerPacker>(static_cast<int>(integerArgument(info, 0)), lowers,
                                              PackLimits{integerArgument(info, 2), integerArgument(info, 3)}, form,
                                              liveTreeOf(info[5]));
      return info.Env().Undefined();
    });
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LayerPacker",
                       {InstanceMethod<&Packer::next>("next"), InstanceMethod<&Packer::totals>("totals"),
                        InstanceMethod<&Packer::close>("close")});
  }

 private:
  /** The next chunk, or null after the last. */
  Napi::Value next(const Napi::CallbackInfo& info) {
    return runNow(info.Env(), [&] {
      if (!packer_) throw SyscallError("argument", "the packer is closed", EBADF);
      return answerLater(info.Env(), [packer = packer_, target = static_cast<size_t>(integerArgument(info, 0))]() -> Answer {
        // What comes at the end of a chunk may go beyond it by a header or two.
        auto chunk = std::make_shared<std::string>();
        chunk->reserve(target + 8192);
        if (!packer->fill(*chunk, target)) return [](Napi::Env env) { return env.Null(); };
        return [chunk](Napi::Env env) {
          return Napi::Buffer<char>::Copy(env, chunk->data(), chunk->size());
        };
      });
    });
  }

  Napi::Value totals(const Napi::CallbackInfo& info) {
    return runNow(info.Env(), [&]() -> Napi::Value {
      if (!packer_) throw SyscallError("argument", "the packer is closed", EBADF);
      const PackTotals& totals = packer_->totals();
      Napi::Object object = Napi::Object::New(info.Env());
      object.Set("bytesAdded", Napi::Number::New(info.Env(), static_cast<double>(totals.bytesAdded)));
      object.Set("added", Napi::Number::New(info.Env(), static_cast<double>(totals.added)));
      object.Set("changed", Napi::Number::New(info.Env(), static_cast<double>(totals.changed)));
      object.Set("removed", Napi::Number::New(info.Env(), static_cast<double>(totals.removed)));
      return object;
    });
  }

  /** Lets its descriptors go, once no `next` is under way. */
  Napi::Value close(const Napi::CallbackInfo& info) {
    packer_.reset();
    return info.Env().Undefined();
  }

  std::shared_ptr<LayerPacker> packer_;
};

}  // namespace

void definePacker(Napi::Env env, Napi::Object exports) { exports.Set("LayerPacker", Packer::define(env)); }

}  // namespace slipway
