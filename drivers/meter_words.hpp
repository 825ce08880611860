// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "meter/meter.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// The command line of `crossjoule meter`.
struct MeterWords {
  enum class Mode { run, probe, help, dump };
  enum class Format { table, json };
  enum class Show { summary, live };
  Mode mode = Mode::run;
  Format format = Format::table;
  Show show = Show::summary;
  bool is_quiet = false;
  core::Overwrite overwrite = core::Overwrite::no;
  std::optional<std::string> output;  ///< unset: meter.h5, meter-2.h5 … ; "none": no record
  double idle_second = 0;             ///< idle baseline before and after
  std::string config;                 ///< a TOML file with a section [meter]
  std::vector<std::string> assignments;
  meter::MeterOptions options;
  std::vector<std::string> command;
};

/// Reads argv behind the word `meter`. Errors: bad_input, naming the word.
MeterWords read_meter_words(std::vector<std::string> const& words);

/// What `crossjoule meter --help` prints.
extern char const* const meter_help;

}  // namespace crossjoule::drivers
