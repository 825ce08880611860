// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/powercap.hpp"

#include <string>

namespace crossjoule::meter {

/// NVIDIA boards through the driver's management library, loaded at run time with our own
/// prototypes: the total-energy counter (mJ since the driver was loaded), or, on boards without
/// one, the board power, which is integrated. Boards are known by UUID. An empty name finds nothing
/// and says so. `library` must never come from a configuration file: loading runs its code.
Found find_nvml(std::string const& library = "libnvidia-ml.so.1");

}  // namespace crossjoule::meter
