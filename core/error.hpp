// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>

namespace crossjoule::core {

/// What the process returns to the shell; docs/command_line.md lists the same table.
enum class ExitCode : int {
  ok = 0,
  check_failed = 1,  ///< verify, validate, inspect --check: the thing is sound but does not pass
  bad_input = 2,     ///< configuration or content of user input, absent file, NaN in input data
  missing = 3,       ///< hardware, sensor or library that was asked for is not here
  non_finite = 4,    ///< numbers became NaN or infinite in a run
  damaged = 5,       ///< damaged file or failed write
  stopped = 6,       ///< stopped early, but with a checkpoint
  internal = 7,      ///< our own fault
};

/// An error that ends a verb: main prints `what()` once and returns `code()`.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, std::string const& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// Throw an Error whose message follows the grammar "problem (why it is one) what to do".
template <class... Args>
[[noreturn]] void fail(ExitCode code, fmt::format_string<Args...> message, Args&&... args) {
  throw Error(code, fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace crossjoule::core

/// Always on, for anything from outside. The condition states what must hold; the message is
/// formatted only on failure.
#define VALIDATE_AS(code, condition, ...)                                              \
  do {                                                                                 \
    if (!(condition)) ::crossjoule::core::fail(::crossjoule::core::code, __VA_ARGS__); \
  } while (0)
#define VALIDATE(condition, ...) VALIDATE_AS(ExitCode::bad_input, condition, __VA_ARGS__)

/// Contract between our own functions; checked in debug builds only.
#ifdef CROSSJOULE_CONTRACTS
#define EXPECT(condition)                                                                      \
  VALIDATE_AS(ExitCode::internal, condition, "{}:{}: broken contract: {}", __FILE__, __LINE__, \
              #condition)
#else
#define EXPECT(condition) \
  do {                    \
  } while (0)
#endif
