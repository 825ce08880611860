// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/error.hpp"
#include "core/h5file.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// What the command line asks of a verb; filled by main alone.
struct Call {
  enum class Format { table, json };

  std::string verb;
  core::Config config;  ///< the TOML file with --set applied
  std::string kind;     ///< generate KIND
  std::vector<std::filesystem::path>
      files;           ///< records or reference files, for verbs that take them
  std::string output;  ///< --output, or ""
  std::string csv;     ///< --csv PATH, or ""
  core::Overwrite overwrite = core::Overwrite::no;  ///< --force
  Format format = Format::table;                    ///< --json
  bool resume = false;                              ///< train --resume
  bool check = false;                               ///< inspect --check
  bool require_measured = false;                    ///< --require-measured
  bool dump_default = false;

  /// The record to write: --output, else the key `output`, else `fallback`. Takes the key.
  std::filesystem::path output_path(std::string const& fallback);
  /// Every verb calls this after taking its keys and before doing anything: refuses what nobody
  /// took; with --dump-default prints the documented defaults and returns false.
  bool go();
};

/// Error (bad_input) where both are one file: --force would replace what is about to be read.
void refuse_to_replace(std::filesystem::path const& output, std::filesystem::path const& input);

// One verb, one file. Each reads its keys, calls go(), does one thing, commits one record and
// prints one table (or one JSON document). The return value is the exit code.
core::ExitCode generate(Call& call, core::Comm const& comm);
core::ExitCode train(Call& call, core::Comm const& comm);
core::ExitCode infer(Call& call, core::Comm const& comm);
core::ExitCode forecast(Call& call, core::Comm const& comm);
core::ExitCode estimate(Call& call, core::Comm const& comm);
core::ExitCode compare(Call& call, core::Comm const& comm);
core::ExitCode inspect(Call& call, core::Comm const& comm);
core::ExitCode verify(Call& call, core::Comm const& comm);
core::ExitCode validate(Call& call, core::Comm const& comm);
core::ExitCode statistics(Call& call, core::Comm const& comm);
core::ExitCode account(Call& call, core::Comm const& comm);
core::ExitCode carbon(Call& call, core::Comm const& comm);
core::ExitCode devices(Call& call, core::Comm const& comm);

}  // namespace crossjoule::drivers
