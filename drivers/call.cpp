// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/verbs.hpp"

#include <fmt/core.h>

namespace crossjoule::drivers {

std::filesystem::path Call::output_path(std::string const& fallback) {
  auto const key = config.take("output", fallback.c_str(), "the record to write");
  return output.empty() ? key : output;
}

void refuse_to_replace(std::filesystem::path const& output, std::filesystem::path const& input) {
  std::error_code absent;  // then they are not one file
  VALIDATE(!std::filesystem::equivalent(output, input, absent),
           "{} is read and would be replaced (the output is one of the inputs) choose another "
           "output",
           output.string());
}

bool Call::go() {
  config.refuse_leftovers();
  if (dump_default) fmt::print("{}", config.dump_default());
  return !dump_default;
}

}  // namespace crossjoule::drivers
