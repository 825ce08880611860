// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/presets.hpp"
#include "core/error.hpp"

#include <gtest/gtest.h>
#include <string>

namespace crossjoule::aimc {

/// A small made-up chip as a chip file; tests bend it by replacing text.
inline std::string made_up_chip() {
  return R"toml(
name = "made-up"
default_mode = "normal"
[sources.A]
text = "A. Author, Journal (2030)"
[tile]
rows = { value = 512, unit = "1", kind = "published", citation = "A: abstract" }
columns = { value = 512, unit = "1", kind = "published", citation = "A: abstract" }
input_bits = { value = 8, unit = "bit", kind = "published", citation = "A: abstract" }
output_bits = { value = 12, unit = "bit", kind = "published", citation = "A: abstract" }
[chip]
tiles = { value = 3, unit = "1", kind = "published", citation = "A: abstract" }
[modes.normal.throughput]
value = 20.0
low = 19.0
high = 21.0
unit = "Top/s"
kind = "published"
citation = "A: table 2"
[modes.normal.efficiency]
value = 5.0
low = 4.0
high = 6.0
unit = "Top/s/W"
kind = "published"
citation = "A: table 2"
)toml";
}

/// made_up_chip() with the first `from` turned into `to`, which must be there.
inline std::string bent(std::string const& from, std::string const& to) {
  auto text = made_up_chip();
  auto const at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// The message of the bad_input Error that `action` throws, or "" if it throws none.
template <class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (core::Error const& error) {
    EXPECT_EQ(error.code(), core::ExitCode::bad_input);
    return error.what();
  }
  return "";
}

}  // namespace crossjoule::aimc
