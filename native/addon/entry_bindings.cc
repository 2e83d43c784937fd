#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <vector>

#include "bindings.h"
#include "file_system_ids.h"
#include "javascript.h"
#include "resolve.h"

/*
 * Calls on one directory entry, named by an open directory and a name without slashes: what happens between two of
 * them to the path above cannot lead anywhere else. Synchronous: each takes microseconds, a thread switch more.
 */
namespace slipway {
namespace {

struct Entry {
  int directory;
  std::string name;
};

Entry entryArgument(const Napi::CallbackInfo& info, size_t index) {
  Entry entry{static_cast<int>(integerArgument(info, index)), stringArgument(info, index + 1)};
  const std::string& name = entry.name;
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    throw SyscallError("argument", "not the name of a directory entry: " + name, EINVAL);
  }
  return entry;
}

/** A path for calls that have no *at form. The last component is not followed by those used here. */
std::string procPath(const Entry& entry) {
  return "/proc/self/fd/" + std::to_string(entry.directory) + "/" + entry.name;
}

Napi::Value openInRoot(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    const ScopedOwner owner(integerArgument(info, 5));
    UniqueFd fd = openResolved(static_cast<int>(integerArgument(info, 0)), stringArgument(info, 1),
                               static_cast<uint64_t>(integerArgument(info, 2)),
                               static_cast<uint64_t>(integerArgument(info, 3)),
                               static_cast<uint64_t>(integerArgument(info, 4)));
    return Napi::Number::New(info.Env(), fd.release());
  });
}

/** Node's own pipes for children are sockets, which can't be opened again through /dev/stdout. */
Napi::Value openPipe(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe2");
    UniqueFd readEnd(ends[0]);
    UniqueFd writeEnd(ends[1]);
    Napi::Array pair = Napi::Array::New(info.Env(), 2);
    pair.Set(0U, Napi::Number::New(info.Env(), readEnd.release()));
    pair.Set(1U, Napi::Number::New(info.Env(), writeEnd.release()));
    return pair.As<Napi::Value>();
  });
}

/** Wraps a body that takes the call and returns nothing. */
template <void (*Body)(const Napi::CallbackInfo&)>
Napi::Value statement(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&] {
    Body(info);
    return info.Env().Undefined();
  });
}

void mkdirAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  const ScopedOwner owner(integerArgument(info, 3));
  check(::mkdirat(entry.directory, entry.name.c_str(), static_cast<mode_t>(integerArgument(info, 2))), "mkdirat",
        entry.name);
}

void mknodAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  const dev_t device = makedev(static_cast<unsigned>(integerArgument(info, 3)),
                               static_cast<unsigned>(integerArgument(info, 4)));
  check(::mknodat(entry.directory, entry.name.c_str(), static_cast<mode_t>(integerArgument(info, 2)), device),
        "mknodat", entry.name);
}

void symlinkAt(const Napi::CallbackInfo& info) {
  const std::string target = stringArgument(info, 0);
  const Entry entry = entryArgument(info, 1);
  check(::symlinkat(target.c_str(), entry.directory, entry.name.c_str()), "symlinkat", entry.name);
}

void linkAt(const Napi::CallbackInfo& info) {
  const Entry from = entryArgument(info, 0);
  const Entry to = entryArgument(info, 2);
  check(::linkat(from.directory, from.name.c_str(), to.directory, to.name.c_str(), 0), "linkat", to.name);
}

void unlinkAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  check(::unlinkat(entry.directory, entry.name.c_str(), info[2].ToBoolean() ? AT_REMOVEDIR : 0), "unlinkat",
        entry.name);
}

void renameAt(const Napi::CallbackInfo& info) {
  const Entry from = entryArgument(info, 0);
  const Entry to = entryArgument(info, 2);
  check(::renameat(from.directory, from.name.c_str(), to.directory, to.name.c_str()), "renameat", to.name);
}

void lchownAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  check(::fchownat(entry.directory, entry.name.c_str(), static_cast<uid_t>(integerArgument(info, 2)),
                   static_cast<gid_t>(integerArgument(info, 3)), AT_SYMLINK_NOFOLLOW),
        "fchownat", entry.name);
}

/** Symbolic links have no mode; on one of them glibc reports EOPNOTSUPP. */
void chmodAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  check(::fchmodat(entry.directory, entry.name.c_str(), static_cast<mode_t>(integerArgument(info, 2)),
                   AT_SYMLINK_NOFOLLOW),
        "fchmodat", entry.name);
}

/** One time for both stamps, as layers hold no other. */
void utimensAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  const timespec time{integerArgument(info, 2), static_cast<long>(integerArgument(info, 3))};
  const timespec times[2] = {time, time};
  check(::utimensat(entry.directory, entry.name.c_str(), times, AT_SYMLINK_NOFOLLOW), "utimensat", entry.name);
}

void setxattrAt(const Napi::CallbackInfo& info) {
  const Entry entry = entryArgument(info, 0);
  const std::string key = stringArgument(info, 2);
  const auto value = info[3].As<Napi::Uint8Array>();
  check(::lsetxattr(procPath(entry).c_str(), key.c_str(), value.Data(), value.ByteLength(), 0), "lsetxattr",
        entry.name + " " + key);
}

/** The kernel's own bound for one value and for a list of names, XATTR_SIZE_MAX and XATTR_LIST_MAX. */
constexpr size_t kXattrBytes = 65536;

Napi::Value getxattrAt(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&]() -> Napi::Value {
    const Entry entry = entryArgument(info, 0);
    const std::string key = stringArgument(info, 2);
    std::vector<uint8_t> value(kXattrBytes);
    ssize_t length = ::lgetxattr(procPath(entry).c_str(), key.c_str(), value.data(), value.size());
    if (length < 0 && errno == ENODATA) return info.Env().Null();
    check(length, "lgetxattr", entry.name + " " + key);
    return Napi::Buffer<uint8_t>::Copy(info.Env(), value.data(), static_cast<size_t>(length));
  });
}

Napi::Value listxattrAt(const Napi::CallbackInfo& info) {
  return runNow(info.Env(), [&]() -> Napi::Value {
    const Entry entry = entryArgument(info, 0);
    std::vector<char> names(kXattrBytes);
    ssize_t length = check(::llistxattr(procPath(entry).c_str(), names.data(), names.size()), "llistxattr", entry.name);
    Napi::Array list = Napi::Array::New(info.Env());
    for (const char* name = names.data(); name < names.data() + length; name += std::string(name).size() + 1) {
      list.Set(list.Length(), Napi::String::New(info.Env(), name));
    }
    return list;
  });
}

}  // namespace

void defineEntries(Napi::Env env, Napi::Object exports) {
  exports.Set("openInRoot", Napi::Function::New(env, openInRoot));
  exports.Set("openPipe", Napi::Function::New(env, openPipe));
  exports.Set("mkdirAt", Napi::Function::New(env, statement<mkdirAt>));
  exports.Set("mknodAt", Napi::Function::New(env, statement<mknodAt>));
  exports.Set("symlinkAt", Napi::Function::New(env, statement<symlinkAt>));
  exports.Set("linkAt", Napi::Function::New(env, statement<linkAt>));
  exports.Set("unlinkAt", Napi::Function::New(env, statement<unlinkAt>));
  exports.Set("renameAt", Napi::Function::New(env, statement<renameAt>));
  exports.Set("lchownAt", Napi::Function::New(env, statement<lchownAt>));
  exports.Set("chmodAt", Napi::Function::New(env, statement<chmodAt>));
  exports.Set("utimensAt", Napi::Function::New(env, statement<utimensAt>));
  exports.Set("setxattrAt", Napi::Function::New(env, statement<setxattrAt>));
  exports.Set("getxattrAt", Napi::Function::New(env, getxattrAt));
  exports.Set("listxattrAt", Napi::Function::New(env, listxattrAt));
}

}  // namespace slipway
