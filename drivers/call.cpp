// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/verbs.hpp"

#include <fmt/core.h>

namespace crossjoule::drivers {

std::filesystem::path Call::output_path(std::string const& fallback) {
  auto const key = config.take("output", fallback.c_str(), "the record to write");
  return output.empty() ? key : output;
}

bool Call::go() {
  config.refuse_leftovers();
  if (dump_default) fmt::print("{}", config.dump_default());
  return !dump_default;
}

}  // namespace crossjoule::drivers
