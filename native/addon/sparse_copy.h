#pragma once

#include <string>

namespace slipway {

/** Copies a file, its data only: holes stay holes. `to` must not exist. */
void copySparse(const std::string& from, const std::string& to);

}  // namespace slipway
