// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {

core::Quantity<core::Seconds> Schedule::step() const {
  if (!digital.present()) return product;
  return {std::max(product.low, digital.low), std::max(product.value, digital.value),
          std::max(product.high, digital.high), core::worst(product.kind, digital.kind)};
}

core::Quantity<core::Seconds> Schedule::sample_interval() const {
  return static_cast<double>(vectors_per_sample) * step();
}

core::Quantity<core::Seconds> Schedule::latency(std::int64_t batch) const {
  auto const vectors = static_cast<double>(batch) * static_cast<double>(vectors_per_sample);
  auto const layer = digital.present() ? product + digital : product;
  return static_cast<double>(depth) * layer + (vectors - 1) * step();
}

double Schedule::rate_hz() const { return 1 / sample_interval().value.value; }

std::int64_t Schedule::replicas(double samples_per_second) const {
  auto const exact = sample_interval().value.value * samples_per_second;
  // an interval that equals the spacing needs one copy, whatever the last bit of the product says
  constexpr double rounding = 1e-12;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(exact * (1 - rounding))));
}

}  // namespace crossjoule::aimc
