// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/command.hpp"
#include "drivers/meter_words.hpp"
#include "meter/account.hpp"
#include "meter/meter.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// Everything that is told about a metered command.
struct Metered {
  std::vector<std::string> command;
  Ended ended;
  bool is_complete = false;  ///< the command ended before this was written
  meter::Energy energy;
  meter::NodeAccount account;
  std::string record;  ///< "" where none is written
};

/// For people, several lines.
std::string summary(Metered const& metered);
/// For scripts, one document.
std::string summary_json(Metered const& metered);
/// The table of `--probe`, in either form.
std::string probe_text(std::vector<meter::ProbeRow> const& rows, std::string const& headline,
                       MeterWords::Format format);
/// One line of watts by device between two looks.
std::string live_line(std::vector<meter::DevicePower> const& before,
                      std::vector<meter::DevicePower> const& now);

}  // namespace crossjoule::drivers
