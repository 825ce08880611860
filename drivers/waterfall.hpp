// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/comparison.hpp"
#include "drivers/json.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// The ratio after one more assumption was made honest.
struct WaterfallBar {
  std::string
      assumption;  ///< "most flattering", "batch", "precision", "read mode", "digital parts" ...
  std::string meaning;  ///< what stands in the ratio from here on
  Ratio ratio;          ///< digital joules / analog joules, per sample
};

/// From the most flattering ratio to the most honest one, for one chip of one record.
struct Waterfall {
  std::string file, chip, mode;
  std::vector<WaterfallBar> bars;
};

/// One waterfall per chip of every record that holds an estimate, against the digital lines of all
/// records. The flattering end divides the dearest digital line at batch 1 by the arrays alone in
/// the chip's fastest mode; then, one after another, the digital side takes its best batch and its
/// best precision, and the chip its sustained read mode, its digital parts, links, static power,
/// programming and calibration, host link and host. From records alone. Error (bad_input) where no
/// record has a digital line with joules, or none an estimate.
std::vector<Waterfall> waterfalls(std::vector<std::filesystem::path> const& records,
                                  std::vector<Source> const& sources);

std::string waterfall_text(std::vector<Waterfall> const& all);
Json waterfall_json(std::vector<Waterfall> const& all);

}  // namespace crossjoule::drivers
