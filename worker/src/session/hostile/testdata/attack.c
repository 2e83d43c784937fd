// What a hostile program does with the limits of its session, one way each. Every way ends in a bounded state: it stops at
// the first refusal, says how far it came, and holds what it got until it is killed. Made for tests, never shipped.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1024 * 1024 };

// Says how far it came and waits for the end.
static void hold(const char *what, long count) {
  printf("held %s %ld %s\n", what, count, strerrorname_np(errno) ? strerrorname_np(errno) : "0");
  fflush(stdout);
  for (;;) pause();
}

static void touch(char *memory, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
}

// Every child forks on as well, until nothing can be forked.
static void fork_bomb(void) {
  for (;;)
    if (fork() < 0) pause();
}

// Children that wait; the first process says how many there are.
static void children(long most) {
  long count = 0;
  while (count < most) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0)
      for (;;) pause();
    count += 1;
  }
  hold("children", count);
}

static void zombies(void) {
  long count = 0;
  for (;; count += 1) {
    pid_t pid = fork();
    if (pid < 0) hold("zombies", count);
    if (pid == 0) _exit(0);
  }
}

static void memory(long mib) {
  for (long count = 0; count < mib; count += 1) {
    char *got = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (got == MAP_FAILED) hold("memory", count);
    touch(got, MIB);
  }
  hold("memory", mib);
}

// As many processes as there may be, each with some memory, started again as they are killed, for some rounds.
static void small_memories(long most) {
  for (long count = 0; count < most; count += 1) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) {
      memory(8);
    }
    usleep(2000);
  }
  hold("small", most);
}

static void fill(int fd) {
  static char block[MIB];
  memset(block, 'x', sizeof block);
  long bytes = 0;
  for (;;) {
    ssize_t wrote = write(fd, block, sizeof block);
    if (wrote <= 0) break;
    bytes += wrote;
  }
  // Written back, so that a full disk of the host would show.
  int error = errno;
  fsync(fd);
  errno = error;
  hold("bytes", bytes);
}

static int made(const char *file) {
  int fd = open(file, O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (fd < 0) {
    perror(file);
    exit(1);
  }
  return fd;
}

static void deleted(const char *file) {
  int fd = made(file);
  unlink(file);
  fill(fd);
}

// A file of a huge size, with one written byte in each of as many places as go.
static void sparse(const char *file) {
  int fd = made(file);
  if (ftruncate(fd, 1L << 40) < 0) perror("ftruncate");
  long count = 0;
  for (; count < 1000000; count += 1)
    if (pwrite(fd, "x", 1, count << 20) != 1) break;
  hold("sparse", count);
}

static void allocate(const char *file) {
  int fd = made(file);
  long count = 0;
  for (; count < 1000000; count += 1)
    if (fallocate(fd, 0, count * MIB, MIB) < 0) break;
  hold("allocated", count);
}

static void inodes(const char *directory) {
  char name[PATH_MAX];
  long count = 0;
  for (; count < 1000000; count += 1) {
    snprintf(name, sizeof name, "%s/%ld", directory, count);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) break;
    close(fd);
  }
  hold("inodes", count);
}

static long descriptors(void) {
  long count = 0;
  while (open("/dev/null", O_RDONLY) >= 0) count += 1;
  return count;
}

// All files that one process may have, in as many processes as there may be.
static void many_descriptors(void) {
  long count = 0;
  for (;; count += 1) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) {
      descriptors();
      for (;; pause()) {
      }
    }
  }
  hold("processes", count);
}

// Full pipes, in as many processes as it takes to meet a limit.
static long pipes(void) {
  static char block[MIB];
  long bytes = 0;
  for (;;) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) < 0) return bytes;
    fcntl(ends[1], F_SETPIPE_SZ, MIB);
    for (ssize_t wrote; (wrote = write(ends[1], block, 65536)) > 0;) bytes += wrote;
  }
}

static void set_buffers(int fd) {
  int size = 64 * MIB;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static long unix_sockets(void) {
  static char block[65536];
  long bytes = 0;
  for (;;) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0) return bytes;
    set_buffers(ends[0]);
    for (ssize_t sent; (sent = send(ends[0], block, sizeof block, 0)) > 0;) bytes += sent;
  }
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Datagrams that nobody reads.
static long udp_sockets(void) {
  static char block[60000];
  long bytes = 0;
  for (;;) {
    int reader = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int writer = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (writer < 0) return bytes;
    set_buffers(reader);
    set_buffers(writer);
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    bind(reader, (struct sockaddr *)&address, length);
    getsockname(reader, (struct sockaddr *)&address, &length);
    for (int count = 0; count < 4096; count += 1) {
      ssize_t sent = sendto(writer, block, sizeof block, 0, (struct sockaddr *)&address, length);
      if (sent < 0) break;
      bytes += sent;
    }
    close(writer);
  }
}

// Connections whose bytes nobody reads.
static long tcp_sockets(void) {
  static char block[65536];
  long bytes = 0;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  bind(listener, (struct sockaddr *)&address, length);
  listen(listener, 4096);
  getsockname(listener, (struct sockaddr *)&address, &length);
  for (;;) {
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0) return bytes;
    set_buffers(client);
    if (connect(client, (struct sockaddr *)&address, length) < 0) return bytes;
    int server = accept(listener, NULL, NULL);
    if (server < 0) return bytes;
    fcntl(client, F_SETFL, O_NONBLOCK);
    for (int quiet = 0; quiet < 3;) {
      ssize_t sent = send(client, block, sizeof block, 0);
      if (sent > 0) bytes += sent;
      quiet = sent > 0 ? 0 : quiet + 1;
      if (sent <= 0) usleep(1000);
    }
  }
}

// One way in as many processes as there may be, since each may have so many files only.
static void in_processes(long (*way)(void), long most) {
  long count = 0;
  for (; count < most; count += 1) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) {
      way();
      for (;;) pause();
    }
    usleep(20000);
  }
  hold("processes", count);
}

static long epolls(void) {
  int files[64];
  long count = 0;
  for (int index = 0; index < 64; index += 1) files[index] = eventfd(0, 0);
  for (;;) {
    int epoll = epoll_create1(0);
    if (epoll < 0) return count;
    for (int index = 0; index < 64; index += 1) {
      struct epoll_event event = {.events = EPOLLIN};
      if (epoll_ctl(epoll, EPOLL_CTL_ADD, files[index], &event) < 0) return count;
      count += 1;
    }
  }
}

static void inotifies(void) {
  long count = 0;
  while (inotify_init() >= 0) count += 1;
  hold("inotify", count);
}

// Each takes one queued signal, which the kernel counts by user.
static void timers(long most) {
  long count = 0;
  for (; count < most; count += 1) {
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, NULL, &timer) < 0) break;
  }
  hold("timers", count);
}

static void segments(void) {
  long count = 0;
  for (;; count += 1) {
    int id = shmget(IPC_PRIVATE, 4 * MIB, IPC_CREAT | 0600);
    if (id < 0) hold("segments", count);
    char *memory = shmat(id, NULL, 0);
    if (memory == (void *)-1) hold("segments", count);
    touch(memory, 4 * MIB);
    shmdt(memory);
  }
}

static void queues(void) {
  static char message[8192];
  struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = sizeof message};
  long count = 0;
  for (;; count += 1) {
    char name[32];
    snprintf(name, sizeof name, "/q%ld", count);
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attributes);
    if (queue < 0) hold("queues", count);
    while (mq_send(queue, message, sizeof message, 0) == 0) {
    }
    mq_close(queue);
  }
}

static void listeners(long first, long most) {
  long count = 0;
  for (; count < most; count += 1) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(first + count);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0) break;
  }
  hold("listening", count);
}

static void burn(long processes) {
  for (long count = 1; count < processes; count += 1)
    if (fork() == 0) break;
  printf("held burning %ld\n", processes);
  fflush(stdout);
  for (;;) {
  }
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  const char *text = count > 2 ? arguments[2] : "";
  long number = atol(text);
  // What the way is called, so that events name it.
  prctl(PR_SET_NAME, way);
  if (!strcmp(way, "fork-bomb")) fork_bomb();
  if (!strcmp(way, "children")) children(number);
  if (!strcmp(way, "zombies")) zombies();
  if (!strcmp(way, "memory")) memory(number);
  if (!strcmp(way, "named")) {
    prctl(PR_SET_NAME, text);
    memory(100000);
  }
  if (!strcmp(way, "small-memories")) small_memories(number);
  if (!strcmp(way, "fill")) fill(made(text));
  if (!strcmp(way, "deleted")) deleted(text);
  if (!strcmp(way, "sparse")) sparse(text);
  if (!strcmp(way, "allocate")) allocate(text);
  if (!strcmp(way, "inodes")) inodes(text);
  if (!strcmp(way, "descriptors")) hold("descriptors", descriptors());
  if (!strcmp(way, "many-descriptors")) many_descriptors();
  if (!strcmp(way, "pipes")) in_processes(pipes, number);
  if (!strcmp(way, "unix-sockets")) in_processes(unix_sockets, number);
  if (!strcmp(way, "udp-sockets")) in_processes(udp_sockets, number);
  if (!strcmp(way, "tcp-sockets")) in_processes(tcp_sockets, number);
  if (!strcmp(way, "epolls")) in_processes(epolls, number);
  if (!strcmp(way, "inotifies")) inotifies();
  if (!strcmp(way, "timers")) timers(number);
  if (!strcmp(way, "segments")) segments();
  if (!strcmp(way, "queues")) queues();
  if (!strcmp(way, "listeners")) listeners(1024, number);
  if (!strcmp(way, "burn")) burn(number);
  fprintf(stderr, "no such way: %s\n", way);
  return 2;
}
