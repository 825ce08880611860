// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/estimate.hpp"

#include <algorithm>

namespace crossjoule::aimc {

/// How arrays and converters go along when the digital parts are brought to another process node:
/// analog circuits do not follow a digital law, so that both ends are shown.
enum class AnalogParts { unscaled, scaled };

/// Of an energy of `line` at another node: digital units and links times `ratio`; arrays,
/// converters, static power, programming and calibration too where `analog` says so; the host
/// never.
core::Quantity<core::Joules> joules_at_node(BoundaryEstimate const& line, double ratio,
                                            AnalogParts analog);

/// Both ends as one figure: its value leaves arrays and converters as published, its interval holds
/// the ends of both.
template <class U>
core::Quantity<U> between(core::Quantity<U> const& unscaled, core::Quantity<U> const& scaled) {
  if (!unscaled.present() || !scaled.present()) return {};
  return {std::min(unscaled.low, scaled.low), unscaled.value, std::max(unscaled.high, scaled.high),
          core::worst(unscaled.kind, scaled.kind)};
}

/// The column of an estimate: energies of every batch and boundary, and the chips' area, at
/// `node_nm`. Times stay. Error (bad_input) where the chip names no node, or the law has none such.
IsoNode at_node(Estimate const& estimate, Chip const& chip, ReadMode const& mode, double node_nm);

}  // namespace crossjoule::aimc
