// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/meter.hpp"
#include "meter/probe.hpp"

#include <memory>
#include <string>
#include <vector>

namespace crossjoule::meter {

/// The devices a node is made of for the meter: sensors, models where a sensor is missing, which of
/// them make up the two boundaries, and what is missing or assumed there.
struct Composition {
  std::vector<std::unique_ptr<Channel>> channels;
  std::vector<bool> in_chip;  ///< [channel]; the system is those with Use::counted
  /// [channel] whether the job was given that board; unset for what is no board, or where nothing
  /// tells.
  std::vector<std::optional<bool>> is_allocated;
  std::vector<bool> is_named;  ///< [channel] a board that MeterOptions::used_gpus names
  std::vector<bool> is_board;  ///< [channel] an accelerator of its own, no second figure of one
  std::string missing_system, missing_chip, assumed_system, assumed_chip;
  std::string headline;
};

/// Sensors first; a package model where no package can be read, a DRAM model where neither DRAM nor
/// the platform can, an assumed idle power for accelerators that no sensor answers for where the
/// options give one. Marks the models' probe rows as counted. Error (missing) where the options
/// require measured joules and the chip has none.
Composition compose(Probe& probe, Tree const& tree, MeterOptions const& options);

/// Takes in a board that turned up later (another rank tells of it): one fewer is unseen.
void adopt(Composition& node, Probe& probe, std::shared_ptr<Sensor> const& board,
           MeterOptions const& options);

}  // namespace crossjoule::meter
