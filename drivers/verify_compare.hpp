// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/reference_file.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// How far what was computed lies from one dataset of a reference file.
struct Comparison {
  std::string dataset, precision;
  double error = 0, allowed = 0;
  /// Not error > allowed: a NaN must not pass.
  bool passed() const { return error <= allowed; }
};

/// Run the file's network on the CPU in fp64 and fp32 and compare with every dataset. A Session
/// must be running.
std::vector<Comparison> compare(runtime::ReferenceFile const& file);

}  // namespace crossjoule::drivers
