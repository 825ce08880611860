// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <functional>
#include <string>

namespace crossjoule::core::testing {

/// What happened when a call was expected to fail; an empty text is the wanted outcome:
///   EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "batch", [&] { … }), "");
inline std::string wrong_outcome(ExitCode code, std::string const& part_of_message,
                                 std::function<void()> const& call) {
  try {
    call();
  } catch (Error const& error) {
    std::string const message = error.what();
    if (error.code() != code)
      return fmt::format("exit code {} instead of {}: {}", static_cast<int>(error.code()),
                         static_cast<int>(code), message);
    if (message.find(part_of_message) == std::string::npos)
      return fmt::format("no '{}' in: {}", part_of_message, message);
    return "";
  } catch (std::exception const& error) {
    return std::string("another exception: ") + error.what();
  }
  return "no error at all";
}

}  // namespace crossjoule::core::testing
