// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/account.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crossjoule::meter {

/// What an estimator without sensors starts from; what is not given comes from the node's own
/// books.
struct NaiveInputs {
  double tdp_watt = 0;         ///< of all CPUs together; 0: the node's, else CodeCarbon's default
  std::optional<double> load;  ///< mean load of the CPUs, 0 to 1; unset: 1
  double memory_gb = 0;        ///< 0: the node's
};

/// What one estimator would have said of a part of the node, and how far that is from the
/// measurement; no error where that part was not measured.
struct NaiveRow {
  std::string part;       ///< "CPU", "DRAM", "GPU"
  std::string estimator;  ///< "TDP x time"
  double joule = 0;
  std::optional<double> error_share;
};
struct NaiveTable {
  std::vector<NaiveRow> rows;
  std::string inputs;  ///< "TDP 225 W (EPYC 7543 in the table of CPUs), load 0.43, 16.4 GB"
};

/// TDP x time, CodeCarbon's constant and load rule, a linear model, 3 W per 8 GB of memory, power
/// limit x time of NVIDIA boards.
NaiveTable naive_table(NodeAccount const& node, NaiveInputs const& inputs);

}  // namespace crossjoule::meter
