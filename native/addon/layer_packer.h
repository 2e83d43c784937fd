#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tar_header.h"
#include "unique_fd.h"

namespace slipway {

struct PackLimits {
  /** Sum of the files' sizes. */
  int64_t maxBytes;
  int64_t maxEntries;
};

/** What has been packed so far. */
struct PackTotals {
  int64_t entries = 0;
  /** Sum of the sizes of files. */
  int64_t bytesAdded = 0;
  /** Entries by what they do to the layers below; directories that are there as well are none of them. */
  int64_t added = 0;
  int64_t changed = 0;
  int64_t removed = 0;
};

/** A tree as its container sees it, of which some may be written meanwhile: what is packed is what is there then. */
struct LiveTree {
  /**
   * The entry of the directory that is packed with all below it, "." for the directory itself, and what it is called. Where
   * the name is empty, all that is in the directory, called as it is.
   */
  std::string name;
  std::string as;
  /** Ids from `firstId` on are 0 … `idCount` - 1 in the tar. */
  uint32_t firstId;
  uint32_t idCount;
};

enum class PackForm {
  kTar,
  /** `A`, `C` or `D` and the path of each entry that a tar would have, a NUL behind each. */
  kList,
};

/**
 * Turns an overlayfs upper directory that nobody writes to any more into a tar, chunk by chunk: whiteouts (0:0 devices,
 * the attribute trusted.overlay.opaque) as `.wh.` files, parents first, then by bytes of the name. Sockets and devices
 * are left out. Throws SyscallError with the call "pack" for what no layer can hold: EINVAL for a name that starts with
 * ".wh.", EXDEV for a directory that was renamed in place, ELOOP for too many directories in each other, E2BIG and
 * EFBIG above the limits. A live tree has no whiteouts, and what goes away while it is packed is left out.
 */
class LayerPacker {
 public:
  /** Takes its own copies of both descriptors. */
  LayerPacker(int upper, const std::vector<int>& lowers, PackLimits limits, PackForm form, std::optional<LiveTree> live);

  /** Appends at least `target` bytes, or all that is left; false when nothing was left. */
  bool fill(std::string& chunk, size_t target);
  const PackTotals& totals() const { return totals_; }

 private:
  struct Level {
    UniqueFd directory;
    std::string prefix;
    std::vector<std::string> names;
    size_t next = 0;
    /** True if some lower has this directory too: then it may have what is in it. */
    bool existedBelow;
  };

  void enter(UniqueFd directory, std::string prefix, bool existedBelow);
  void append(std::string& chunk, const TarHeader& header, char change);
  uint32_t idOf(uint32_t id) const;
  bool isNamed() const;
  bool isGone() const;
  void count(const std::string& path, int64_t bytes);
  void packNext(std::string& chunk);
  void packDirectory(std::string& chunk, Level& level, const std::string& name, TarHeader header);
  void packFile(std::string& chunk, const Level& level, const std::string& name, TarHeader header,
                const struct stat& status);
  void packContent(std::string& chunk, size_t target);
  /** What the topmost layer below that knows the path has there. */
  enum class Below { kNothing, kDirectory, kOther };
  Below below(const std::string& path) const;

  std::vector<UniqueFd> lowers_;
  PackLimits limits_;
  PackForm form_;
  std::optional<LiveTree> live_;
  PackTotals totals_;
  std::vector<Level> levels_;
  /** First path of each file that has several names. */
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  /** The file whose content comes next. */
  UniqueFd file_;
  std::string filePath_;
  int64_t fileRest_ = 0;
  size_t padding_ = 0;
  bool ended_ = false;
};

}  // namespace slipway
