#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "fd.h"

namespace slipway {

/* What a process does that holds the one of a container: it leaves its spawner and looks after a child. */

constexpr int kUsageStatus = 2;

/// Says on stdout why there is nothing to hold, and returns the exit status for that.
int refuse(const std::string& message);

/// Goes on in a child, apart from the spawner's session and from the descriptors that were not meant for it. Returns what
/// was stdout, for the report. Where there is no child, the process ends with what `refuse` says.
Fd detach();

/// Of a clock that only goes forward, milliseconds.
int64_t now_ms();

/// As a shell gives it: 128 + signal for one that was killed.
int exit_code_of(int status);

/// Readable when a child has ended (signalfd(2)).
Fd child_signals();

}  // namespace slipway
