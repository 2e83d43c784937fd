#pragma once

#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

namespace slipway {

/** A failed system call: which one, on what, and why. Becomes a NativeError in JavaScript. */
class SyscallError : public std::exception {
 public:
  SyscallError(std::string syscall, std::string subject, int error = errno)
      : syscall_(std::move(syscall)), subject_(std::move(subject)), error_(error) {
    const char* name = ::strerrorname_np(error_);
    code_ = name == nullptr ? "UNKNOWN" : name;
    message_ = syscall_ + " failed with " + code_ + (subject_.empty() ? "" : ": " + subject_);
  }

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& syscall() const noexcept { return syscall_; }
  /** The path or object that the call was about; may be empty. */
  const std::string& subject() const noexcept { return subject_; }
  const std::string& code() const noexcept { return code_; }
  int error() const noexcept { return error_; }

 private:
  std::string syscall_;
  std::string subject_;
  int error_;
  std::string code_;
  std::string message_;
};

/** Passes the result of a system call through, or throws. */
template <typename Result>
Result check(Result result, const char* syscall, const std::string& subject = "") {
  if (result < 0) throw SyscallError(syscall, subject);
  return result;
}

}  // namespace slipway
