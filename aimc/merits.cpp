// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/merits.hpp"

namespace crossjoule::aimc {

Merits merits(double macs, double batch, core::Quantity<core::Seconds> const& latency,
              core::Quantity<core::Joules> const& joules,
              core::Quantity<core::SquareMillimetres> const& area) {
  constexpr double tera = 1e12;
  auto const ops = core::Quantity<TeraOps>::exactly({2 * macs / tera}, core::Kind::modelled);
  Merits result;
  result.power = quotient<core::Watts>(joules, latency, batch);
  result.throughput = quotient<TeraOps>(ops, latency, batch);
  result.efficiency = quotient<TeraOpsPerWatt>(ops, joules);
  result.density = quotient<TeraOpsPerSquareMillimetre>(result.throughput, area);
  if (macs > 0) result.energy_per_mac = joules / macs;
  if (joules.present() && latency.present())
    result.energy_delay = {{joules.low.value * latency.low.value},
                           {joules.value.value * latency.value.value},
                           {joules.high.value * latency.high.value},
                           core::worst(joules.kind, latency.kind)};
  return result;
}

}  // namespace crossjoule::aimc
