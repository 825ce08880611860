// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/metrics.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"
#include "runtime/percentile.hpp"
#include "runtime/ranking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace crossjoule::runtime {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Poisson(1) numbers by the inverse of the distribution, tabled at 2^-16: two for each random
/// word. The mean is off by less than 1e-4, which cancels in every ratio.
class PoissonTable {
 public:
  PoissonTable() {
    double below = 0, term = std::exp(-1.0);
    std::size_t place = 0;
    for (std::uint8_t count = 0; place < table_.size(); term /= ++count) {
      below += term;
      auto const end =
          std::min(table_.size(), static_cast<std::size_t>(std::lround(below * 65536)));
      for (; place < end; ++place) table_[place] = count;
      if (count == 12)
        for (; place < table_.size(); ++place) table_[place] = count;
    }
  }
  std::uint8_t operator[](std::uint32_t word) const { return table_[word & 0xffff]; }

 private:
  std::array<std::uint8_t, 65536> table_{};
};

/// How often each event stands in resampled set `replicate`.
void draw_weights(std::uint64_t seed, std::int64_t replicate, Weights& weights) {
  static PoissonTable const poisson;
  core::Random random(seed, core::purpose("metrics/bootstrap"),
                      static_cast<std::uint64_t>(replicate));
  std::size_t event = 0;
  for (; event + 1 < weights.size(); event += 2) {
    std::uint32_t const word = random.bits();
    weights[event] = poisson[word];
    weights[event + 1] = poisson[word >> 16];
  }
  if (event < weights.size()) weights[event] = poisson[random.bits()];
}

/// The percentile interval of replicate values around `value`; NaN ends where a replicate is NaN.
Interval percentile_interval(double value, std::vector<double> replicates, double level) {
  if (replicates.empty()) return {value, value, value};
  for (double replicate : replicates)
    if (std::isnan(replicate)) return {value, none, none};
  std::sort(replicates.begin(), replicates.end());
  return {value, percentile(replicates, 0.5 - level / 2), percentile(replicates, 0.5 + level / 2)};
}

/// Column `figure` of every replicate's row of `figures` numbers, in replicate order on every rank.
using Figures = std::function<void(Weights const&, std::vector<double>&)>;
std::vector<std::vector<double>> replicate_columns(std::size_t events, std::size_t figures,
                                                   BootstrapOptions const& options,
                                                   core::Comm const& comm, Figures const& compute) {
  std::vector<double> mine;
  Weights weights(events);
  auto const share = comm.share(options.replicates);
  for (std::int64_t replicate = share.first; replicate < share.last; ++replicate) {
    draw_weights(options.seed, replicate, weights);
    compute(weights, mine);
  }
  auto const all = comm.all_gather(mine);
  std::vector<std::vector<double>> columns(figures);
  for (std::size_t i = 0; i < all.size(); ++i) columns[i % figures].push_back(all[i]);
  return columns;
}

TruePositiveRate rate_of(Ranking const& ranking, double rate) {
  constexpr double fewest_above = 10;
  VALIDATE(rate > 0 && rate <= 1,
           "false-positive rate {} (must be above 0 and at most 1) change it", rate);
  TruePositiveRate result;
  result.false_positive_rate = rate;
  double const above = rate * static_cast<double>(ranking.background());
  if (above < fewest_above * (1 - 1e-12)) {
    result.refused = fmt::format(
        "{} background events leave {:.3g} above the cut (10 are needed): at least {:.0f}",
        ranking.background(), above, std::ceil(fewest_above / rate * (1 - 1e-12)));
    result.cut = none;
    result.share = {none, none, none};
    return result;
  }
  auto const cut = ranking.cut_at(rate);
  result.cut = cut.cut;
  result.background_passed = cut.background_passed;
  result.signal_passed = cut.signal_passed;
  result.share = binomial_interval(cut.signal_passed, cut.signal);
  return result;
}

}  // namespace

double auc(std::span<double const> background, std::span<double const> signal) {
  return Ranking(background, signal).auc();
}

Interval binomial_interval(std::int64_t passed, std::int64_t trials, double deviations) {
  VALIDATE(trials > 0 && passed >= 0 && passed <= trials,
           "{} of {} events (no share can be formed) check the counts", passed, trials);
  double const n = static_cast<double>(trials), p = static_cast<double>(passed) / n,
               z = deviations * deviations;
  double const centre = (p + z / (2 * n)) / (1 + z / n);
  double const half = deviations / (1 + z / n) * std::sqrt(p * (1 - p) / n + z / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

TruePositiveRate true_positive_rate(std::span<double const> background,
                                    std::span<double const> signal, double false_positive_rate) {
  return rate_of(Ranking(background, signal), false_positive_rate);
}

Discrimination discriminate(std::span<double const> background, std::span<double const> signal,
                            std::vector<double> const& false_positive_rates,
                            BootstrapOptions const& options, core::Comm const& comm) {
  Ranking const ranking(background, signal);
  Discrimination result;
  for (double rate : false_positive_rates) result.rates.push_back(rate_of(ranking, rate));
  auto const columns =
      replicate_columns(background.size() + signal.size(), 1 + result.rates.size(), options, comm,
                        [&](Weights const& weights, std::vector<double>& figures) {
                          figures.push_back(ranking.auc(weights));
                          for (auto const& rate : result.rates) {
                            if (!rate.refused.empty()) {
                              figures.push_back(none);
                              continue;
                            }
                            auto const cut = ranking.cut_at(rate.false_positive_rate, weights);
                            figures.push_back(static_cast<double>(cut.signal_passed) /
                                              static_cast<double>(cut.signal));
                          }
                        });
  result.auc = percentile_interval(ranking.auc(), columns[0], options.level);
  for (std::size_t i = 0; i < result.rates.size(); ++i)
    result.bootstrap_rates.push_back(
        percentile_interval(result.rates[i].share.value, columns[1 + i], options.level));
  return result;
}

Interval auc_difference(Scores first, Scores second, BootstrapOptions const& options,
                        core::Comm const& comm) {
  VALIDATE(
      first.background.size() == second.background.size() &&
          first.signal.size() == second.signal.size(),
      "{} + {} and {} + {} scores (a paired difference needs the same events) score the same files",
      first.background.size(), first.signal.size(), second.background.size(), second.signal.size());
  Ranking const a(first.background, first.signal), b(second.background, second.signal);
  auto const columns =
      replicate_columns(first.background.size() + first.signal.size(), 1, options, comm,
                        [&](Weights const& weights, std::vector<double>& figures) {
                          figures.push_back(a.auc(weights) - b.auc(weights));
                        });
  return percentile_interval(a.auc() - b.auc(), columns[0], options.level);
}

}  // namespace crossjoule::runtime
