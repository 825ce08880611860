// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/verification.hpp"

#include "core/error.hpp"
#include "runtime/forecast/cases.hpp"
#include "runtime/forecast/scores.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::runtime {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

bool Verification::needs_climatology() const {
  return std::ranges::any_of(options_.baselines,
                             [](Baseline b) { return b != Baseline::persistence; });
}

Verification::Verification(FieldSource const& source,
                           std::shared_ptr<Climatology const> climatology,
                           VerificationOptions const& options)
    : source_(source),
      climatology_(std::move(climatology)),
      options_(options),
      weights_(score_weights(source.grid(), options.weights)),
      points_(static_cast<std::size_t>(source.grid().points())) {
  VALIDATE(climatology_ || !needs_climatology(),
           "no climatology (the baselines climatology, anomaly persistence and damped anomaly need "
           "it) name a folder of `crossjoule statistics` in forecast.climatology, or set "
           "forecast.baselines = [\"persistence\"]");
  if (climatology_) places_ = climatology_->places_of(source.channels(Channels::out));
  auto const add = [&](std::string_view method, Score score) {
    columns_.push_back({std::string(method), score});
  };
  add("network", Score::squared_error);
  if (climatology_) add("network", Score::correlation);
  for (auto const baseline : options_.baselines) {
    add(to_string(baseline), Score::squared_error);
    if (climatology_) add(to_string(baseline), Score::correlation);
  }
  if (options_.members > 1)
    for (auto const score : {Score::squared_error, Score::variance, Score::crps, Score::fair_crps})
      add("ensemble", score);
  auto const size = static_cast<std::size_t>(source.kept_size(Channels::out));
  for (auto* field : {&analysis_, &truth_, &mean_at_start_, &mean_}) field->resize(size);
  baseline_.resize(points_);
  members_.resize(points_ * static_cast<std::size_t>(options_.members));
}

void Verification::read_climatology(std::int64_t file_step, std::vector<float>& into) const {
  if (!climatology_) return;
  auto const time = source_.files().has_times() ? source_.files().time_of(file_step) : 0;
  climatology_->read(time, places_, source_.fit().kept_rows, source_.fit().kept_columns, into);
}

void Verification::begin(std::int64_t start) {
  start_ = start;
  source_.read_physical(start, 0, Channels::out, analysis_);
  read_climatology(start, mean_at_start_);
}

/// x(t); c(target); c(target) + f (x(t) - c(t)).
void Verification::make_baseline(Baseline baseline, std::int64_t step, std::size_t channel,
                                 std::span<float> into) const {
  auto const part = [&](std::vector<float> const& all) {
    return std::span(all).subspan(channel * points_, points_);
  };
  if (baseline == Baseline::persistence) {
    std::ranges::copy(part(analysis_), into.begin());
    return;
  }
  double factor = baseline == Baseline::climatology ? 0 : 1;
  if (baseline == Baseline::damped_anomaly)
    factor = options_.factors[static_cast<std::size_t>(step) - 1][channel];
  auto const x = part(analysis_), c = part(mean_at_start_), later = part(mean_);
  for (std::size_t p = 0; p < points_; ++p)
    into[p] = static_cast<float>(later[p] + factor * (static_cast<double>(x[p]) - c[p]));
}

void Verification::score(std::int64_t step, std::span<float const> fields, std::span<double> into) {
  auto const target = start_ + step * source_.options().lead;
  source_.read_physical(target, 0, Channels::out, truth_);
  read_climatology(target, mean_);
  std::size_t const channels = truth_.size() / points_;
  EXPECT(into.size() == columns_.size() * channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    auto const plane = [&](auto const& all, std::size_t offset = 0) {
      return std::span<float const>(all).subspan(offset + channel * points_, points_);
    };
    std::size_t column = 0;
    auto const put = [&](double value) { into[column++ * channels + channel] = value; };
    auto const score_field = [&](std::span<float const> forecast, bool is_climatology) {
      put(mean_squared_error(weights_, forecast, plane(truth_)));
      if (climatology_)
        put(is_climatology ? none
                           : anomaly_correlation(weights_, forecast, plane(truth_), plane(mean_)));
    };
    score_field(plane(fields), false);
    for (auto const baseline : options_.baselines) {
      make_baseline(baseline, step, channel, baseline_);
      score_field(baseline_, baseline == Baseline::climatology);
    }
    if (options_.members <= 1) continue;
    for (std::size_t m = 0; m < static_cast<std::size_t>(options_.members); ++m)
      std::ranges::copy(plane(fields, m * truth_.size()),
                        members_.begin() + static_cast<std::ptrdiff_t>(m * points_));
    auto const scores = ensemble_scores(weights_, members_, plane(truth_));
    for (double value : {scores.squared_error, scores.variance, scores.crps, scores.fair_crps})
      put(value);
  }
}

}  // namespace crossjoule::runtime
