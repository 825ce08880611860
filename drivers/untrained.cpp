// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/untrained.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"
#include "drivers/memory.hpp"
#include "models/rbm.hpp"
#include "runtime/plan/plan.hpp"

#include <algorithm>

namespace crossjoule::drivers {
namespace {

/// Different samples fed in turn: more than the caches of a core hold.
constexpr std::int64_t pool_rows = 8192, pool_bytes = 64 << 20;

/// The number of spins that a network reads, where all their states fit; else 0.
std::int64_t spins_of(models::Graph const& graph) {
  auto const inputs = models::input_nodes(graph);
  auto const& shape =
      std::get<models::Input>(graph.nodes[static_cast<std::size_t>(inputs.front())].op).shape;
  bool const are_spins =
      inputs.size() == 1 && shape.axes.size() == 1 && shape.axes.front().name == "spin";
  return are_spins && shape.size() % 2 == 0 && shape.size() <= 24 ? shape.size() : 0;
}

/// How many samples are made up.
template <class T>
std::int64_t rows_made_up(models::Graph const& graph) {
  if (auto const spins = spins_of(graph); spins > 0) return models::sweep_size(spins);
  auto const fitting =
      pool_bytes / static_cast<std::int64_t>(sizeof(T)) / models::sample_size(graph);
  return std::clamp<std::int64_t>(fitting, 1, pool_rows);
}

template <class T>
runtime::Matrix<T> made_up(models::Graph const& graph) {
  std::int64_t const features = models::sample_size(graph);
  if (auto const spins = spins_of(graph); spins > 0) {
    auto const states = models::sweep_states(spins);
    return {models::sweep_size(spins), spins, {states.begin(), states.end()}};
  }
  runtime::Matrix<T> matrix{rows_made_up<T>(graph), features, {}};
  core::Random random(1, core::purpose("drivers/untrained"), 0);
  matrix.values.reserve(static_cast<std::size_t>(matrix.rows * features));
  for (std::int64_t n = 0; n < matrix.rows * features; ++n)
    matrix.values.push_back(static_cast<T>(random.normal()));
  return matrix;
}

}  // namespace

template <class T>
Untrained<T> make_untrained(models::Graph const& graph, runtime::SweepOptions const& sweep,
                            core::Comm const& comm) {
  VALIDATE(!models::input_nodes(graph).empty(),
           "network '{}' has no input (there is nothing to feed it) give it one", graph.name);
  runtime::ParamLayout const layout(graph);
  auto const made = rows_made_up<T>(graph);
  predict_peak(
      "infer",
      runtime::sweep_bytes<T>(graph, sweep, made) +
          (layout.words + made * models::sample_size(graph)) * static_cast<std::int64_t>(sizeof(T)),
      "take smaller sweep.batches", comm);
  return {{graph, runtime::initial_parameters<T>(layout, graph, 1)}, made_up<T>(graph)};
}

template Untrained<float> make_untrained(models::Graph const&, runtime::SweepOptions const&,
                                         core::Comm const&);
template Untrained<double> make_untrained(models::Graph const&, runtime::SweepOptions const&,
                                          core::Comm const&);

}  // namespace crossjoule::drivers
