// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/ranking.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::runtime {
namespace {

struct Entry {
  double score;
  std::uint32_t event;
};

std::vector<Entry> sorted_entries(std::span<double const> background,
                                  std::span<double const> signal) {
  std::vector<Entry> entries;
  entries.reserve(background.size() + signal.size());
  for (auto const scores : {background, signal})
    for (double score : scores) {
      VALIDATE_AS(ExitCode::non_finite, !std::isnan(score),
                  "score of event {} is NaN (it has no rank) retrain the network", entries.size());
      entries.push_back({score, static_cast<std::uint32_t>(entries.size())});
    }
  std::sort(entries.begin(), entries.end(), [](Entry a, Entry b) { return a.score < b.score; });
  return entries;
}

}  // namespace

Ranking::Ranking(std::span<double const> background, std::span<double const> signal)
    : background_(background.size()) {
  VALIDATE(
      !background.empty() && !signal.empty(),
      "{} background and {} signal scores (an AUC needs one of each) name files that hold events",
      background.size(), signal.size());
  VALIDATE(background.size() + signal.size() < std::numeric_limits<std::uint32_t>::max(),
           "{} scores (at most 2^32 - 2 can be ranked) score fewer events",
           background.size() + signal.size());
  auto const entries = sorted_entries(background, signal);
  order_.reserve(entries.size());
  for (auto const& entry : entries) {
    if (group_scores_.empty() || entry.score != group_scores_.back()) {
      if (!order_.empty()) group_ends_.push_back(static_cast<std::uint32_t>(order_.size()));
      group_scores_.push_back(entry.score);
    }
    order_.push_back(entry.event);
  }
  group_ends_.push_back(static_cast<std::uint32_t>(order_.size()));
}

template <class Weight>
double Ranking::auc_of(Weight const& weight) const {
  std::uint64_t below = 0, signal = 0,
                twice_pairs = 0;  // whole numbers: exact to 9e9 events of each
  std::uint32_t place = 0;
  for (std::uint32_t end : group_ends_) {
    std::uint64_t here[2] = {0, 0};
    for (; place < end; ++place) here[order_[place] >= background_] += weight(order_[place]);
    twice_pairs += here[1] * (2 * below + here[0]);
    below += here[0];
    signal += here[1];
  }
  return static_cast<double>(twice_pairs) /
         (2 * static_cast<double>(below) * static_cast<double>(signal));
}

template <class Weight>
Ranking::Cut Ranking::cut_of(double rate, Weight const& weight) const {
  Cut cut{-std::numeric_limits<double>::infinity(), 0, 0, 0, 0};
  for (std::uint32_t event = 0; event < order_.size(); ++event)
    (event < background_ ? cut.background : cut.signal) += weight(event);
  // the smallest slack that turns 1e-5 x 2e6 = 19.999... back into 20
  auto const allowed = static_cast<std::int64_t>(
      std::floor(rate * static_cast<double>(cut.background) * (1 + 1e-12)));
  std::uint32_t place = group_ends_.back();
  for (std::size_t group = group_ends_.size(); group-- > 0;) {
    std::int64_t here[2] = {0, 0};
    for (std::uint32_t const begin = group ? group_ends_[group - 1] : 0; place > begin; --place)
      here[order_[place - 1] >= background_] += weight(order_[place - 1]);
    if (cut.background_passed + here[0] > allowed) {
      cut.cut = group_scores_[group];
      return cut;
    }
    cut.background_passed += here[0];
    cut.signal_passed += here[1];
  }
  return cut;
}

double Ranking::auc(Weights const& weights) const {
  if (weights.empty()) return auc_of([](std::uint32_t) { return 1u; });
  return auc_of([&](std::uint32_t event) { return weights[event]; });
}

Ranking::Cut Ranking::cut_at(double rate, Weights const& weights) const {
  if (weights.empty()) return cut_of(rate, [](std::uint32_t) { return 1; });
  return cut_of(rate, [&](std::uint32_t event) { return weights[event]; });
}

}  // namespace crossjoule::runtime
