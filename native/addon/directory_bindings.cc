#include <memory>

#include "bindings.h"
#include "directories.h"
#include "javascript.h"
#include "publish.h"

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

Napi::Value publishFileBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    PublishedFile file{stringArgument(info, 0), stringArgument(info, 1), stringArgument(info, 2), nullptr, 0};
    // Held until the work is done, so that the bytes stay where they are.
    auto bytes = std::make_shared<Napi::Reference<Napi::Uint8Array>>();
    if (info[3].IsTypedArray()) {
      const Napi::Uint8Array array = info[3].As<Napi::Uint8Array>();
      *bytes = Napi::Persistent(array);
      // An empty array may have no address at all.
      file.bytes = array.ByteLength() == 0 ? "" : reinterpret_cast<const char*>(array.Data());
      file.length = array.ByteLength();
    }
    return runLater(info.Env(), [file, bytes] { publishFile(file); });
  });
}

Napi::Value syncFileBinding(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    return answerLater(info.Env(), [path = stringArgument(info, 0)]() -> Answer {
      const bool found = syncFile(path);
      return [found](Napi::Env env) { return Napi::Boolean::New(env, found); };
    });
  });
}

}  // namespace

void defineDirectories(Napi::Env env, Napi::Object exports) {
  exports.Set("makeDirectory", Napi::Function::New(env, makeDirectoryBinding));
  exports.Set("removeTree", Napi::Function::New(env, removeTreeBinding));
  exports.Set("removeEmptyDirectories", Napi::Function::New(env, removeEmptyDirectoriesBinding));
  exports.Set("publishFile", Napi::Function::New(env, publishFileBinding));
  exports.Set("syncFile", Napi::Function::New(env, syncFileBinding));
  exports.Set("unmountAll", Napi::Function::New(env, unmountAllBinding));
}

}  // namespace slipway
