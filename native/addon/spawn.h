#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "unique_fd.h"

namespace slipway {

struct SpawnOptions {
  std::string file;
  /** argv, the program's own name first. */
  std::vector<std::string> arguments;
  /** `NAME=value` */
  std::vector<std::string> environment;
  /** What the child has as descriptors 0, 1, 2 …; all others are closed. */
  std::vector<int> descriptors;
};

/** Starts a program without copying anything of this process, however large it is. */
pid_t spawnProgram(const SpawnOptions& options);

/** Waits for a child of this process and gives its wait(2) status. */
int reapProgram(pid_t pid);

/** The file's content in memory, never to be changed again (memfd_create(2), F_ADD_SEALS). */
UniqueFd sealedCopy(const std::string& file);

}  // namespace slipway
