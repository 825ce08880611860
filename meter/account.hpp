// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"
#include "core/system.hpp"
#include "meter/ledger.hpp"
#include "meter/meter.hpp"
#include "meter/phase_trail.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::meter {

/// All a node's reader knows, as plain data that can travel to rank 0.
struct NodeAccount {
  std::string host, headline;
  bool is_reader = false;
  std::vector<ProbeRow> probe;
  Ledger ledger;
  std::vector<Series> series;                              ///< [device]
  std::vector<PhaseSpan> spans;                            ///< when which phase was
  std::vector<core::Quantity<core::Watts>> idle_baseline;  ///< [device]; empty where none was taken
  std::vector<double> idle_drift;  ///< [device] second baseline over the first, less 1; NaN: none
  core::Facts model_facts;
  double sampler_cpu_second = 0;
  /// Wall-clock time of a steady time stamp: add it to t_ns for nanoseconds since 1970 UTC.
  std::int64_t utc_minus_steady_ns = 0;
};

std::vector<std::byte> pack(NodeAccount const& account);
/// Error (internal) for bytes that pack did not make.
NodeAccount unpack(std::span<std::byte const> bytes);

/// The readers' accounts in rank order, on every rank; collective.
std::vector<NodeAccount> gather(core::Comm const& comm, Meter const& meter);

/// Where a record holds the joules of one kind, [node, device, phase], below the ledger's `group`;
/// the ends of the intervals follow with "_low" and "_high".
std::string joules_path(core::Kind kind, std::string const& group = "/energy");

/// Writes the accounts of all nodes below `group` (docs/energy.md has the layout).
void write(core::H5File& file, std::vector<NodeAccount> const& nodes,
           std::string const& group = "/energy");

}  // namespace crossjoule::meter
