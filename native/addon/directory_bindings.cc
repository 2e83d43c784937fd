#include "bindings.h"
#include "directories.h"
#include "javascript.h"

/* Each is one journey to another thread for what would be many in JavaScript. */
namespace slipway {
namespace {

std::vector<NewEntry> entriesOf(const Napi::Value& value) {
  std::vector<NewEntry> entries;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t index = 0; index < array.Length(); ++index) {
    const Napi::Object object = array.Get(index).As<Napi::Object>();
    const Napi::Value content = object.Get("content");
    NewEntry entry{stringField(object, "name"), static_cast<mode_t>(object.Get("mode").ToNumber().Uint32Value()),
                   content.IsString() ? content.As<Napi::String>().Utf8Value() : "", !content.IsString()};
    if (entry.name.empty() || entry.name == "." || entry.name == ".." || entry.name.find('/') != std::string::npos) {
      throw SyscallError("argument", "not the name of a directory entry: " + entry.name, EINVAL);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Napi::Value makeDirectoryBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [directory = stringArgument(info, 0),
                                 mode = static_cast<mode_t>(integerArgument(info, 1)), entries = entriesOf(info[2])] {
      makeDirectory(directory, mode, entries);
    });
  });
}

Napi::Value removeTreeBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [path = stringArgument(info, 0)] { removeTree(path); });
  });
}

Napi::Value removeEmptyDirectoriesBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    std::vector<std::string> directories;
    const Napi::Array array = info[0].As<Napi::Array>();
    for (uint32_t index = 0; index < array.Length(); ++index) {
      directories.push_back(array.Get(index).As<Napi::String>().Utf8Value());
    }
    return answerLater(info.Env(), [directories = std::move(directories)]() -> Answer {
      return [left = removeEmptyDirectories(directories)](Napi::Env env) {
        Napi::Array array = Napi::Array::New(env, left.size());
        for (uint32_t index = 0; index < left.size(); ++index) array.Set(index, Napi::String::New(env, left[index]));
        return array;
      };
    });
  });
}

Napi::Value unmountAllBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return runLater(info.Env(), [target = stringArgument(info, 0), limit = static_cast<int>(integerArgument(info, 1))] {
      unmountAll(target, limit);
    });
  });
}

}  // namespace

void defineDirectories(Napi::Env env, Napi::Object exports) {
  exports.Set("makeDirectory", Napi::Function::New(env, makeDirectoryBinding));
  exports.Set("removeTree", Napi::Function::New(env, removeTreeBinding));
  exports.Set("removeEmptyDirectories", Napi::Function::New(env, removeEmptyDirectoriesBinding));
  exports.Set("unmountAll", Napi::Function::New(env, unmountAllBinding));
}

}  // namespace slipway
