// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::models {

/// One lambda per op for std::visit: an op without an arm does not compile.
template <class... Arms>
struct Overloaded : Arms... {
  using Arms::operator()...;
};
template <class... Arms>
Overloaded(Arms...) -> Overloaded<Arms...>;

}  // namespace crossjoule::models
