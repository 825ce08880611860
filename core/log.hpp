// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>
#include <string>

namespace crossjoule::core {

/// What reaches stderr. stdout is for results alone.
enum class Verbosity { quiet, normal };
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();
/// Only rank 0 speaks, except for errors; call it once, after Comm is known.
void set_log_rank(int rank);
/// True on the rank that speaks.
bool logs_here();

void log_line(std::string const& line);   ///< rank 0, not with --quiet
void warn_line(std::string const& line);  ///< rank 0, "warning: " before it, also with --quiet

template <class... Args>
void log(fmt::format_string<Args...> message, Args&&... args) {
  log_line(fmt::format(message, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> message, Args&&... args) {
  warn_line(fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace crossjoule::core
