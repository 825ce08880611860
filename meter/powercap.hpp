// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/sensor.hpp"
#include "meter/tree.hpp"

#include <memory>
#include <vector>

namespace crossjoule::meter {

/// What a backend found: sensors that open, and a row for each thing seen or missed.
struct Found {
  std::vector<std::shared_ptr<Sensor>> sensors;
  std::vector<ProbeRow> rows;  ///< a row's id is its sensor's
};

/// RAPL counters through the powercap tree, Intel and AMD: packages, dies, core, uncore, dram,
/// psys. intel-rapl-mmio zones that repeat a package, and dies that show one and the same package
/// counter, are reported as duplicates and not handed out.
Found find_powercap(Tree const& tree);

}  // namespace crossjoule::meter
