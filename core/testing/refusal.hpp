// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace crossjoule::core::testing {

/// The message of the Error that `action` throws, which must have this code; "" if it throws none.
template <class Action>
std::string refusal(Action&& action, ExitCode code = ExitCode::bad_input) {
  try {
    std::forward<Action>(action)();
  } catch (Error const& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace crossjoule::core::testing
