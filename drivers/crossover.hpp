// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/crossover.hpp"
#include "core/points.hpp"
#include "core/record.hpp"
#include "drivers/json.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// A chip against one digital platform, in joules or in seconds per sample.
struct CrossoverLine {
  std::string chip, mode;                ///< of the estimate
  std::string device;                    ///< "platform, mode, precision" of the digital series
  std::string quantity;                  ///< "energy" or "time"
  core::Kind kind = core::Kind::absent;  ///< of the digital figures: measured or modelled
  std::string missing;  ///< terms the chip lacks: its sum is partial, so that N* is an upper bound
  std::size_t batches = 0;  ///< digital batches the law was fitted to; below 2 there is no answer
  double fit_error = 0;     ///< largest relative distance of a digital figure from its law
  aimc::Crossover value;    ///< at the values
  aimc::Crossover early, late;  ///< at the ends: dear chip, cheap device; and the other way round
};

/// Every analog series of `points` against every digital one, within the boundary system. Series
/// are told apart by platform, mode and precision; lines at a fixed rate are left out.
std::vector<CrossoverLine> crossovers(std::vector<core::Point> const& points);

std::string crossover_text(std::vector<CrossoverLine> const& lines);
Json crossover_json(std::vector<CrossoverLine> const& lines);
/// /result/crossover: one array per column; nothing where there are no lines.
void write(core::Record& record, std::vector<CrossoverLine> const& lines);

}  // namespace crossjoule::drivers
