#pragma once

#include <optional>
#include <string>
#include <vector>

#include "user_namespace.h"

namespace slipway {

struct OverlayOptions {
  /** Topmost first. */
  std::vector<std::string> lowers;
  /** Empty together with `work`: read-only. */
  std::string upper;
  std::string work;
  std::optional<IdRange> idRange;
  /** Skip all syncs; see "Volatile mount" in the kernel's overlayfs.rst. */
  bool isVolatile = false;
  /** Use the way of kernels before 6.13 even where the newer one works. */
  bool stageInNamespace = false;
};

/** An overlay that is attached nowhere and ends with its descriptor. Nothing is left mounted when it throws. */
UniqueFd makeOverlay(const OverlayOptions& options);

/** The same, attached at `target`. */
void mountOverlay(const OverlayOptions& options, const std::string& target);

}  // namespace slipway
