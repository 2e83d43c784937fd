#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "user_namespace.h"

namespace slipway {

struct BindOptions {
  std::string source;
  std::string target;
  /** Shows the ids 0 … size - 1 on disk as those of the range. */
  std::optional<IdRange> idRange;
  bool readOnly = false;
};

/** Shows a directory or file at a second place, nosuid and nodev, without what is mounted below it. */
void mountBind(const BindOptions& options);

/** A file system in memory, nosuid, nodev and noexec, for the owner only. */
void mountTmpfs(const std::string& target, int64_t bytes);

}  // namespace slipway
