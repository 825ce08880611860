// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/shuffle.hpp"

#include "core/philox.hpp"

#include <numeric>

namespace crossjoule::runtime {

std::vector<std::int64_t> epoch_order(std::int64_t rows, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  core::Random random(seed, core::purpose("train/shuffle"), static_cast<std::uint64_t>(epoch));
  for (std::size_t last = order.size(); last > 1; --last)
    std::swap(order[last - 1], order[random.below(last)]);
  return order;
}

}  // namespace crossjoule::runtime
