// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace crossjoule::runtime {

/// The order in which an epoch visits `rows` samples: a Fisher-Yates permutation whose draws are
/// keyed by (seed, "train/shuffle", epoch), so that every rank computes the same one.
std::vector<std::int64_t> epoch_order(std::int64_t rows, std::uint64_t seed, std::int64_t epoch);

}  // namespace crossjoule::runtime
