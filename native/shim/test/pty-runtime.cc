// Stands in for an OCI runtime in tests of the shim and of worker/src/terminal: the same command line contract, a real
// process on a real pty, no container.
//   pty-runtime --console-socket PATH --pid-file PATH COMMAND...

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

[[noreturn]] void fail(const char* what) {
  perror(what);
  exit(1);
}

void send_pty(const char* path, int pty) {
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fail("connect");
  char name[] = "pty";
  iovec part = {name, sizeof(name)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &pty, sizeof(pty));
  if (sendmsg(connection, &message, 0) < 0) fail("sendmsg");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: pty-runtime --console-socket PATH --pid-file PATH COMMAND...\n");
    return 2;
  }
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) fail("pty");
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) fail("open");
  pid_t child = fork();
  if (child == 0) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int standard = 0; standard < 3; standard++) dup2(slave, standard);
    execvp(argv[5], argv + 5);
    fail(argv[5]);
  }
  send_pty(argv[2], master);
  FILE* file = fopen(argv[4], "w");
  if (child < 0 || file == nullptr) fail(argv[4]);
  fprintf(file, "%d", child);
  return fclose(file);
}
