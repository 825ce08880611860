// SPDX-License-Identifier: BSD-3-Clause
#include "core/log.hpp"

#include <atomic>
#include <cstdio>

namespace crossjoule::core {
namespace {

std::atomic<Verbosity> chosen{Verbosity::normal};
std::atomic<int> log_rank{0};

/// One write per line, so that lines of several threads or ranks do not mix.
void print(std::string line) {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

void set_verbosity(Verbosity verbosity) { chosen = verbosity; }
Verbosity verbosity() { return chosen; }
void set_log_rank(int rank) { log_rank = rank; }
bool logs_here() { return log_rank == 0; }

void log_line(std::string const& line) {
  if (log_rank == 0 && chosen == Verbosity::normal) print(line);
}

void warn_line(std::string const& line) {
  if (log_rank == 0) print("warning: " + line);
}

}  // namespace crossjoule::core
