// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/stream.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::aimc {
namespace {

/// Times this close are the same: what is left of sums in another order.
constexpr double rounding = 4e-15;

}  // namespace

Stream Stream::at_once(double time, std::int64_t count) {
  Stream stream;
  stream.push(time, 0, count);
  return stream;
}

void Stream::push(double first, double step, std::int64_t count) {
  if (count <= 0) return;
  auto const begin = this->count();
  if (!runs_.empty()) {
    auto& last = runs_.back();
    bool const same_step = count == 1 || last.count == 1 || step == last.step;
    auto const pace = last.count > 1 ? last.step : count > 1 ? step : first - last.first;
    if (same_step && std::abs(last.last() + pace - first) <= rounding * std::abs(first)) {
      last.step = pace;
      last.count += count;
      return;
    }
  }
  runs_.push_back({begin, count, first, count == 1 ? 0 : step});
}

Run const& Stream::run_of(std::int64_t k) const {
  auto const after =
      std::upper_bound(runs_.begin(), runs_.end(), k,
                       [](std::int64_t index, Run const& run) { return index < run.begin; });
  return *(after - 1);
}

double Stream::operator[](std::int64_t k) const {
  auto const& run = run_of(k);
  return run.at(k - run.begin);
}

Stream later(Stream const& a, Stream const& b) {
  Stream result;
  auto x = a.runs().begin(), y = b.runs().begin();
  for (std::int64_t k = 0, end = a.count(); k < end;) {
    auto const stop = std::min(x->begin + x->count, y->begin + y->count);
    auto const count = stop - k;
    auto const p = x->at(k - x->begin), q = y->at(k - y->begin);
    auto const gap = p - q, closing = y->step - x->step;  // gap(i) = gap - closing i
    // the one that is later now stays so for `keep` vectors: they cross at most once
    std::int64_t keep = count;
    if (gap * closing > 0)
      keep = static_cast<std::int64_t>(
          std::clamp(std::floor(gap / closing) + 1, 1.0, static_cast<double>(count)));
    bool const first_is_later = gap > 0 || (gap == 0 && closing <= 0);
    auto const& now = first_is_later ? *x : *y;
    result.push(now.at(k - now.begin), now.step, keep);
    k += keep;
    if (k == x->begin + x->count) ++x;
    if (k == y->begin + y->count) ++y;
  }
  return result;
}

Stream shared_among(Stream const& stream, std::int64_t count) {
  auto const there = stream.count();
  if (there == count) return stream;
  Stream result;
  if (there % count == 0) {  // every vector takes `each` of them
    auto const each = there / count;
    for (auto const& run : stream.runs()) {
      auto const first = run.begin / each,  // of the vectors whose last part lies in the run
          after = (run.begin + run.count) / each;
      if (after > first)
        result.push(run.at((first + 1) * each - 1 - run.begin),
                    run.step * static_cast<double>(each), after - first);
    }
    return result;
  }
  if (count % there == 0) {  // every part serves `each` vectors
    auto const each = count / there;
    for (auto const& run : stream.runs()) {
      if (run.step == 0) {
        result.push(run.first, 0, run.count * each);
        continue;
      }
      for (std::int64_t k = 0; k < run.count; ++k) result.push(run.at(k), 0, each);
    }
    return result;
  }
  for (std::int64_t k = 0; k < count; ++k)
    result.push(stream[((k + 1) * there + count - 1) / count - 1], 0, 1);
  return result;
}

Stream served(Stream const& arrivals, double seconds, double& free) {
  if (seconds == 0 && free <= arrivals.front()) {
    free = arrivals.back();
    return arrivals;
  }
  Stream result;
  for (auto const& run : arrivals.runs()) {
    auto const begin = std::max(run.first, free);
    auto const first = begin + seconds;
    auto busy = run.count;  // vectors that find the server at work
    if (run.step > seconds) {
      auto const backlog = std::ceil((begin - run.first) / (run.step - seconds));
      busy = static_cast<std::int64_t>(std::min(backlog, static_cast<double>(run.count)));
    }
    result.push(first, seconds, busy);
    result.push(run.at(busy) + seconds, run.step, run.count - busy);
    free = result.back();
  }
  return result;
}

}  // namespace crossjoule::aimc
