#include "console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

namespace slipway {

Fd receive_console(int connection) {
  // The message is the pty's name; nobody needs it.
  char name[256];
  iovec part = {name, sizeof(name)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0) return Fd();
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    if (header->cmsg_len != CMSG_LEN(sizeof(int))) continue;
    int received = -1;
    memcpy(&received, CMSG_DATA(header), sizeof(received));
    Fd pty(received);
    if (!isatty(pty.get())) return Fd();
    int flags = fcntl(pty.get(), F_GETFL);
    if (flags < 0 || fcntl(pty.get(), F_SETFL, flags | O_NONBLOCK) != 0) return Fd();
    return pty;
  }
  return Fd();
}

void set_size(int pty, Size size) {
  winsize window = {};
  window.ws_row = size.rows;
  window.ws_col = size.cols;
  ioctl(pty, TIOCSWINSZ, &window);
}

}  // namespace slipway
