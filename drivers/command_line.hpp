// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "drivers/verbs.hpp"

#include <optional>
#include <string>

namespace crossjoule::drivers {

using Verb = core::ExitCode (*)(Call&, core::Comm const&);
/// Do the ranks of a verb talk to each other? Only then is MPI started.
enum class Ranks { one, all };

/// What the positional words of a verb are.
enum class Takes { config, kind_and_config, files, files_or_config, one_file, nothing };

struct Parsed {
  Call call;  ///< its config and files are filled by load()
  Verb verb = nullptr;
  Takes takes = Takes::nothing;
  Ranks ranks = Ranks::one;
  std::vector<std::string> words, assignments;  ///< positional words, --set values
  bool quiet = false;
  std::optional<int> exit_now;  ///< set after --help, --version or a usage error that was printed
};

/// Reads argv by the table of verbs; unknown verbs and options are usage errors (exit code 2).
Parsed parse(int argc, char** argv);

/// Reads the configuration and names the files: apart from parse() so that an error in a file is
/// told once per job, by a rank that knows its number.
void load(Parsed& parsed);

}  // namespace crossjoule::drivers
