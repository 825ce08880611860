// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/scorer.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"
#include "core/progress.hpp"

#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace {

/// Rows read and scored at a time: bounds the memory whatever the size of the file.
constexpr std::int64_t slab_rows = 32768;

models::Graph const& with_objective(models::Graph const& graph) {
  VALIDATE(models::objective_node(graph) >= 0,
           "network '{}' has no objective (so no anomaly score) leave accuracy.background empty",
           graph.name);
  return graph;
}

}  // namespace

bool has_constant_target(models::Graph const& graph) {
  auto const objective = models::objective_node(graph);
  return objective >= 0 && std::holds_alternative<models::SquaredDistance>(
                               graph.nodes[static_cast<std::size_t>(objective)].op);
}

template <class T>
Scorer<T>::Scorer(Trained<T> const& trained, Standardisation const& standardisation,
                  std::string layout, kernels::Device device, core::Comm const& comm,
                  meter::Meter& meter)
    : standardisation_(standardisation),
      layout_(std::move(layout)),
      comm_(comm),
      meter_(meter),
      plan_(trained.graph, {device, Purpose::inference, slab_rows}),
      features_(models::shapes(trained.graph).front().size()),
      is_distance_(has_constant_target(with_objective(trained.graph))) {
  plan_.set_parameters(trained.parameters);
}

template <class T>
Source Scorer<T>::open(SourceOptions const& options) const {
  VALIDATE(options.layout == layout_,
           "layout \"{}\" (the network was trained on \"{}\") remove the key layout",
           options.layout, layout_);
  Source source(options);
  VALIDATE(source.features() == features_,
           "{} gives {} features (the network was trained on {}) name other files",
           source.describe(), source.features(), features_);
  return source;
}

template <class T>
std::vector<double> Scorer<T>::score(SourceOptions const& options) {
  Source const source = open(options);
  auto const mine = comm_.share(source.rows());
  std::vector<double> scores;
  scores.reserve(static_cast<std::size_t>(mine.count()));
  std::vector<T> objective;
  core::Progress progress("score", mine.count(), "events");
  for (auto first = mine.first; first < mine.last; first += slab_rows) {
    Matrix<T> slab{std::min(slab_rows, mine.last - first), features_, {}};
    auto data_region = meter_.begin(meter::Phase::data);
    slab.values.resize(static_cast<std::size_t>(slab.rows * features_));
    source.read<T>(first, slab.rows, slab.values);
    standardisation_.apply(slab);
    data_region.close();
    auto region = meter_.begin(meter::Phase::inference);
    objective.resize(static_cast<std::size_t>(slab.rows));
    plan_.infer(slab.values, slab.rows, {}, objective);
    region.close();
    for (T value : objective)
      scores.push_back(is_distance_ ? std::sqrt(static_cast<double>(value))
                                    : static_cast<double>(value));
    progress.advance(slab.rows);
  }
  auto all = comm_.all_gather(scores);
  auto const bad =
      std::find_if_not(all.begin(), all.end(), [](double score) { return std::isfinite(score); });
  VALIDATE_AS(ExitCode::non_finite, bad == all.end(),
              "{}: the score of event {} is not finite (overflow in the network)",
              source.describe(), bad - all.begin());
  return all;
}

template <class T>
Matrix<T> Scorer<T>::samples(SourceOptions const& options, std::int64_t rows) const {
  Source const source = open(options);
  Matrix<T> matrix{std::min(rows, source.rows()), features_, {}};
  matrix.values.resize(static_cast<std::size_t>(matrix.rows * features_));
  source.read<T>(0, matrix.rows, matrix.values);
  standardisation_.apply(matrix);
  return matrix;
}

template <class T>
Matrix<T> Scorer<T>::made_up_samples(std::int64_t rows) const {
  Matrix<T> matrix{rows, features_, {}};
  core::Random random(1, core::purpose("runtime/made-up samples"), 0);
  for (std::int64_t i = 0; i < rows * features_; ++i)
    matrix.values.push_back(static_cast<T>(random.normal()));
  return matrix;
}

template class Scorer<float>;
template class Scorer<double>;

}  // namespace crossjoule::runtime
