// SPDX-License-Identifier: BSD-3-Clause
#include "models/cost.hpp"

#include "models/overloaded.hpp"
#include "models/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace crossjoule::models {
namespace {

constexpr std::int64_t bytes_per_number = 4;

/// What one visitor needs to know of a node: its sizes, and what the way back asks of it.
struct Context {
  Shape const& input;  ///< shape of the first input
  Shape const& output;
  std::int64_t in, out;           ///< numbers of the first input and of the output
  std::int64_t pairs;             ///< of inputs: output and target
  bool differentiated;            ///< the node takes part in the backward pass
  std::int64_t gradients;         ///< how many of its inputs get a gradient
  std::int64_t gradient_numbers;  ///< the sizes of these inputs together
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
    case ActivationKind::gelu:
      return {5,
              11};  // x / sqrt 2, erf, + 1, x / 2, times; the same and x exp(-x^2 / 2) / sqrt(2 pi)
    case ActivationKind::soft_shrink: return {4, 1};  // size, - alpha, max, sign; compare
    case ActivationKind::leaky_relu: return {2, 2};   // compare, times alpha; the same
  }
  return {};
}

/// A product of `macs` a sample with weights, and `additions` of learned terms to each result.
Cost product(std::int64_t macs, std::int64_t weights, std::int64_t additions, Context const& at) {
  Cost cost;
  cost.stationary_weights = weights;
  cost.forward.product_macs = macs;
  cost.forward.pointwise_flops = additions * at.out;
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  // dW = dy x^T and, where somebody asks, dx = dy W: one product each; db adds up dy
  cost.backward.product_macs = (1 + at.gradients) * macs;
  cost.backward.pointwise_flops = additions * at.out;
  set_bytes(cost.backward, at.in + at.out, at.gradients * at.in);
  return cost;
}

Cost cost_of(Linear const& op, Context const& at) {
  std::int64_t const weights = at.input.last() * op.out_features;
  return product(at.input.size() / at.input.last() * weights, weights, op.bias ? 1 : 0, at);
}
Cost cost_of(PatchEmbed const& op, Context const& at) {
  std::int64_t const weights = at.input.axes[0].extent * op.patch * op.patch * op.out_features;
  return product(at.input.size() * op.out_features, weights, op.position ? 2 : 1, at);
}
/// What a window reads along one axis without padding: pairs of a place and a number of its kernel.
std::int64_t taps(std::int64_t extent, std::int64_t places, std::int64_t kernel,
                  std::int64_t stride, std::int64_t padding) {
  std::int64_t total = 0;
  if (places < kernel) {
    for (std::int64_t n = 0; n < places; ++n) {
      std::int64_t const first = n * stride - padding;
      total += std::max<std::int64_t>(
          0, std::min(kernel, extent - first) - std::max<std::int64_t>(0, -first));
    }
    return total;
  }
  for (std::int64_t tap = 0; tap < kernel; ++tap) {
    std::int64_t const before = std::max<std::int64_t>(0, padding - tap);  // numbers of padding
    std::int64_t const inside = extent + padding - tap;                    // places * stride below
    if (inside <= 0) continue;
    std::int64_t const first = (before + stride - 1) / stride;
    std::int64_t const end = std::min(places, (inside + stride - 1) / stride);
    total += std::max<std::int64_t>(0, end - first);
  }
  return total;
}
/// The same over rows and columns, for all features.
std::int64_t taps(Window const& window, Context const& at) {
  return taps(at.input.axes[0].extent, at.output.axes[0].extent, window.kernel_rows,
              window.stride_rows, window.padding_rows) *
         taps(at.input.axes[1].extent, at.output.axes[1].extent, window.kernel_columns,
              window.stride_columns, window.padding_columns) *
         at.input.last();
}

/// Padding is multiplied like everything else, as published counts have it.
Cost cost_of(Conv2d const& op, Context const& at) {
  std::int64_t const inputs = at.input.last() * op.window.kernel_rows * op.window.kernel_columns;
  Cost cost = product(at.out * inputs, inputs * op.out_features, op.bias ? 1 : 0, at);
  if (at.differentiated)  // the products of all windows are added up where these overlap
    cost.backward.pointwise_flops += at.gradients * taps(op.window, at);
  return cost;
}

/// A complex product is four real ones; the real and the imaginary weights are stored once.
Cost cost_of(ComplexLinear const& op, Context const& at) {
  std::int64_t const blocks = at.input.axes[at.input.axes.size() - 2].extent;
  std::int64_t const weights = 2 * blocks * at.input.last() / 2 * op.out_features;
  return product(at.input.size() / at.input.last() / blocks * 2 * weights, weights, 1, at);
}

/// Nothing but copies.
Cost copies(Context const& at) {
  Cost cost;
  set_bytes(cost.forward, at.in, at.out);
  if (at.differentiated) set_bytes(cost.backward, at.out, at.gradients * at.in);
  return cost;
}
Cost cost_of(PatchRestore const&, Context const& at) { return copies(at); }
Cost cost_of(Flatten const&, Context const& at) { return copies(at); }
Cost cost_of(JoinChannels const&, Context const& at) {
  Cost cost;
  set_bytes(cost.forward, at.out, at.out);
  set_bytes(cost.backward, at.gradient_numbers, at.gradient_numbers);
  return cost;
}

Cost cost_of(TakeChannels const&, Context const& at) {
  Cost cost;
  set_bytes(cost.forward, at.out, at.out);
  if (at.differentiated) set_bytes(cost.backward, at.out, at.gradients * at.in);
  return cost;
}

/// A mean of `read` numbers in all: sums and a division a result, either way.
Cost mean(std::int64_t read, Context const& at) {
  Cost cost = copies(at);
  cost.forward.pointwise_flops = read + at.out;
  if (at.differentiated) cost.backward.pointwise_flops = at.gradients * (read + at.out);
  return cost;
}
Cost cost_of(GlobalAveragePool const&, Context const& at) { return mean(at.in, at); }
Cost cost_of(Pool2d const& op, Context const& at) {
  std::int64_t const read = taps(op.window, at);
  if (op.kind == PoolKind::average) return mean(read, at);
  Cost cost;
  cost.forward.pointwise_flops = read - at.out;  // comparisons; the first number needs none
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = at.gradients * read;  // the same, and an addition a window
  set_bytes(cost.backward, at.in + at.out, at.gradients * at.in);
  return cost;
}

Cost cost_of(LogCoshSum const&, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = 6 * at.in;  // size, times -2, exp, log1p, two additions
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = 2 * at.gradients * at.in;  // tanh, times dy
  set_bytes(cost.backward, at.in + at.out, at.gradients * at.in);
  return cost;
}

Cost cost_of(BatchNorm const&, Context const& at) {
  Cost cost;
  cost.forward.pointwise_flops = 2 * at.in;
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.pointwise_flops = (3 + at.gradients) * at.in;  // two sums, a product; dx
  set_bytes(cost.backward, at.in + at.out, at.gradients * at.in);
  return cost;
}

Cost transform(Shape const& grid, Context const& at) {
  auto const points = static_cast<double>(grid.size() / grid.last());
  Cost cost;
  cost.forward.fourier_flops = std::llround(2.5 * points * std::log2(points) * grid.last());
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  cost.backward.fourier_flops = at.gradients * cost.forward.fourier_flops;
  set_bytes(cost.backward, at.out, at.gradients * at.in);
  return cost;
}
Cost cost_of(FourierTransform const&, Context const& at) { return transform(at.input, at); }
Cost cost_of(InverseFourierTransform const&, Context const& at) { return transform(at.output, at); }

Cost cost_of(LayerNorm const&, Context const& at) {
  std::int64_t const rows = at.in / at.input.last();
  Cost cost;
  // mean, centre, variance (2), times 1 / sigma, times gain, plus bias; five for each row
  cost.forward.pointwise_flops = 7 * at.in + 5 * rows;
  set_bytes(cost.forward, at.in, at.out);
  if (!at.differentiated) return cost;
  // of gain and bias: normalise again (2), product, two sums; of x: docs of the reference
  cost.backward.pointwise_flops = 5 * at.in + at.gradients * (10 * at.in + 2 * rows);
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

Cost cost_of(RelativeError const& op, Context const& at) {
  std::int64_t const weighted = op.weight == RowWeight::latitude ? 1 : 0;
  Cost cost;
  // per pair: subtract, square, add; square, add of the target; two roots, a division, a sum
  cost.forward.pointwise_flops = at.pairs * ((5 + 2 * weighted) * at.in + 4);
  set_bytes(cost.forward, 2 * at.pairs * at.in, at.out);
  if (!at.differentiated) return cost;
  // subtract, multiply; a comparison and a division: the sums are those of the forward pass
  cost.backward.pointwise_flops = at.gradients * ((2 + weighted) * at.in + 2);
  set_bytes(cost.backward, 2 * at.gradients * at.in, at.gradients * at.in);
  return cost;
}

std::int64_t parameters_of(Node const& node, Shape const& input) {
  std::int64_t total = 0;
  for (Tensor const& tensor : parameter_tensors(node.op, input))
    total += std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::int64_t{1},
                             std::multiplies<>());
  return total;
}

/// What a node's cost depends on beside itself, by id.
struct Surroundings {
  std::vector<Shape> const& shapes;
  std::vector<int> contributions;
  std::vector<bool> live;
  std::vector<NodeId> owners;

  Surroundings(Graph const& graph, std::vector<Shape> const& all)
      : shapes(all),
        contributions(gradient_contributions(graph)),
        live(live_nodes(graph)),
        owners(parameter_owners(graph, all)) {}
};

Cost cost_of_node(Graph const& graph, Surroundings const& around, NodeId id) {
  auto const& [shapes, contributions, live, owners] = around;
  Node const& node = graph.nodes[id];
  if (node.inputs.empty()) return {};
  Shape const& input = shapes[node.inputs[0]];
  bool const differentiated = contributions[id] > 0;
  Context at{.input = input,
             .output = shapes[id],
             .in = input.size(),
             .out = shapes[id].size(),
             .pairs = static_cast<std::int64_t>(node.inputs.size() / 2),
             .differentiated = differentiated,
             .gradients = 0,
             .gradient_numbers = 0};
  for (std::size_t k = 0; differentiated && k < node.inputs.size(); ++k) {
    if (!is_differentiable(node, k) || contributions[node.inputs[k]] == 0) continue;
    ++at.gradients;
    at.gradient_numbers += shapes[node.inputs[k]].size();
  }

  Cost cost;
  if (live[id])
    cost = std::visit(Overloaded{[](Input const&) { return Cost{}; },
                                 [&](auto const& op) { return cost_of(op, at); }},
                      node.op);
  if (owners[id] == id)
    cost.parameters = parameters_of(node, input);
  else
    cost.stationary_weights = 0;
  if (contributions[id] > 1)  // gradients from several readers are added up
    cost.backward.pointwise_flops += (contributions[id] - 1) * at.out;
  return cost;
}

}  // namespace

Work& Work::operator+=(Work const& other) {
  product_macs += other.product_macs;
  fourier_flops += other.fourier_flops;
  pointwise_flops += other.pointwise_flops;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  return *this;
}

Cost cost(Graph const& graph, std::vector<Shape> const& shapes, NodeId node) {
  return cost_of_node(graph, Surroundings(graph, shapes), node);
}

std::vector<Cost> costs(Graph const& graph, std::vector<Shape> const& shapes) {
  Surroundings const around(graph, shapes);
  std::vector<Cost> all;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id)
    all.push_back(cost_of_node(graph, around, id));
  return all;
}

Cost cost(Graph const& graph) {
  Cost total;
  for (Cost const& part : costs(graph, shapes(graph))) {
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
