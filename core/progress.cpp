// SPDX-License-Identifier: BSD-3-Clause
#include "core/progress.hpp"

#include "core/clock.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <utility>

namespace crossjoule::core {
namespace {

constexpr std::int64_t shortest_gap_ns = 500'000'000;  // a terminal needs no more than two a second

std::string clock_text(double seconds) {
  auto const whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 3.5e6));
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string Progress::line(std::string const& what, std::int64_t done, std::int64_t total,
                           std::string const& unit, double seconds) {
  double const rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  double const left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  return fmt::format("{}: {}/{} {}, {:.3g} {}/s, {} left", what, done, total, unit, rate, unit,
                     rate > 0 ? clock_text(left) : "?");
}

Progress::Progress(std::string what, std::int64_t total, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      begin_ns_(steady_ns()),
      visible_(isatty(STDERR_FILENO) == 1 && verbosity() == Verbosity::normal && logs_here()) {}

Progress::~Progress() {
  if (visible_ && shown_ns_ != 0) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::int64_t count) {
  done_ += count;
  if (visible_) show();
}

void Progress::show() {
  std::int64_t const now = steady_ns();
  if (now - std::max(shown_ns_, begin_ns_) < shortest_gap_ns) return;
  shown_ns_ = now;
  std::string const text = line(what_, done_, total_, unit_, seconds_between(begin_ns_, now).value);
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace crossjoule::core
