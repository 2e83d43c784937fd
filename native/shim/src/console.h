#pragma once

#include "fd.h"
#include "options.h"

namespace slipway {

/// The pty master that a runtime sends over a connection to its --console-socket (runc's docs/terminals.md, "Detached
/// New Terminal"): one message with one descriptor in SCM_RIGHTS. Non-blocking. Invalid when the message is no such.
Fd receive_console(int connection);

/// Sets the window size of the pty (ioctl_tty(2), TIOCSWINSZ); the kernel sends SIGWINCH.
void set_size(int pty, Size size);

}  // namespace slipway
