// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/verbs.hpp"
#include "models/graph.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What `train` says at the end; the digests tell two runs apart to the last bit.
struct TrainingReport {
  std::vector<double> train_loss, validation_loss;  ///< mean objective per row, by epoch
  std::int64_t best_epoch = 1;                      ///< counted from 1
  std::string weights_digest;                       ///< of the last weights
  double seconds = 0;
  std::filesystem::path record;
};

/// The table, or with --json the one document, on stdout.
void print_training(Call const& call, models::Graph const& graph, TrainingReport const& report);

}  // namespace crossjoule::drivers
