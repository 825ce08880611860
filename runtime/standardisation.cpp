// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/standardisation.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/ordered_sum.hpp"

#include <fmt/ranges.h>
#include <cmath>

namespace crossjoule::runtime {
namespace {

/// Rows per leaf of the sum: never depends on the rank count.
constexpr std::int64_t block_rows = 1024;

/// Adds sum(x - origin) and sum((x - origin)^2) of each feature over one block of rows. Sums about
/// the first row lose no digits to a large mean, and a constant feature gives exactly 0.
template <class T>
void add_block(Matrix<T> const& samples, std::int64_t block, std::span<double> sums) {
  auto const features = static_cast<std::size_t>(samples.features);
  std::int64_t const first = block * block_rows, rows = std::min(block_rows, samples.rows - first);
  auto const origin = samples.row_span(0, 1), values = samples.row_span(first, rows);
  std::fill(sums.begin(), sums.end(), 0.0);
  double* const sum = sums.data();
  double* const squares = sum + features;
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r)
    for (std::size_t f = 0; f < features; ++f) {
      double const off =
          static_cast<double>(values[r * features + f]) - static_cast<double>(origin[f]);
      sum[f] += off;
      squares[f] += off * off;
    }
}

void warn_constant(std::vector<std::string> const& constant, std::size_t features) {
  if (constant.empty()) return;
  constexpr std::size_t shown = 12;
  std::vector<std::string> const head(
      constant.begin(),
      constant.begin() + static_cast<std::ptrdiff_t>(std::min(shown, constant.size())));
  core::warn("{} of {} features are constant in the training samples and get scale 1: {}{}",
             constant.size(), features, fmt::join(head, ", "),
             constant.size() > shown ? ", ..." : "");
}

}  // namespace

template <class T>
Standardisation learn_standardisation(Matrix<T> const& samples,
                                      std::vector<std::string> const& feature_names,
                                      core::Comm const& comm, std::string const& source) {
  VALIDATE(samples.rows > 0, "no training sample (a mean needs one) widen the split");
  auto const features = static_cast<std::size_t>(samples.features);
  std::int64_t const leaves = (samples.rows + block_rows - 1) / block_rows;
  core::OrderedSum<double> sum(comm, leaves, 2 * samples.features);
  sum.begin(leaves);
  for (std::int64_t leaf = sum.mine().first; leaf < sum.mine().last; ++leaf) {
    add_block(samples, leaf, sum.next_leaf());
    sum.add_leaf();
  }
  auto const total = sum.finish();

  Standardisation result;
  std::vector<std::string> constant;
  double const rows = static_cast<double>(samples.rows);
  for (std::size_t f = 0; f < features; ++f) {
    double const shift = total[f] / rows, variance = total[features + f] / rows - shift * shift;
    bool const varies = total[features + f] > 0 && variance > 0;
    result.mean.push_back(static_cast<double>(samples.values[f]) + shift);
    result.scale.push_back(varies ? std::sqrt(variance) : 1);
    if (!varies) constant.push_back(feature_names[f]);
  }
  VALIDATE(constant.size() < features,
           "{}: all {} features are constant in the training samples (nothing can be learned from "
           "them) check the input",
           source, features);
  warn_constant(constant, features);
  return result;
}

template <class T>
void Standardisation::apply(Matrix<T>& samples) const {
  auto const features = mean.size();
  VALIDATE(static_cast<std::size_t>(samples.features) == features,
           "{} features per row (the network was trained on {}) choose the same layout",
           samples.features, features);
  for (std::size_t r = 0; r < static_cast<std::size_t>(samples.rows); ++r)
    for (std::size_t f = 0; f < features; ++f) {
      T& value = samples.values[r * features + f];
      value = static_cast<T>((static_cast<double>(value) - mean[f]) / scale[f]);
    }
}

void Standardisation::write(core::H5File& file) const {
  file.write("/standardisation/mean", mean,
             {"1", "mean of each feature over the training samples, in its own unit"});
  file.write("/standardisation/scale", scale,
             {"1", "divisor of each feature: standard deviation, 1 where constant"});
}

Standardisation Standardisation::read(core::H5File const& file) {
  std::string const name = file.path().string();
  VALIDATE(file.exists("/standardisation/mean") && file.exists("/standardisation/scale"),
           "{}: no /standardisation (inputs of its network cannot be scaled) name a record of "
           "`crossjoule train`",
           name);
  Standardisation result{file.read<double>("/standardisation/mean"),
                         file.read<double>("/standardisation/scale")};
  bool sound = !result.mean.empty() && result.mean.size() == result.scale.size();
  for (double value : result.mean) sound = sound && std::isfinite(value);
  for (double value : result.scale) sound = sound && std::isfinite(value) && value > 0;
  VALIDATE_AS(ExitCode::damaged, sound,
              "{}: /standardisation makes no sense (lengths differ, or a scale is not positive)"
              " train again",
              name);
  return result;
}

template Standardisation learn_standardisation<float>(Matrix<float> const&,
                                                      std::vector<std::string> const&,
                                                      core::Comm const&, std::string const&);
template Standardisation learn_standardisation<double>(Matrix<double> const&,
                                                       std::vector<std::string> const&,
                                                       core::Comm const&, std::string const&);
template void Standardisation::apply<float>(Matrix<float>&) const;
template void Standardisation::apply<double>(Matrix<double>&) const;

}  // namespace crossjoule::runtime
