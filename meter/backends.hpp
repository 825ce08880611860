// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/clock.hpp"
#include "meter/powercap.hpp"
#include "meter/trace.hpp"

#include <string>
#include <vector>

namespace crossjoule::meter {

// One search per interface. Each hands out the sensors that open and a row for all it saw; none
// throws on what it finds in a tree, and all of them look below the tree's root alone.

/// RAPL through the kernel's event source "power": energy-{pkg,ram,cores,gpu,psys}, one counter per
/// CPU in its cpumask. A source without events is a phantom. Below another root than / the counter
/// is the text file /perf_event/<event>/cpu<N>.
Found find_perf_rapl(Tree const& tree);

/// /sys/class/hwmon by driver: Grace (power_meter with an OEM label), ACPI power meters, amdgpu,
/// i915 and xe, amd_energy; energies and powers of any other driver as cross-checks of class
/// `other`.
Found find_hwmon(Tree const& tree);

/// HPE Cray: /sys/cray/pm_counters, node, CPU, memory and accelerators at 10 Hz.
Found find_cray(Tree const& tree);

/// NVIDIA Jetson: the INA3221 (or older IIO) monitors of the carrier board, voltage x current.
Found find_jetson(Tree const& tree);

/// Node power from the board controller by DCMI (netfn 0x2C, command 0x02) through /dev/ipmi0.
/// Below another root the file holds the answer's bytes in hexadecimal.
Found find_ipmi(Tree const& tree);

/// AMD boards through libamd_smi or librocm_smi64, the first of `libraries` that loads: the energy
/// accumulator. No names: nothing is loaded. Never from a configuration file.
Found find_amd_smi(std::vector<std::string> const& libraries);

/// Recorded or growing CSV files (meter/trace.hpp): a replay follows the meter's clock, an external
/// meter is read as its file grows.
Found find_traces(std::vector<TraceSource> const& sources, Clock& clock);

}  // namespace crossjoule::meter
