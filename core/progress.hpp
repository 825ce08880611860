// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace crossjoule::core {

/// One line on stderr with done/total, rate and time left, rewritten at most twice a second; on
/// rank 0 and on a terminal only, silent with --quiet.
class Progress {
 public:
  /// `what` heads the line, `unit` is what is counted ("events").
  Progress(std::string what, std::int64_t total, std::string unit);
  ~Progress();
  Progress(Progress const&) = delete;
  void advance(std::int64_t count);
  /// "train: 10/40 steps, 5 steps/s, 0:06 left".
  static std::string line(std::string const& what, std::int64_t done, std::int64_t total,
                          std::string const& unit, double seconds);

 private:
  void show();
  std::string what_, unit_;
  std::int64_t total_, done_ = 0, begin_ns_, shown_ns_ = 0;
  bool visible_;
};

}  // namespace crossjoule::core
