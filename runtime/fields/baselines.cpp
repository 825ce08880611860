// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/baselines.hpp"

#include "core/error.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace crossjoule::runtime {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

/// Area-weighted means over one plane.
struct PairMeans {
  double persistence = 0;  ///< of (x(t) - target)^2
  double target = 0;       ///< a(target)^2
  double start = 0;        ///< a(t)^2
  double product = 0;      ///< a(t) a(target)
  double shifted = 0;      ///< (x(t) - climatology of the target)^2
  double correlated = 0;   ///< (x(t) - climatology of the target) a(target)
};

/// Reads pairs of start and target and their climatologies, and takes the means of each channel.
class PairReader {
 public:
  PairReader(FieldSource const& source, Climatology const& climatology)
      : source_(source),
        climatology_(climatology),
        places_(climatology.places_of(source.channels(Channels::in))),
        weights_(latitude_weights(source.grid())) {
    for (auto* field : {&start_, &target_, &start_mean_, &target_mean_})
      field->resize(static_cast<std::size_t>(source.kept_size(Channels::in)));
  }

  /// One entry per channel for each of this rank's samples, gathered in sample order.
  std::vector<PairMeans> all(core::Comm const& comm) {
    auto const mine = comm.share(source_.samples());
    std::vector<PairMeans> means;
    for (std::int64_t sample = mine.first; sample < mine.last; ++sample) add(sample, means);
    return comm.all_gather(means);
  }

 private:
  void read_mean(std::int64_t sample, std::int64_t offset, std::span<float> into) const {
    bool const timeless = climatology_.cycle() == Cycle::none;
    auto const& grid = source_.grid();
    climatology_.read(timeless ? 0 : source_.time_of(sample, offset), places_, grid.rows,
                      grid.columns, into);
  }

  void add(std::int64_t sample, std::vector<PairMeans>& means) {
    source_.read_physical(sample, 0, Channels::in, start_);
    source_.read_physical(sample, 1, Channels::in, target_);
    read_mean(sample, 0, start_mean_);
    read_mean(sample, 1, target_mean_);
    auto const& grid = source_.grid();
    std::size_t i = 0;
    for (std::size_t channel = 0; channel < places_.size(); ++channel) {
      PairMeans sum;
      for (double const weight : weights_) {
        PairMeans row;
        for (std::int64_t column = 0; column < grid.columns; ++column, ++i) {
          double const x = start_[i], y = target_[i], x_mean = start_mean_[i],
                       y_mean = target_mean_[i];
          double const a = x - x_mean, b = y - y_mean, c = x - y_mean;
          row.persistence += (x - y) * (x - y);
          row.target += b * b;
          row.start += a * a;
          row.product += a * b;
          row.shifted += c * c;
          row.correlated += c * b;
        }
        sum.persistence += weight * row.persistence;
        sum.target += weight * row.target;
        sum.start += weight * row.start;
        sum.product += weight * row.product;
        sum.shifted += weight * row.shifted;
        sum.correlated += weight * row.correlated;
      }
      double const points = static_cast<double>(grid.points());
      means.push_back({sum.persistence / points, sum.target / points, sum.start / points,
                       sum.product / points, sum.shifted / points, sum.correlated / points});
    }
  }

  FieldSource const& source_;
  Climatology const& climatology_;
  std::vector<std::int64_t> places_;
  std::vector<double> weights_;
  std::vector<float> start_, target_, start_mean_, target_mean_;
};

FieldSource source_of(std::shared_ptr<FieldFiles const> const& files, TimeRange const& range,
                      std::int64_t lead, Within within) {
  FieldOptions options;
  options.range = range;
  options.lead = lead;
  options.within = within;
  options.pole_row = PoleRow::keep;
  return {files, options};
}

/// f per channel; empty where the train range has no pair of this lead.
std::vector<double> fit_factors(std::shared_ptr<FieldFiles const> const& files,
                                Climatology const& climatology, BaselineOptions const& options,
                                std::int64_t lead, core::Comm const& comm) {
  bool pairs = false;
  for (auto const& run : files->runs_within(options.train)) pairs = pairs || run.count() > lead;
  if (!pairs) return {};
  auto const source = source_of(files, options.train, lead, Within::states);
  auto const means = PairReader(source, climatology).all(comm);
  std::size_t const channels = files->channels().size();
  std::vector<double> product(channels), square(channels);
  for (std::size_t i = 0; i < means.size(); ++i) {
    product[i % channels] += means[i].product;
    square[i % channels] += means[i].start;
  }
  for (std::size_t channel = 0; channel < channels; ++channel)
    product[channel] = square[channel] > 0 ? product[channel] / square[channel] : 0;
  return product;
}

/// Mean squared error of a method, and the correlation of its anomaly with the target's.
std::array<double, 2> error_of(Baseline baseline, PairMeans const& m, double factor) {
  double const anomaly = m.product / std::sqrt(m.start * m.target);
  switch (baseline) {
    case Baseline::persistence:
      return {m.persistence, m.correlated / std::sqrt(m.shifted * m.target)};
    case Baseline::climatology: return {m.target, absent};
    case Baseline::anomaly_persistence: return {m.start - 2 * m.product + m.target, anomaly};
    case Baseline::damped_anomaly:
      return {factor * factor * m.start - 2 * factor * m.product + m.target,
              factor < 0 ? -anomaly : anomaly};
  }
  return {absent, absent};
}

BaselineScore score_of(Baseline baseline, std::vector<PairMeans> const& means, std::size_t channel,
                       std::size_t channels, double factor) {
  BaselineScore score;
  score.baseline = baseline;
  score.factor = factor;
  for (std::size_t i = channel; i < means.size(); i += channels, ++score.targets) {
    auto const [square, correlation] = error_of(baseline, means[i], factor);
    score.rmse += std::max(square, 0.0);
    score.rmse_per_target += std::sqrt(std::max(square, 0.0));
    score.acc += correlation;
  }
  auto const count = static_cast<double>(score.targets);
  score.rmse = std::sqrt(score.rmse / count);
  score.rmse_per_target /= count;
  score.acc /= count;
  return score;
}

}  // namespace

std::string_view to_string(Baseline baseline) {
  switch (baseline) {
    case Baseline::persistence: return "persistence";
    case Baseline::climatology: return "climatology";
    case Baseline::anomaly_persistence: return "anomaly persistence";
    case Baseline::damped_anomaly: return "damped anomaly";
  }
  return "";
}

std::vector<BaselineScore> compute_baselines(std::shared_ptr<FieldFiles const> const& files,
                                             Climatology const& climatology,
                                             BaselineOptions const& options,
                                             core::Comm const& comm) {
  std::vector<BaselineScore> scores;
  std::size_t const channels = files->channels().size();
  for (std::int64_t const lead : options.leads) {
    auto const factors = fit_factors(files, climatology, options, lead, comm);
    auto const source = source_of(files, options.test, lead, options.within);
    auto const means = PairReader(source, climatology).all(comm);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      std::array<std::optional<double>, baseline_count> const factor_of = {
          1.0, 0.0, 1.0, factors.empty() ? std::optional<double>{} : factors[channel]};
      for (int method = 0; method < baseline_count; ++method) {
        auto const factor = factor_of[static_cast<std::size_t>(method)];
        if (!factor) continue;
        auto score = score_of(static_cast<Baseline>(method), means, channel, channels, *factor);
        score.lead = lead;
        score.channel = files->channels()[channel];
        score.unit = files->units()[channel];
        scores.push_back(std::move(score));
      }
    }
  }
  return scores;
}

void write_baselines(core::H5File& file, std::vector<BaselineScore> const& scores) {
  std::vector<std::string> methods, channels, units;
  std::vector<std::int64_t> leads, targets;
  std::vector<double> rmse, per_target, acc, factors;
  for (auto const& score : scores) {
    methods.emplace_back(to_string(score.baseline));
    channels.push_back(score.channel);
    units.push_back(score.unit);
    leads.push_back(score.lead);
    targets.push_back(score.targets);
    rmse.push_back(score.rmse);
    per_target.push_back(score.rmse_per_target);
    acc.push_back(score.acc);
    factors.push_back(score.factor);
  }
  file.write_strings("/baselines/method", methods, "what was forecast without a network");
  file.write_strings("/baselines/channel", channels, "name of the channel");
  file.write_strings("/baselines/unit", units, "unit of the channel");
  file.write("/baselines/lead", leads, {"1", "lead in file steps"});
  file.write("/baselines/targets", targets, {"1", "forecasts that count"});
  file.write("/baselines/rmse", rmse,
             {"see unit", "root of the area-weighted mean square error over all targets"});
  file.write("/baselines/rmse_per_target", per_target,
             {"see unit", "mean of the root mean square errors of single targets"});
  file.write("/baselines/acc", acc,
             {"1", "mean anomaly correlation of single targets; NaN: climatology has none"});
  file.write("/baselines/factor", factors, {"1", "what the anomaly at the start is multiplied by"});
  std::vector<std::int64_t> rows(scores.size());
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  file.write("/baselines/row", rows, {"1", "number of the row"});
  for (char const* name :
       {"method", "channel", "unit", "lead", "targets", "rmse", "rmse_per_target", "acc", "factor"})
    file.attach_scales(fmt::format("/baselines/{}", name), {"/baselines/row"});
}

}  // namespace crossjoule::runtime
