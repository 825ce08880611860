// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/quantity.hpp"

#include <string_view>

namespace crossjoule::aimc {

using TeraOps = core::Unit<struct TeraOpsTag>;
using TeraOpsPerWatt = core::Unit<struct TeraOpsPerWattTag>;
using TeraOpsPerSquareMillimetre = core::Unit<struct TeraOpsPerSquareMillimetreTag>;
using JouleSeconds = core::Unit<struct JouleSecondsTag>;
constexpr std::string_view unit_symbol(TeraOps) { return "Top/s"; }
constexpr std::string_view unit_symbol(TeraOpsPerWatt) { return "Top/s/W"; }
constexpr std::string_view unit_symbol(TeraOpsPerSquareMillimetre) { return "Top/s/mm2"; }
constexpr std::string_view unit_symbol(JouleSeconds) { return "J s"; }

/// What arrays and converters would reach if every cell worked all the time; ops are two per MAC.
struct Peak {
  core::Quantity<TeraOps> throughput;
  core::Quantity<TeraOpsPerWatt> efficiency;
  core::Quantity<TeraOpsPerSquareMillimetre> density;  ///< absent without an area
};

/// What a batch really reaches within one boundary: ops of the network's products alone, so that
/// unused cells and digital work earn nothing. Of ratios the ends combine independent errors.
struct Merits {
  core::Quantity<core::Watts> power;
  core::Quantity<TeraOps> throughput;
  core::Quantity<TeraOpsPerWatt> efficiency;
  core::Quantity<TeraOpsPerSquareMillimetre> density;  ///< per area of all chips
  core::Quantity<core::Joules> energy_per_mac;
  core::Quantity<JouleSeconds> energy_delay;  ///< joules of a sample x latency of the batch
};

/// `macs` of the network per sample, `batch` samples in `latency`, `joules` each.
Merits merits(double macs, double batch, core::Quantity<core::Seconds> const& latency,
              core::Quantity<core::Joules> const& joules,
              core::Quantity<core::SquareMillimetres> const& area);

/// a / b with the ends of independent errors; absent where either is.
template <class To, class A, class B>
core::Quantity<To> quotient(core::Quantity<A> const& a, core::Quantity<B> const& b,
                            double scale = 1) {
  if (!a.present() || !b.present()) return {};
  return {{scale * a.low.value / b.high.value},
          {scale * a.value.value / b.value.value},
          {scale * a.high.value / b.low.value},
          core::worst(a.kind, b.kind)};
}

}  // namespace crossjoule::aimc
