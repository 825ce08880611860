// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "sim/world/weather/cases.hpp"
#include "sim/world/weather/channels.hpp"
#include "sim/world/weather/diagnostics.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace crossjoule::sim::weather {

/// One run of a published test case.
struct CaseRequest {
  std::filesystem::path path;
  std::string name;  ///< of standard_case_names()
  int lat = 64, lon = 128, truncation = 42;
  double time_step_s = 600;  ///< at most; the interval of the output is divided evenly
  double output_h = 24;
  double days = 0;
  std::vector<Channel> channels;
  CaseOptions options;
};

struct CaseReport {
  std::vector<Diagnostics> rows;  ///< one per output
  bool steady = false;            ///< errors against the exact solution are there
  std::int64_t bytes = 0, steps = 0;
};

/// Outputs of a run, the first state included. Error (bad_input) where the outputs do not divide
/// it.
std::int64_t outputs_of(CaseRequest const& request);

/// Integrate and write one file in the layout of a year file, its time counted from 0, with one
/// array per diagnostic in the group `diagnostics`. Errors: bad_input; non_finite naming step and
/// field; damaged. `advance` counts outputs.
CaseReport write_case(CaseRequest const& request, core::Overwrite overwrite,
                      std::function<void(std::int64_t)> const& advance = {});

/// A diagnostic as it is stored: name, unit, meaning, member.
struct DiagnosticColumn {
  char const *name, *unit, *description;
  double Diagnostics::*value;
};
std::span<DiagnosticColumn const> diagnostic_columns();

}  // namespace crossjoule::sim::weather
