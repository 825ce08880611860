// SPDX-License-Identifier: BSD-3-Clause
#include "core/quantity.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <array>

namespace crossjoule::core {
namespace {

constexpr std::array<std::string_view, 5> names = {"measured-counter", "measured-sampled",
                                                   "modelled", "assumed", "absent"};

}  // namespace

std::string_view to_string(Kind kind) { return names[static_cast<std::size_t>(kind)]; }

Kind kind_from(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Kind>(i);
  fail(ExitCode::bad_input, "'{}' is no kind of figure (must be one of {})", text,
       fmt::join(names, ", "));
}

}  // namespace crossjoule::core
