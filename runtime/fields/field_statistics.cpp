// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_statistics.hpp"

#include "core/error.hpp"
#include "core/ordered_sum.hpp"
#include "core/system.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace crossjoule::runtime {
namespace {

constexpr std::int64_t day_seconds = 86'400, year_seconds = 365 * day_seconds;
/// Steps whose sums are one message and one leaf: never depends on the rank count.
constexpr std::int64_t block_steps = 64;
constexpr int tag = 7411;  // of this file's messages

/// A block of steps of one bin.
struct Block {
  std::size_t bin;
  std::span<std::int64_t const> steps;
  bool ends_bin;
};

std::vector<Block> blocks_of(StatisticsPlan const& plan) {
  std::vector<Block> blocks;
  for (std::size_t bin = 0; bin < plan.bins.size(); ++bin) {
    std::span<std::int64_t const> const all = plan.bins[bin].steps;
    for (std::size_t first = 0; first < all.size(); first += block_steps) {
      auto const count = std::min<std::size_t>(block_steps, all.size() - first);
      blocks.push_back({bin, all.subspan(first, count), first + count == all.size()});
    }
  }
  return blocks;
}

/// The sums of one block in one message: of the values per point (channel, lat, lon), then per
/// channel of x - origin, of its square, the minimum and the maximum.
class Sums {
 public:
  explicit Sums(FieldFiles const& files)
      : channels_(files.channels().size()),
        points_(static_cast<std::size_t>(files.grid().points())),
        words_(channels_ * (points_ + 4)) {}

  std::span<double> field() { return std::span(words_).first(channels_ * points_); }
  /// 4 numbers per channel, quantity by quantity.
  std::span<double> quantity(std::size_t which) {
    return std::span(words_).subspan(channels_ * (points_ + which), channels_);
  }
  std::span<double> words() { return words_; }

  void clear() {
    std::fill(words_.begin(), words_.end(), 0.0);
    std::ranges::fill(quantity(2), std::numeric_limits<double>::infinity());
    std::ranges::fill(quantity(3), -std::numeric_limits<double>::infinity());
  }

  void add(std::span<float const> step, std::span<float const> origin) {
    for (std::size_t channel = 0; channel < channels_; ++channel) {
      float const* const values = step.data() + channel * points_;
      double* const sums = words_.data() + channel * points_;
      double const about = static_cast<double>(origin[channel]);
      double sum = 0, squares = 0;
      float low = values[0], high = values[0];
      for (std::size_t i = 0; i < points_; ++i) {
        double const value = static_cast<double>(values[i]), off = value - about;
        sums[i] += value;
        sum += off;
        squares += off * off;
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
      }
      quantity(0)[channel] += sum;
      quantity(1)[channel] += squares;
      quantity(2)[channel] = std::min(quantity(2)[channel], static_cast<double>(low));
      quantity(3)[channel] = std::max(quantity(3)[channel], static_cast<double>(high));
    }
  }

 private:
  std::size_t channels_, points_;
  std::vector<double> words_;
};

/// What rank 0 makes of the blocks, which come in order.
class Totals {
 public:
  Totals(FieldFiles const& files, StatisticsPlan const& plan, std::size_t blocks)
      : plan_(plan),
        per_channel_(core::Comm::serial(), static_cast<std::int64_t>(blocks),
                     2 * static_cast<std::int64_t>(files.channels().size())),
        bin_(files.channels().size() * static_cast<std::size_t>(files.grid().points())),
        all_(bin_.size()),
        mean_(bin_.size()),
        minimum_(files.channels().size(), std::numeric_limits<double>::infinity()),
        maximum_(files.channels().size(), -std::numeric_limits<double>::infinity()) {
    per_channel_.begin(static_cast<std::int64_t>(blocks));
  }

  void add(Block const& block, Sums& sums, StatisticsHooks const& hooks) {
    auto const field = sums.field();
    for (std::size_t i = 0; i < bin_.size(); ++i) bin_[i] += field[i];
    auto const leaf = per_channel_.next_leaf();
    auto const rest = std::ranges::copy(sums.quantity(0), leaf.begin()).out;
    std::ranges::copy(sums.quantity(1), rest);
    per_channel_.add_leaf();
    for (std::size_t channel = 0; channel < minimum_.size(); ++channel) {
      minimum_[channel] = std::min(minimum_[channel], sums.quantity(2)[channel]);
      maximum_[channel] = std::max(maximum_[channel], sums.quantity(3)[channel]);
    }
    if (hooks.on_steps) hooks.on_steps(static_cast<std::int64_t>(block.steps.size()));
    if (!block.ends_bin) return;
    auto const& bin = plan_.bins[block.bin];
    if (hooks.on_bin) hooks.on_bin(bin, mean_of(bin_, bin.steps.size()));
    for (std::size_t i = 0; i < bin_.size(); ++i) all_[i] += bin_[i];
    std::fill(bin_.begin(), bin_.end(), 0.0);
  }

  FieldStatistics finish(std::span<float const> origin, double points) {
    auto const sums = per_channel_.finish();
    double const count = points * static_cast<double>(plan_.steps);
    FieldStatistics result{{}, {}, minimum_, maximum_, {}};
    for (std::size_t channel = 0; channel < origin.size(); ++channel) {
      double const shift = sums[channel] / count;
      double const variance = sums[origin.size() + channel] / count - shift * shift;
      result.mean.push_back(static_cast<double>(origin[channel]) + shift);
      bool const varies = minimum_[channel] < maximum_[channel];
      result.deviation.push_back(varies ? std::sqrt(std::max(variance, 0.0)) : 0);
    }
    auto const mean = mean_of(all_, static_cast<std::size_t>(plan_.steps));
    result.time_mean.assign(mean.begin(), mean.end());
    return result;
  }

 private:
  std::span<float const> mean_of(std::vector<double> const& sum, std::size_t count) {
    for (std::size_t i = 0; i < sum.size(); ++i)
      mean_[i] = static_cast<float>(sum[i] / static_cast<double>(count));
    return mean_;
  }

  StatisticsPlan const& plan_;
  core::OrderedSum<double> per_channel_;
  std::vector<double> bin_, all_;
  std::vector<float> mean_;
  std::vector<double> minimum_, maximum_;
};

std::vector<std::int64_t> all_places(FieldFiles const& files) {
  std::vector<std::int64_t> places(files.channels().size());
  std::iota(places.begin(), places.end(), std::int64_t{0});
  return places;
}

}  // namespace

Cycle suitable_cycle(FieldFiles const& files, std::vector<core::Share> const& runs) {
  std::int64_t const step = files.step_seconds();
  if (!files.has_times() || step <= 0) return Cycle::none;
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = -first;
  for (auto const& run : runs) {
    first = std::min(first, files.time_of(run.first));
    last = std::max(last, files.time_of(run.last - 1) + step);
  }
  bool const years = last - first >= 2 * year_seconds - step;
  bool const divides_a_day = step < day_seconds && day_seconds % step == 0;
  if (years && divides_a_day) return Cycle::day_and_hour;
  if (years) return step <= day_seconds ? Cycle::day_of_year : Cycle::month;
  return divides_a_day && last - first >= 2 * day_seconds ? Cycle::hour_of_day : Cycle::none;
}

StatisticsPlan plan_statistics(FieldFiles const& files, TimeRange const& range, Cycle cycle) {
  StatisticsPlan plan;
  plan.cycle = cycle;
  std::map<std::int64_t, std::vector<std::int64_t>> bins;
  auto const runs = files.runs_within(range);
  for (auto const& run : runs)
    for (std::int64_t step = run.first; step < run.last; ++step, ++plan.steps)
      bins[cycle == Cycle::none ? 0 : bin_key(cycle, files.time_of(step))].push_back(step);
  for (auto& [key, steps] : bins) plan.bins.push_back({key, std::move(steps)});
  plan.first_step = runs.front().first;
  plan.last_step = runs.back().last - 1;
  return plan;
}

std::int64_t statistics_bytes(FieldFiles const& files) {
  auto const numbers = static_cast<std::int64_t>(files.channels().size()) * files.grid().points();
  // own and incoming sums, the bin's, the total; the step, the mean, its copy in the result
  return numbers * (4 * std::int64_t{sizeof(double)} + 3 * std::int64_t{sizeof(float)});
}

FieldStatistics compute_statistics(FieldFiles const& files, StatisticsPlan const& plan,
                                   core::Comm const& comm, StatisticsHooks const& hooks) {
  std::int64_t const needed = statistics_bytes(files), memory = core::this_cpu().memory_bytes;
  VALIDATE_AS(ExitCode::missing, memory <= 0 || needed <= memory,
              "statistics of {} need {} bytes ({} are in this machine) use a larger one",
              files.describe(), needed, memory);
  auto const places = all_places(files);
  auto const& grid = files.grid();
  std::vector<float> origin(places.size());
  files.read(plan.first_step, places, {0, 1}, {0, 1}, origin);
  std::vector<float> step(places.size() * static_cast<std::size_t>(grid.points()));
  auto const blocks = blocks_of(plan);
  auto const ranks = static_cast<std::size_t>(comm.size());
  auto const rank = static_cast<std::size_t>(comm.rank());
  Sums mine(files);
  std::optional<Sums> theirs;
  std::optional<Totals> totals;
  if (comm.is_root()) totals.emplace(files, plan, blocks.size());
  if (comm.is_root() && ranks > 1) theirs.emplace(files);
  for (std::size_t first = 0; first < blocks.size(); first += ranks) {
    if (first + rank < blocks.size()) {
      mine.clear();
      for (std::int64_t const index : blocks[first + rank].steps) {
        files.read(index, places, {0, grid.rows}, {0, grid.columns}, step);
        mine.add(step, origin);
      }
      if (!totals) comm.send(std::as_bytes(mine.words()), 0, tag);
    }
    if (!totals) continue;
    for (std::size_t from = 0; from < ranks && first + from < blocks.size(); ++from) {
      if (from > 0)
        comm.receive(std::as_writable_bytes(theirs->words()), static_cast<int>(from), tag);
      totals->add(blocks[first + from], from > 0 ? *theirs : mine, hooks);
    }
  }
  FieldStatistics result;
  if (totals) result = totals->finish(origin, static_cast<double>(grid.points()));
  for (auto* list : {&result.mean, &result.deviation, &result.minimum, &result.maximum})
    comm.broadcast(*list);
  return result;
}

}  // namespace crossjoule::runtime
