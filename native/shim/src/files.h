#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fd.h"
#include "options.h"
#include "ring.h"

namespace slipway {

/// A listening SOCK_STREAM socket at `path`, mode 0600. What lay there before is replaced. Invalid on failure (errno).
Fd listen_at(const std::string& path);

/// Text as a JSON string, quotes included (RFC 8259 section 7).
std::string json_string(const std::string& text);

/// The number in the file at `path`, or -1.
int read_pid_file(const std::string& path);

/// Writes our own process id to `path`.
void write_pid_file(const std::string& path);

/// Writes `scrollback` (8 bytes start sequence, then the bytes) and then `exit`, each complete or not at all. So a
/// reader that finds `exit` finds `scrollback` too, unless the disk was full.
void write_ending(const Options& options, const Ring& ring, Size size, int exit_code);

}  // namespace slipway
