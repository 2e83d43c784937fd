#include <memory>

#include "allocation.h"
#include "bindings.h"
#include "javascript.h"
#include "tree_copier.h"

namespace slipway {
namespace {

/** A copier as an object of JavaScript; one call of `next` at a time. */
class Copier : public Napi::ObjectWrap<Copier> {
 public:
  explicit Copier(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Copier>(info) {
    runNow(info.Env(), [&] {
      copier_ = std::make_shared<TreeCopier>(static_cast<int>(integerArgument(info, 0)),
                                             static_cast<int>(integerArgument(info, 1)));
      return info.Env().Undefined();
    });
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "TreeCopier",
                       {InstanceMethod<&Copier::next>("next"), InstanceMethod<&Copier::close>("close")});
  }

 private:
  /** True while there is more to copy. */
  Napi::Value next(const Napi::CallbackInfo& info) {
    return runNow(info.Env(), [&] {
      if (!copier_) throw SyscallError("argument", "the copier is closed", EBADF);
      return answerLater(info.Env(), [copier = copier_, target = integerArgument(info, 0)]() -> Answer {
        const bool isMore = copier->next(target);
        return [isMore](Napi::Env env) { return Napi::Boolean::New(env, isMore); };
      });
    });
  }

  /** Lets its descriptors go, once no `next` is under way. */
  Napi::Value close(const Napi::CallbackInfo& info) {
    copier_.reset();
    return info.Env().Undefined();
  }

  std::shared_ptr<TreeCopier> copier_;
};

/** (file, bytes) */
Napi::Value allocateFile(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [file = stringArgument(info, 0), bytes = integerArgument(info, 1)] {
      allocate(file, bytes);
    });
  });
}

}  // namespace

void defineCopies(Napi::Env env, Napi::Object exports) {
  exports.Set("TreeCopier", Copier::define(env));
  exports.Set("allocateFile", Napi::Function::New(env, allocateFile));
}

}  // namespace slipway
