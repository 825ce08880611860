// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "kernels/session.hpp"
#include "meter/meter.hpp"

namespace crossjoule::drivers {

/// A meter's options for a run of ours: the chip is what `session` computes on, and the boards that
/// ranks of this node compute on are named, since one of them reads for all. Collective.
meter::MeterOptions options_for(meter::MeterOptions options, kernels::Session const& session,
                                core::Comm const& comm);

}  // namespace crossjoule::drivers
