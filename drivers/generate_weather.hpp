// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/verbs.hpp"

namespace crossjoule::drivers {

/// `crossjoule generate weather [config.toml] [--case NAME]`: a data set in the FourCastNet layout
/// from a shallow-water planet, or one file with a published test case and its diagnostics.
core::ExitCode generate_weather(Call& call, core::Comm const& comm);

}  // namespace crossjoule::drivers
