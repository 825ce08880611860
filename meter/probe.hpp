// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/clock.hpp"
#include "meter/node_model.hpp"
#include "meter/powercap.hpp"
#include "meter/trace.hpp"

#include <string>
#include <vector>

namespace crossjoule::meter {

/// What this node can be weighed with.
struct Probe {
  std::vector<std::shared_ptr<Sensor>> sensors;  ///< status ok: open, and their counters move
  std::vector<ProbeRow> rows;                    ///< every backend and sensor, usable or not
  NodeModel model;
  /// Accelerators on the PCI bus that no sensor answers for.
  int unseen_accelerators = 0;
};

/// Looks for all backends, then reads each counter for at most 250 ms (60 ms where it reads 0, and
/// for parts of a package) with one core busy: one that stands still is a phantom (it never
/// counted) or frozen, and is not used. `nvml_library` "" leaves the vendors' libraries out. Of
/// several sensors for one thing the one with the lowest preference keeps the id, the others become
/// its spares ("package-0-by-powercap"). A replay is played alone: real sensors say nothing about a
/// recording.
Probe probe_node(Tree const& tree, Clock& clock, std::string const& nvml_library, double memory_gb,
                 std::vector<std::shared_ptr<Sensor>> const& more_sensors = {},
                 std::vector<TraceSource> const& traces = {});

/// Accelerators on the PCI bus, whoever may use them: control groups do not hide them there.
int count_accelerators(Tree const& tree);

}  // namespace crossjoule::meter
