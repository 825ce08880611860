// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/reference/activation.hpp"
#include "kernels/reference/linear.hpp"
#include "kernels/reference/loss.hpp"
#include "models/graph.hpp"
#include "models/overloaded.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace crossjoule::testing {

/// A Graph run by the plain loops of kernels/reference, one node after the other: the oracle for
/// plans, costs and reference files. T is double, float or a counting scalar.
template <class T>
class ReferenceRun {
 public:
  using Tensor = std::vector<T>;

  /// `inputs` in the order of the graph's Input nodes, each batch x size; `parameters` in the order
  /// of models::parameters, without padding.
  ReferenceRun(models::Graph graph, std::int64_t batch, std::vector<Tensor> inputs,
               std::vector<Tensor> parameters)
      : graph_(std::move(graph)),
        shapes_(models::shapes(graph_)),
        batch_(batch),
        inputs_(std::move(inputs)),
        parameters_(std::move(parameters)),
        values_(graph_.nodes.size()),
        node_gradients_(graph_.nodes.size()),
        gradients_(parameters_.size()),
        first_parameter_(graph_.nodes.size(), -1) {
    auto const tensors = models::parameters(graph_);
    for (int p = static_cast<int>(tensors.size()) - 1; p >= 0; --p)
      first_parameter_[tensors[p].node] = p;
  }

  /// Values of all nodes the last one depends on.
  void forward() {
    std::size_t next_input = 0;
    std::vector<bool> const live = models::live_nodes(graph_);
    for (std::size_t id = 0; id < graph_.nodes.size(); ++id) {
      values_[id].resize(static_cast<std::size_t>(batch_ * shapes_[id].size()));
      bool const is_input = std::holds_alternative<models::Input>(graph_.nodes[id].op);
      if (live[id] || is_input) forward_node(static_cast<models::NodeId>(id), next_input);
    }
  }

  /// Gradients of the sum of the objective over the batch; forward() comes first. A graph without
  /// objective has none.
  void backward() {
    models::NodeId const objective = models::objective_node(graph_);
    if (objective < 0) return;
    backward_node(objective);
    for (models::NodeId id = objective - 1; id >= 0; --id)
      if (!node_gradients_[id].empty()) backward_node(id);
  }

  Tensor const& value(models::NodeId id) const { return values_[id]; }
  /// Gradient of a node's value, empty where no parameter needs it.
  Tensor const& node_gradient(models::NodeId id) const { return node_gradients_[id]; }
  /// Gradient of a parameter tensor, empty where the objective does not depend on it.
  Tensor const& gradient(std::size_t parameter) const { return gradients_[parameter]; }

 private:
  using In = std::span<T const>;

  std::size_t rows(models::NodeId id) const {
    return static_cast<std::size_t>(batch_ * shapes_[id].size() / shapes_[id].last());
  }
  In bias_of(models::Linear const& op, models::NodeId id) const {
    return op.bias ? In(parameters_[first_parameter_[id] + 1]) : In();
  }

  void forward_node(models::NodeId id, std::size_t& next_input) {
    namespace reference = kernels::reference;
    models::Node const& node = graph_.nodes[id];
    auto const in = [&](std::size_t k) { return In(values_[node.inputs[k]]); };
    std::span<T> const out(values_[id]);
    std::visit(models::Overloaded{
                   [&](models::Input const&) { values_[id] = inputs_[next_input++]; },
                   [&](models::Linear const& op) {
                     reference::linear<T>(rows(id), in(0), parameters_[first_parameter_[id]],
                                          bias_of(op, id), out);
                   },
                   [&](models::Activation const& op) {
                     switch (op.kind) {
                       case models::ActivationKind::relu: return reference::relu<T>(in(0), out);
                       case models::ActivationKind::elu:
                         return reference::elu<T>(in(0), T(op.alpha), out);
                       default: std::abort();
                     }
                   },
                   [&](models::Add const&) { reference::add<T>(in(0), in(1), out); },
                   [&](models::SquaredDistance const& op) {
                     reference::squared_distance<T>(in(0), T(op.centre), out);
                   },
                   [&](models::MeanSquaredError const&) {
                     reference::mean_squared_error<T>(in(0), in(1), out);
                   },
                   [](auto const&) { std::abort(); }},
               node.op);
  }

  /// Does any parameter stand at this node or above it?
  bool needs_gradient(models::NodeId id) const {
    if (first_parameter_[id] >= 0) return true;
    for (models::NodeId input : graph_.nodes[id].inputs)
      if (needs_gradient(input)) return true;
    return false;
  }
  void give(models::NodeId id, Tensor gradient) {
    Tensor& total = node_gradients_[id];
    if (total.empty()) {
      total = std::move(gradient);
      return;
    }
    for (std::size_t n = 0; n < total.size(); ++n) total[n] = total[n] + gradient[n];
  }

  void backward_node(models::NodeId id) {
    namespace reference = kernels::reference;
    models::Node const& node = graph_.nodes[id];
    auto const in = [&](std::size_t k) { return In(values_[node.inputs[k]]); };
    In const y(values_[id]), dy(node_gradients_[id]);
    // compute and hand on the gradient of the first input, where somebody needs it
    auto const give_first = [&](auto&& compute) {
      if (!needs_gradient(node.inputs[0])) return;
      Tensor dx(in(0).size());
      compute(std::span<T>(dx));
      give(node.inputs[0], std::move(dx));
    };
    std::visit(models::Overloaded{
                   [](models::Input const&) {},
                   [&](models::Linear const& op) {
                     int const p = first_parameter_[id];
                     gradients_[p].resize(parameters_[p].size());
                     reference::linear_weight_gradient<T>(rows(id), in(0), dy, gradients_[p]);
                     if (op.bias) {
                       gradients_[p + 1].resize(parameters_[p + 1].size());
                       reference::linear_bias_gradient<T>(rows(id), dy, gradients_[p + 1]);
                     }
                     give_first([&](auto dx) {
                       reference::linear_input_gradient<T>(rows(id), dy, parameters_[p], dx);
                     });
                   },
                   [&](models::Activation const& op) {
                     give_first([&](auto dx) {
                       switch (op.kind) {
                         case models::ActivationKind::relu:
                           return reference::relu_backward<T>(y, dy, dx);
                         case models::ActivationKind::elu:
                           return reference::elu_backward<T>(y, dy, T(op.alpha), dx);
                         default: std::abort();
                       }
                     });
                   },
                   [&](models::Add const&) {
                     Tensor const copy(dy.begin(), dy.end());
                     for (models::NodeId input : node.inputs)
                       if (needs_gradient(input)) give(input, copy);
                   },
                   [&](models::SquaredDistance const& op) {
                     give_first([&](auto dx) {
                       reference::squared_distance_gradient<T>(in(0), T(op.centre), dx);
                     });
                   },
                   [&](models::MeanSquaredError const&) {
                     auto const features = static_cast<std::size_t>(shapes_[node.inputs[0]].size());
                     give_first([&](auto dx) {
                       reference::mean_squared_error_gradient<T>(features, in(0), in(1), dx);
                     });
                   },
                   [](auto const&) { std::abort(); }},
               node.op);
  }

  models::Graph graph_;
  std::vector<models::Shape> shapes_;
  std::int64_t batch_;
  std::vector<Tensor> inputs_, parameters_, values_, node_gradients_, gradients_;
  std::vector<int> first_parameter_;
};

}  // namespace crossjoule::testing
