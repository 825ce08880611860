// SPDX-License-Identifier: BSD-3-Clause
#include "models/cost.hpp"

#include "models/overloaded.hpp"
#include "models/text.hpp"

namespace crossjoule::models {
namespace {

constexpr std::int64_t bytes_per_number = 4;

/// What one visitor needs to know of a node: its sizes, and what the way back asks of it.
struct Context {
  Shape const& input;      ///< shape of the first input
  std::int64_t in, out;    ///< numbers of the first input and of the output
  bool differentiated;     ///< the node takes part in the backward pass
  std::int64_t gradients;  ///< how many of its inputs get a gradient
};

void set_bytes(Work& work, std::int64_t numbers_in, std::int64_t numbers_out) {
  work.bytes_in = bytes_per_number * numbers_in;
  work.bytes_out = bytes_per_number * numbers_out;
}

/// Additions, multiplications, comparisons and exponentials of a pointwise function per element.
struct Pointwise {
  std::int64_t forward, backward;
};
Pointwise pointwise(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu: return {1, 1};  // compare; compare
    case ActivationKind::elu:
      return {3, 3};  // compare, expm1, times alpha; compare, y + alpha, times dy
  }
  return {};
}

Cost cost_of(Linear const& op, Context const& at) {
  std::int64_t const rows = at.input.size() / at.input.last();
  std::int64_t const weights = at.input.last() * op.out_features;
  Cost cost;
  cost.stationary_weights = weights;
  cost.parameters = weights + (op.bias ? op.out_features : 0);
  cost.forward = {rows * weights, op.bias ? at.out : 0, 0, 0};
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  // dW = dy x^T and, where somebody asks, dx = dy W: one product each; db adds up dy
  cost.backward = {(1 + at.gradients) * rows * weights, op.bias ? at.out : 0, 0, 0};
  set_bytes(cost.backward, at.in + at.out, at.gradients * at.in);
  return cost;
}

Cost cost_of(Activation const& op, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = pointwise(op.kind).forward * at.out;
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = pointwise(op.kind).backward * at.out;
  set_bytes(cost.backward, 2 * at.out, at.in);  // y and dy in, dx out
  return cost;
}

Cost cost_of(Add const&, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = at.out;
  set_bytes(cost.forward, 2 * at.in, at.out);
  if (at.differentiated) set_bytes(cost.backward, at.out, at.gradients * at.in);
  return cost;
}

Cost cost_of(SquaredDistance const&, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = 3 * at.in;  // subtract, square, add
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = 2 * at.gradients * at.in;  // subtract, times 2
  set_bytes(cost.backward, at.in, at.gradients * at.in);
  return cost;
}

Cost cost_of(MeanSquaredError const&, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = 3 * at.in + 1;  // as above, and the division
  set_bytes(cost.forward, 2 * at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = 2 * at.gradients * at.in;
  set_bytes(cost.backward, 2 * at.in, at.gradients * at.in);
  return cost;
}

Cost cost_of_node(Graph const& graph, std::vector<Shape> const& shapes,
                  std::vector<int> const& contributions, NodeId id) {
  Node const& node = graph.nodes[id];
  if (node.inputs.empty()) return {};
  Shape const& input = shapes[node.inputs[0]];
  bool const differentiated = contributions[id] > 0;
  Context at{input, input.size(), shapes[id].size(), differentiated, 0};
  for (std::size_t k = 0; differentiated && k < differentiable_inputs(node); ++k)
    at.gradients += contributions[node.inputs[k]] > 0 ? 1 : 0;

  Cost cost = std::visit(Overloaded{[](Input const&) { return Cost{}; },
                                    [&](auto const& op) { return cost_of(op, at); }},
                         node.op);
  if (contributions[id] > 1)  // gradients from several readers are added up
    cost.backward.pointwise_flops += (contributions[id] - 1) * at.out;
  return cost;
}

}  // namespace

Work& Work::operator+=(Work const& other) {
  product_macs += other.product_macs;
  pointwise_flops += other.pointwise_flops;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  return *this;
}

Cost cost(Graph const& graph, std::vector<Shape> const& shapes, NodeId node) {
  return cost_of_node(graph, shapes, gradient_contributions(graph), node);
}

Cost cost(Graph const& graph) {
  std::vector<Shape> const shape = shapes(graph);
  std::vector<int> const contributions = gradient_contributions(graph);
  Cost total;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    Cost const part = cost_of_node(graph, shape, contributions, id);
    total.parameters += part.parameters;
    total.stationary_weights += part.stationary_weights;
    total.forward += part.forward;
    total.backward += part.backward;
  }
  return total;
}

core::NetworkIdentity identity(Graph const& graph) {
  Cost const total = cost(graph);
  return {graph.name, digest(graph), total.parameters, total.forward.product_macs};
}

}  // namespace crossjoule::models
