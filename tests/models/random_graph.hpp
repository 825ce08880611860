// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"
#include "models/graph.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace crossjoule::testing {

/// How many Input nodes a random graph may have.
enum class Inputs { one, up_to_two };

/// A random network that fits together: dense layers with and without bias, activations, residual
/// additions (a node may be read many times, or twice by one addition), any objective or none.
/// Sizes are 1, primes and odd numbers as often as powers of two. The same `item` gives the same
/// one.
inline models::Graph random_graph(std::uint64_t item, Inputs inputs = Inputs::up_to_two) {
  core::Random random(20231, core::purpose("tests/random_graph"), item);
  auto const below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random.below(bound));
  };
  constexpr std::array<std::int64_t, 7> extents{1, 2, 3, 4, 5, 7, 11};
  auto const extent = [&] { return extents[below(extents.size())]; };

  models::Graph graph{"random", {}};
  std::vector<models::Shape> shapes;
  auto const add = [&](std::string name, std::vector<models::NodeId> from, models::Op op) {
    graph.add(std::move(name), std::move(from), std::move(op));
    shapes = models::shapes(graph);
  };
  models::Shape shape{{{"feature", extent()}}};
  for (std::size_t more = below(3); more > 0; --more)
    shape.axes.insert(shape.axes.begin(),
                      {"axis" + std::to_string(more), 1 + static_cast<std::int64_t>(below(3))});
  add("input", {}, models::Input{shape});
  if (inputs == Inputs::up_to_two && below(4) == 0) add("second", {}, models::Input{shape});

  auto const pick = [&] { return static_cast<models::NodeId>(below(graph.nodes.size())); };
  auto const twin_of =
      [&](models::NodeId id) {  // a node of the same shape, itself in the worst case
        std::vector<models::NodeId> twins;
        for (std::size_t k = 0; k < shapes.size(); ++k)
          if (shapes[k] == shapes[id]) twins.push_back(static_cast<models::NodeId>(k));
        return twins[below(twins.size())];
      };
  for (std::size_t k = 0, count = 1 + below(9); k < count; ++k) {
    std::string const name = "node" + std::to_string(k);
    models::NodeId const from =
        below(3) ? static_cast<models::NodeId>(graph.nodes.size()) - 1 : pick();
    switch (below(5)) {
      case 0: add(name, {from}, models::Activation{models::ActivationKind::relu, 1}); break;
      case 1:
        add(name, {from}, models::Activation{models::ActivationKind::elu, random.uniform(0.1, 2)});
        break;
      case 2: add(name, {from, twin_of(from)}, models::Add{}); break;
      default: {
        std::int64_t const same = shapes[0].last();  // makes residual diamonds likely
        add(name, {from}, models::Linear{below(2) ? same : extent(), below(3) > 0});
      }
    }
  }
  models::NodeId const last = static_cast<models::NodeId>(graph.nodes.size()) - 1;
  switch (below(5)) {
    case 0: break;
    case 1:
    case 2: add("objective", {last}, models::SquaredDistance{random.uniform(-1, 1)}); break;
    default: add("objective", {last, twin_of(last)}, models::MeanSquaredError{}); break;
  }
  return graph;
}

/// Numbers in (-1, 1) for every input and parameter of a graph, in the order ReferenceRun takes.
template <class T>
struct RandomData {
  std::vector<std::vector<T>> inputs, parameters;
};
template <class T>
RandomData<T> random_data(models::Graph const& graph, std::int64_t batch, std::uint64_t item) {
  core::Random random(4711, core::purpose("tests/random_data"), item);
  auto const draw = [&](std::int64_t count) {
    std::vector<T> values;
    for (std::int64_t n = 0; n < count; ++n) values.push_back(T(random.uniform(-1, 1)));
    return values;
  };
  RandomData<T> data;
  for (models::Node const& node : graph.nodes)
    if (auto const* input = std::get_if<models::Input>(&node.op))
      data.inputs.push_back(draw(batch * input->shape.size()));
  for (models::Parameter const& parameter : models::parameters(graph))
    data.parameters.push_back(draw(parameter.size()));
  return data;
}

}  // namespace crossjoule::testing
