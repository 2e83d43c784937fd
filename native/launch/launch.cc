/*
 * slipway-launch [--hide PATH]... [--as ID] [--path DIR] [--reap PIDFILE] [--program DESCRIPTOR | PATH] -- PROGRAM [ARGUMENT]...
 *
 * Starts an OCI runtime's command line.
 *
 * --hide PATH    in a private mount namespace without the mount at PATH. crun refuses hybrid cgroup hierarchies
 *                whose v2 part has controllers, unless it does not see that part.
 * --as ID        under this user and group id, and with all capabilities all the same (capabilities(7), "Ambient"). runsc
 *                starts its sentry in the container's user namespace and leaves it the id that it has itself: one that has
 *                no name there has no rights there either, so that it has to be the one that is the namespace's root.
 * --path DIR     with this directory before those of PATH.
 * --reap PIDFILE waits, after PROGRAM has started a container detached, for the container's main process, whose pid
 *                PROGRAM wrote into PIDFILE, and writes `exit CODE\n` to descriptor 3 when it has ended. The runtime
 *                itself need not stay, and with it no private mount namespace that would keep mounts of others alive.
 *                On SIGTERM, and when the parent dies, the container is killed.
 *
 * --program DESCRIPTOR | PATH
 *                runs what this descriptor is open for, or this path leads to, under the name PROGRAM: a sealed copy
 *                (memfd_create(2)) of the runtime. crun and runc make themselves one before they go on and start again
 *                from it, so that no container can write to the program through /proc; with one that they are given, they
 *                just go on. A path, such as /proc/PID/fd/N of the worker, may be gone: then PROGRAM itself is run.
 *
 * Under the name newuidmap or newgidmap it is newuidmap(1) without a configuration: runsc that is not root asks one.
 *
 * --self-test    exits with 0: a program that runs in an empty root file system, to try a runtime with.
 *
 * Exits with 0 after `exit CODE`, otherwise with PROGRAM's own code or 125.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

constexpr int kLaunchFailed = 125;
constexpr int kStatusDescriptor = 3;

volatile sig_atomic_t stopRequested = 0;
volatile sig_atomic_t containerPid = 0;

[[noreturn]] void fail(const char* what, const char* subject) {
  std::fprintf(stderr, "slipway-launch: %s %s: %s\n", what, subject, std::strerror(errno));
  std::exit(kLaunchFailed);
}

struct Arguments {
  std::vector<const char*> hidden;
  const char* id = nullptr;
  const char* path = nullptr;
  const char* pidFile = nullptr;
  int programDescriptor = -1;
  const char* programPath = nullptr;
  char** command = nullptr;
};

[[noreturn]] void usage() {
  std::fputs(
      "usage: slipway-launch [--hide PATH]... [--as ID] [--path DIR] [--reap PIDFILE] [--program DESCRIPTOR | PATH]"
      " -- PROGRAM [ARGUMENT]...\n",
      stderr);
  std::exit(kLaunchFailed);
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int index = 1; index < count; ++index) {
    if (std::strcmp(values[index], "--self-test") == 0) std::exit(0);
    const bool hasValue = index + 1 < count;
    if (std::strcmp(values[index], "--") == 0 && hasValue) {
      arguments.command = values + index + 1;
      return arguments;
    }
    if (!hasValue) break;
    if (std::strcmp(values[index], "--hide") == 0) {
      arguments.hidden.push_back(values[++index]);
    } else if (std::strcmp(values[index], "--as") == 0) {
      arguments.id = values[++index];
    } else if (std::strcmp(values[index], "--path") == 0) {
      arguments.path = values[++index];
    } else if (std::strcmp(values[index], "--reap") == 0) {
      arguments.pidFile = values[++index];
    } else if (std::strcmp(values[index], "--program") == 0) {
      const char* program = values[++index];
      if (program[0] == '/') arguments.programPath = program;
      else arguments.programDescriptor = std::atoi(program);
    } else {
      break;
    }
  }
  usage();
}

void hide(const std::vector<const char*>& paths) {
  if (paths.empty()) return;
  if (unshare(CLONE_NEWNS) != 0) fail("unshare", "CLONE_NEWNS");
  // Slave, not private: what the worker unmounts meanwhile vanishes here too where mounts are shared.
  if (mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) != 0) fail("mount", "/");
  for (const char* path : paths) {
    if (umount2(path, MNT_DETACH) != 0 && errno != EINVAL) fail("umount", path);
  }
}

/**
 * crun gives its standard streams to the container's root, chown and all. Were one of them the host's /dev/null, a
 * container could take that away from everybody; in place of a device it gets an empty file of its own.
 */
void replaceDevices() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    struct stat status;
    const bool harmless = fstat(descriptor, &status) == 0 && !S_ISCHR(status.st_mode);
    if (harmless) continue;
    int file = memfd_create("slipway-launch", MFD_CLOEXEC);
    if (file < 0 || dup2(file, descriptor) < 0) fail("memfd_create", "");
    if (file > 2) close(file);
  }
}

/** Capabilities survive the change of ids and the exec after it. */
void takeId(const char* text) {
  if (text == nullptr) return;
  char* rest = nullptr;
  const auto id = static_cast<uid_t>(std::strtoul(text, &rest, 10));
  if (rest == text || *rest != '\0') usage();
  if (prctl(PR_SET_KEEPCAPS, 1) != 0) fail("prctl", "PR_SET_KEEPCAPS");
  if (setgroups(0, nullptr) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0) fail("setresuid", text);
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) fail("capget", text);
  for (auto& set : sets) set.effective = set.inheritable = set.permitted;
  if (syscall(SYS_capset, &header, sets) != 0) fail("capset", text);
  for (int capability = 0; capability < 64; ++capability) {
    const bool held = (sets[capability / 32].permitted >> (capability % 32) & 1U) != 0;
    if (held && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) fail("prctl", "PR_CAP_AMBIENT");
  }
}

/**
 * A descriptor that somebody left open would be one of the runtime's, and what is one of the runtime's a container can
 * make its working directory (CVE-2024-21626).
 */
void closeOthers() {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) fail("close_range", "");
}

/**
 * When the machine runs out of memory, what strangers run ends before anything of Slipway's (proc_pid_oom_score_adj(5)). A
 * process that a runtime starts in a container that runs already keeps the score that it was started with.
 */
void standBack() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "500", 3) != 3) std::fprintf(stderr, "slipway-launch: oom_score_adj: %s\n", std::strerror(errno));
  close(file);
}

[[noreturn]] void become(const Arguments& arguments) {
  standBack();
  closeOthers();
  hide(arguments.hidden);
  replaceDevices();
  if (arguments.path != nullptr) {
    const char* others = getenv("PATH");
    setenv("PATH", (std::string(arguments.path) + ":" + (others == nullptr ? "" : others)).c_str(), 1);
  }
  takeId(arguments.id);
  if (arguments.programDescriptor > 2) {
    fexecve(arguments.programDescriptor, arguments.command, environ);
    fail("exec", arguments.command[0]);
  }
  if (arguments.programPath != nullptr) execve(arguments.programPath, arguments.command, environ);
  execvp(arguments.command[0], arguments.command);
  fail("exec", arguments.command[0]);
}

void onStop(int) {
  stopRequested = 1;
  if (containerPid > 0) kill(containerPid, SIGKILL);
}

/** Ended children by pid, as wait(2) reports them. */
using Ended = std::map<pid_t, int>;

/** Waits for one child and remembers whatever else ends meanwhile: a short-lived container ends before PROGRAM does. */
int waitFor(pid_t pid, Ended& ended) {
  while (!ended.contains(pid)) {
    int status = 0;
    pid_t child = waitpid(-1, &status, 0);
    if (child > 0) ended[child] = status;
    if (child < 0 && errno != EINTR) fail("waitpid", "");
  }
  return ended[pid];
}

int exitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

pid_t readPid(const char* path) {
  char text[32] = {};
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("open", path);
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  pid_t pid = length > 0 ? static_cast<pid_t>(std::strtol(text, nullptr, 10)) : 0;
  if (pid <= 1) fail("read", path);
  return pid;
}

int reap(const Arguments& arguments) {
  fcntl(kStatusDescriptor, F_SETFD, FD_CLOEXEC);
  // Orphans of PROGRAM become children of this process, the container's main process among them.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) fail("prctl", "PR_SET_CHILD_SUBREAPER");
  struct sigaction action = {};
  action.sa_handler = onStop;
  sigaction(SIGTERM, &action, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);

  pid_t program = fork();
  if (program < 0) fail("fork", "");
  if (program == 0) become(arguments);
  Ended ended;
  if (int code = exitCode(waitFor(program, ended)); code != 0) return code;

  const pid_t container = readPid(arguments.pidFile);
  if (!ended.contains(container)) containerPid = container;
  if (stopRequested) onStop(SIGTERM);
  const int code = exitCode(waitFor(container, ended));
  containerPid = 0;
  if (dprintf(kStatusDescriptor, "exit %d\n", code) < 0) fail("write", "status");
  return 0;
}

/** `newuidmap PID [ID LOWERID COUNT]...`, for who has CAP_SETUID and CAP_SETGID. */
int mapIds(const char* file, int count, char** values) {
  if (count < 5 || (count - 2) % 3 != 0) usage();
  std::string map;
  for (int index = 2; index < count; ++index) map.append(values[index]).append(index % 3 == 1 ? "\n" : " ");
  const std::string path = std::string("/proc/") + values[1] + "/" + file;
  const int mapFile = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (mapFile < 0 || write(mapFile, map.data(), map.size()) != static_cast<ssize_t>(map.size())) fail("map", path.c_str());
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::string name = count > 0 ? values[0] : "";
  if (name.ends_with("newuidmap")) return mapIds("uid_map", count, values);
  if (name.ends_with("newgidmap")) return mapIds("gid_map", count, values);
  const Arguments arguments = parse(count, values);
  if (arguments.pidFile == nullptr) become(arguments);
  return reap(arguments);
}
