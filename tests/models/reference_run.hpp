// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/reference/activation.hpp"
#include "kernels/reference/batch_norm.hpp"
#include "kernels/reference/channels.hpp"
#include "kernels/reference/complex_linear.hpp"
#include "kernels/reference/convolution.hpp"
#include "kernels/reference/fourier.hpp"
#include "kernels/reference/layer_norm.hpp"
#include "kernels/reference/linear.hpp"
#include "kernels/reference/log_cosh_sum.hpp"
#include "kernels/reference/loss.hpp"
#include "kernels/reference/patches.hpp"
#include "kernels/reference/pooling.hpp"
#include "models/graph.hpp"
#include "tests/models/counting.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace crossjoule::testing {

/// What happens while it lives is not counted: transforms, whose cost is a convention, and the
/// adding up of gradients of shared parameters, which fast kernels do inside their sums.
class Uncounted {
 public:
  Uncounted() : before_(tally) {}
  ~Uncounted() { tally = before_; }
  Uncounted(Uncounted const&) = delete;
  Uncounted& operator=(Uncounted const&) = delete;

 private:
  Tally before_;
};

/// A Graph run by the plain loops of kernels/reference, one node after the other: the oracle for
/// plans, costs and reference files. T is double, float or a counting scalar.
template <class T>
class ReferenceRun {
 public:
  using Tensor = std::vector<T>;
  using NodeId = models::NodeId;

  /// `inputs` in the order of the graph's Input nodes, each batch x size; `parameters` in the order
  /// of models::parameters, without padding; tensors that nodes share stand there once.
  ReferenceRun(models::Graph graph, std::int64_t batch, std::vector<Tensor> inputs,
               std::vector<Tensor> parameters)
      : graph_(std::move(graph)),
        shapes_(models::shapes(graph_)),
        batch_(batch),
        parameters_(std::move(parameters)),
        tensors_(graph_.nodes.size()),
        values_(graph_.nodes.size()),
        kept_(graph_.nodes.size()),
        node_gradients_(graph_.nodes.size()),
        needs_gradient_(graph_.nodes.size()),
        gradients_(parameters_.size()) {
    auto const all = models::parameters(graph_);
    std::size_t next_input = 0;
    for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
      for (std::string const& name : models::parameter_names(graph_, shapes_, id))
        tensors_[id].push_back(
            std::find_if(all.begin(), all.end(),
                         [&](auto const& tensor) { return tensor.name == name; }) -
            all.begin());
      needs_gradient_[id] = !tensors_[id].empty();
      for (NodeId const input : graph_.nodes[id].inputs)
        needs_gradient_[id] = needs_gradient_[id] || needs_gradient_[input];
      if (std::holds_alternative<models::Input>(graph_.nodes[id].op))
        values_[id] = std::move(inputs[next_input++]);
    }
  }

  /// Values of all nodes the last one depends on.
  void forward() {
    std::vector<bool> const live = models::live_nodes(graph_);
    for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
      if (!live[id] || std::holds_alternative<models::Input>(graph_.nodes[id].op)) continue;
      values_[id].assign(static_cast<std::size_t>(batch_ * shapes_[id].size()), T(0));
      std::visit([&](auto const& op) { forward(op, id); }, graph_.nodes[id].op);
    }
  }

  /// Gradients of the sum of the objective over the batch; forward() comes first. A graph without
  /// objective has none.
  void backward() {
    for (auto* all : {&node_gradients_, &gradients_})
      for (Tensor& gradient : *all) gradient.clear();
    NodeId const objective = models::objective_node(graph_);
    for (NodeId id = objective; id >= 0; --id)
      if (id == objective || !node_gradients_[id].empty())
        std::visit([&](auto const& op) { backward(op, id); }, graph_.nodes[id].op);
  }

  /// Value of a node, empty where the last node does not depend on it.
  Tensor const& value(NodeId id) const { return values_[id]; }
  /// Gradient of a node's value, empty where no parameter needs it.
  Tensor const& node_gradient(NodeId id) const { return node_gradients_[id]; }
  /// Gradient of a parameter tensor, empty where the objective does not depend on it.
  Tensor const& gradient(std::size_t parameter) const { return gradients_[parameter]; }

 private:
  using In = std::span<T const>;
  using Out = std::span<T>;

  NodeId input(NodeId id, std::size_t k = 0) const { return graph_.nodes[id].inputs[k]; }
  models::Shape const& input_shape(NodeId id) const { return shapes_[input(id)]; }
  In in(NodeId id, std::size_t k = 0) const { return values_[input(id, k)]; }
  Out out(NodeId id) { return values_[id]; }
  In gradient_of(NodeId id) const { return node_gradients_[id]; }
  In parameter(NodeId id, std::size_t k) const { return parameters_[tensors_[id][k]]; }
  std::size_t rows(NodeId id) const {
    return static_cast<std::size_t>(batch_ * shapes_[id].size() / shapes_[id].last());
  }
  std::size_t samples() const { return static_cast<std::size_t>(batch_); }

  static void add_to(Tensor& total, Tensor part) {
    if (total.empty()) {
      total = std::move(part);
      return;
    }
    for (std::size_t n = 0; n < total.size(); ++n) total[n] = total[n] + part[n];
  }
  /// Compute the gradient of input k, where somebody needs it, and hand it on.
  template <class Compute>
  void give(NodeId id, std::size_t k, Compute&& compute) {
    if (!needs_gradient_[input(id, k)]) return;
    Tensor dx(in(id, k).size());
    compute(Out(dx));
    add_to(node_gradients_[input(id, k)], std::move(dx));
  }
  /// Compute the gradients of the node's parameters and add them to those of other nodes that share
  /// them.
  template <class Compute>
  void learn(NodeId id, Compute&& compute) {
    std::vector<Tensor> parts;
    for (std::size_t const tensor : tensors_[id]) parts.emplace_back(parameters_[tensor].size());
    compute(parts);
    Uncounted const adding;
    for (std::size_t k = 0; k < parts.size(); ++k)
      add_to(gradients_[tensors_[id][k]], std::move(parts[k]));
  }

  void forward(models::Input const&, NodeId) {}
  void backward(models::Input const&, NodeId) {}

  void forward(models::Linear const& op, NodeId id) {
    kernels::reference::linear<T>(rows(id), in(id), parameter(id, 0),
                                  op.bias ? parameter(id, 1) : In(), out(id));
  }
  void backward(models::Linear const& op, NodeId id) {
    In const dy = gradient_of(id);
    learn(id, [&](auto& parts) {
      kernels::reference::linear_weight_gradient<T>(rows(id), in(id), dy, parts[0]);
      if (op.bias) kernels::reference::linear_bias_gradient<T>(rows(id), dy, parts[1]);
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::linear_input_gradient<T>(rows(id), dy, parameter(id, 0), dx);
    });
  }

  void forward(models::Activation const& op, NodeId id) {
    namespace reference = kernels::reference;
    switch (op.kind) {
      case models::ActivationKind::relu: return reference::relu<T>(in(id), out(id));
      case models::ActivationKind::elu: return reference::elu<T>(in(id), T(op.alpha), out(id));
      case models::ActivationKind::gelu: return reference::gelu<T>(in(id), out(id));
      case models::ActivationKind::soft_shrink:
        return reference::soft_shrink<T>(in(id), T(op.alpha), out(id));
      case models::ActivationKind::leaky_relu:
        return reference::leaky_relu<T>(in(id), T(op.alpha), out(id));
    }
  }
  void backward(models::Activation const& op, NodeId id) {
    namespace reference = kernels::reference;
    In const y = values_[id], dy = gradient_of(id);
    give(id, 0, [&](Out dx) {
      switch (op.kind) {
        case models::ActivationKind::relu: return reference::relu_backward<T>(y, dy, dx);
        case models::ActivationKind::elu: return reference::elu_backward<T>(y, dy, T(op.alpha), dx);
        case models::ActivationKind::gelu: return reference::gelu_backward<T>(in(id), dy, dx);
        case models::ActivationKind::soft_shrink:
          return reference::soft_shrink_backward<T>(y, dy, dx);
        case models::ActivationKind::leaky_relu:
          return reference::leaky_relu_backward<T>(y, dy, T(op.alpha), dx);
      }
    });
  }

  void forward(models::Add const&, NodeId id) {
    kernels::reference::add<T>(in(id, 0), in(id, 1), out(id));
  }
  void backward(models::Add const&, NodeId id) {
    In const dy = gradient_of(id);
    for (std::size_t k = 0; k < 2; ++k)
      give(id, k, [&](Out dx) { std::copy(dy.begin(), dy.end(), dx.begin()); });
  }

  /// `kept_`: mean and 1 / sigma of every row.
  void forward(models::LayerNorm const& op, NodeId id) {
    kept_[id].assign(2, Tensor(rows(id)));
    kernels::reference::layer_norm<T>(in(id), parameter(id, 0), parameter(id, 1), T(op.epsilon),
                                      out(id), kept_[id][0], kept_[id][1]);
  }
  void backward(models::LayerNorm const&, NodeId id) {
    In const dy = gradient_of(id), mean = kept_[id][0], rstd = kept_[id][1];
    learn(id, [&](auto& parts) {
      kernels::reference::layer_norm_parameter_gradients<T>(in(id), mean, rstd, dy, parts[0],
                                                            parts[1]);
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::layer_norm_input_gradient<T>(in(id), parameter(id, 0), mean, rstd, dy,
                                                       dx);
    });
  }

  void forward(models::BatchNorm const&, NodeId id) {
    kernels::reference::batch_norm<T>(in(id), parameter(id, 0), parameter(id, 1), out(id));
  }
  void backward(models::BatchNorm const&, NodeId id) {
    In const dy = gradient_of(id);
    learn(id, [&](auto& parts) {
      kernels::reference::batch_norm_parameter_gradients<T>(in(id), dy, parts[0], parts[1]);
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::batch_norm_input_gradient<T>(parameter(id, 0), dy, dx);
    });
  }

  kernels::WindowGrid window_grid(models::Window const& w, NodeId id) const {
    auto const& axes = input_shape(id).axes;
    return {axes[0].extent, axes[1].extent,   axes[2].extent, w.kernel_rows,    w.kernel_columns,
            w.stride_rows,  w.stride_columns, w.padding_rows, w.padding_columns};
  }
  void forward(models::Conv2d const& op, NodeId id) {
    kernels::reference::conv2d<T>(samples(), window_grid(op.window, id), in(id), parameter(id, 0),
                                  op.bias ? parameter(id, 1) : In(), out(id));
  }
  void backward(models::Conv2d const& op, NodeId id) {
    In const dy = gradient_of(id);
    auto const grid = window_grid(op.window, id);
    learn(id, [&](auto& parts) {
      kernels::reference::conv2d_parameter_gradients<T>(samples(), grid, in(id), dy, parts[0],
                                                        op.bias ? Out(parts[1]) : Out());
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::conv2d_input_gradient<T>(samples(), grid, dy, parameter(id, 0), dx);
    });
  }
  void forward(models::Pool2d const& op, NodeId id) {
    auto const grid = window_grid(op.window, id);
    if (op.kind == models::PoolKind::max)
      kernels::reference::max_pool<T>(samples(), grid, in(id), out(id));
    else
      kernels::reference::average_pool<T>(samples(), grid, in(id), out(id));
  }
  void backward(models::Pool2d const& op, NodeId id) {
    auto const grid = window_grid(op.window, id);
    In const dy = gradient_of(id);
    give(id, 0, [&](Out dx) {
      if (op.kind == models::PoolKind::max)
        kernels::reference::max_pool_gradient<T>(samples(), grid, in(id), dy, dx);
      else
        kernels::reference::average_pool_gradient<T>(samples(), grid, dy, dx);
    });
  }
  kernels::WindowGrid whole_image(NodeId id) const {
    auto const& axes = input_shape(id).axes;
    return window_grid({.kernel_rows = axes[0].extent, .kernel_columns = axes[1].extent}, id);
  }
  void forward(models::GlobalAveragePool const&, NodeId id) {
    kernels::reference::average_pool<T>(samples(), whole_image(id), in(id), out(id));
  }
  void backward(models::GlobalAveragePool const&, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::average_pool_gradient<T>(samples(), whole_image(id), gradient_of(id), dx);
    });
  }
  void forward(models::Flatten const&, NodeId id) {
    std::copy(in(id).begin(), in(id).end(), out(id).begin());
  }
  void backward(models::Flatten const&, NodeId id) {
    In const dy = gradient_of(id);
    give(id, 0, [&](Out dx) { std::copy(dy.begin(), dy.end(), dx.begin()); });
  }
  void forward(models::LogCoshSum const&, NodeId id) {
    kernels::reference::log_cosh_sum<T>(in(id), out(id));
  }
  void backward(models::LogCoshSum const&, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::log_cosh_sum_gradient<T>(in(id), gradient_of(id), dx);
    });
  }

  static kernels::PatchGrid patch_grid(models::Shape const& image, std::int64_t patch) {
    return {image.axes[0].extent, image.axes[1].extent, image.axes[2].extent, patch};
  }
  void forward(models::PatchEmbed const& op, NodeId id) {
    std::size_t const w = op.position ? 1 : 0;
    kernels::reference::patch_embed<T>(samples(), patch_grid(input_shape(id), op.patch), in(id),
                                       parameter(id, w), parameter(id, w + 1),
                                       op.position ? parameter(id, 0) : In(), out(id));
  }
  void backward(models::PatchEmbed const& op, NodeId id) {
    In const dy = gradient_of(id);
    kernels::PatchGrid const grid = patch_grid(input_shape(id), op.patch);
    std::size_t const w = op.position ? 1 : 0;
    learn(id, [&](auto& parts) {
      kernels::reference::patch_embed_parameter_gradients<T>(
          samples(), grid, in(id), dy, op.position ? Out(parts[0]) : Out(), parts[w], parts[w + 1]);
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::patch_embed_input_gradient<T>(samples(), grid, dy, parameter(id, w), dx);
    });
  }

  void forward(models::PatchRestore const& op, NodeId id) {
    kernels::reference::patch_restore<T>(samples(), patch_grid(shapes_[id], op.patch), in(id),
                                         out(id));
  }
  void backward(models::PatchRestore const& op, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::patch_restore_gradient<T>(samples(), patch_grid(shapes_[id], op.patch),
                                                    gradient_of(id), dx);
    });
  }

  void forward(models::JoinChannels const&, NodeId id) {
    std::vector<In> parts;
    for (std::size_t k = 0; k < graph_.nodes[id].inputs.size(); ++k) parts.push_back(in(id, k));
    kernels::reference::join_channels<T>(samples(), parts, out(id));
  }
  void backward(models::JoinChannels const&, NodeId id) {
    std::size_t before = 0;
    for (std::size_t k = 0; k < graph_.nodes[id].inputs.size(); ++k) {
      give(id, k, [&](Out dx) {
        kernels::reference::join_channels_gradient<T>(samples(), gradient_of(id), before, dx);
      });
      before += static_cast<std::size_t>(shapes_[input(id, k)].size());
    }
  }

  void forward(models::TakeChannels const& op, NodeId id) {
    kernels::reference::take_channels<T>(samples(), in(id), before(op, id), out(id));
  }
  void backward(models::TakeChannels const& op, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::take_channels_gradient<T>(samples(), gradient_of(id), before(op, id), dx);
    });
  }
  std::size_t before(models::TakeChannels const& op, NodeId id) const {
    auto const& axes = input_shape(id).axes;
    return static_cast<std::size_t>(op.first * axes[1].extent * axes[2].extent);
  }

  kernels::FourierGrid grid_of(models::FourierTransform const& op, NodeId id) const {
    auto const& axes = input_shape(id).axes;
    return {axes[0].extent, axes[1].extent, op.first_row,  op.rows,
            op.columns,     op.blocks,      axes[2].extent};
  }
  kernels::FourierGrid grid_of(models::InverseFourierTransform const& op, NodeId id) const {
    auto const& axes = input_shape(id).axes;
    return {op.rows,
            op.columns,
            op.first_row,
            axes[0].extent,
            axes[1].extent,
            axes[2].extent,
            axes[2].extent * axes[3].extent / 2};
  }
  void forward(models::FourierTransform const& op, NodeId id) {
    Uncounted const convention;
    kernels::reference::fourier_transform<T>(grid_of(op, id), samples(), in(id), out(id));
  }
  void backward(models::FourierTransform const& op, NodeId id) {
    give(id, 0, [&](Out dx) {
      Uncounted const convention;
      kernels::reference::fourier_transform_gradient<T>(grid_of(op, id), samples(), gradient_of(id),
                                                        dx);
    });
  }
  void forward(models::InverseFourierTransform const& op, NodeId id) {
    Uncounted const convention;
    kernels::reference::inverse_fourier_transform<T>(grid_of(op, id), samples(), in(id), out(id));
  }
  void backward(models::InverseFourierTransform const& op, NodeId id) {
    give(id, 0, [&](Out dx) {
      Uncounted const convention;
      kernels::reference::inverse_fourier_transform_gradient<T>(grid_of(op, id), samples(),
                                                                gradient_of(id), dx);
    });
  }

  kernels::reference::ComplexShape complex_shape(models::ComplexLinear const& op, NodeId id) const {
    auto const& axes = input_shape(id).axes;
    auto const blocks = static_cast<std::size_t>(axes[axes.size() - 2].extent);
    return {rows(input(id)) / blocks, blocks, static_cast<std::size_t>(axes.back().extent / 2),
            static_cast<std::size_t>(op.out_features)};
  }
  void forward(models::ComplexLinear const& op, NodeId id) {
    kernels::reference::complex_linear<T>(complex_shape(op, id), in(id), parameter(id, 0),
                                          parameter(id, 1), out(id));
  }
  void backward(models::ComplexLinear const& op, NodeId id) {
    In const dy = gradient_of(id);
    auto const shape = complex_shape(op, id);
    learn(id, [&](auto& parts) {
      kernels::reference::complex_linear_weight_gradient<T>(shape, in(id), dy, parts[0]);
      kernels::reference::complex_linear_bias_gradient<T>(shape, dy, parts[1]);
    });
    give(id, 0, [&](Out dx) {
      kernels::reference::complex_linear_input_gradient<T>(shape, dy, parameter(id, 0), dx);
    });
  }

  void forward(models::SquaredDistance const& op, NodeId id) {
    kernels::reference::squared_distance<T>(in(id), T(op.centre), out(id));
  }
  void backward(models::SquaredDistance const& op, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::squared_distance_gradient<T>(in(id), T(op.centre), dx);
    });
  }
  void forward(models::MeanSquaredError const&, NodeId id) {
    kernels::reference::mean_squared_error<T>(in(id, 0), in(id, 1), out(id));
  }
  void backward(models::MeanSquaredError const&, NodeId id) {
    give(id, 0, [&](Out dx) {
      kernels::reference::mean_squared_error_gradient<T>(
          static_cast<std::size_t>(input_shape(id).size()), in(id, 0), in(id, 1), dx);
    });
  }

  /// The weights of the image rows, kept in `numbers`.
  kernels::reference::RowWeights<T> weights_of(models::RelativeError const& op, NodeId id,
                                               std::size_t k, Tensor& numbers) const {
    if (op.weight == models::RowWeight::none) return {};
    auto const& axes = shapes_[input(id, k)].axes;
    for (double const weight : models::row_weights(op, axes[1].extent))
      numbers.push_back(T(weight));
    return {numbers, static_cast<std::size_t>(axes[2].extent)};
  }
  /// `kept_`: two numbers per sample of every pair of inputs.
  void forward(models::RelativeError const& op, NodeId id) {
    std::size_t const inputs = graph_.nodes[id].inputs.size();
    kept_[id].assign(inputs, Tensor(samples()));
    for (std::size_t k = 0; k < inputs; k += 2) {
      Tensor numbers;
      kernels::reference::relative_error<T>(in(id, k), in(id, k + 1),
                                            weights_of(op, id, k, numbers), out(id), kept_[id][k],
                                            kept_[id][k + 1]);
    }
  }
  void backward(models::RelativeError const& op, NodeId id) {
    for (std::size_t k = 0; k < graph_.nodes[id].inputs.size(); k += 2)
      give(id, k, [&](Out dx) {
        Tensor numbers;
        kernels::reference::relative_error_gradient<T>(in(id, k), in(id, k + 1),
                                                       weights_of(op, id, k, numbers), kept_[id][k],
                                                       kept_[id][k + 1], dx);
      });
  }

  models::Graph graph_;
  std::vector<models::Shape> shapes_;
  std::int64_t batch_;
  std::vector<Tensor> parameters_;
  std::vector<std::vector<std::size_t>> tensors_;  ///< by node: indices of its parameters
  std::vector<Tensor> values_;
  std::vector<std::vector<Tensor>> kept_;  ///< by node: what forward leaves for backward
  std::vector<Tensor> node_gradients_;
  std::vector<bool> needs_gradient_;
  std::vector<Tensor> gradients_;
};

}  // namespace crossjoule::testing
