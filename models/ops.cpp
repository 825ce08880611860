// SPDX-License-Identifier: BSD-3-Clause
#include "models/ops.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

namespace crossjoule::models {
namespace {

std::vector<Tensor> weight_and_bias(std::vector<std::int64_t> weight,
                                    std::vector<std::int64_t> bias) {
  return {{"w", std::move(weight)}, {"b", std::move(bias)}};
}

std::vector<Tensor> tensors_of(Linear const& op, Shape const& input) {
  std::vector<Tensor> all{{"w", {op.out_features, input.last()}}};
  if (op.bias) all.push_back({"b", {op.out_features}});
  return all;
}
std::vector<Tensor> tensors_of(LayerNorm const&, Shape const& input) {
  return weight_and_bias({input.last()}, {input.last()});
}
std::vector<Tensor> tensors_of(BatchNorm const&, Shape const& input) {
  return weight_and_bias({input.last()}, {input.last()});
}
std::vector<Tensor> tensors_of(Conv2d const& op, Shape const& input) {
  std::vector<Tensor> all = weight_and_bias(
      {op.out_features, input.last(), op.window.kernel_rows, op.window.kernel_columns},
      {op.out_features});
  if (!op.bias) all.pop_back();
  return all;
}
std::vector<Tensor> tensors_of(PatchEmbed const& op, Shape const& input) {
  std::int64_t const tokens = input.size() / input.axes[0].extent / (op.patch * op.patch);
  std::vector<Tensor> all = weight_and_bias(
      {op.out_features, input.axes[0].extent, op.patch, op.patch}, {op.out_features});
  if (op.position) all.insert(all.begin(), {"position", {1, tokens, op.out_features}});
  return all;
}
std::vector<Tensor> tensors_of(ComplexLinear const& op, Shape const& input) {
  std::int64_t const blocks = input.axes[input.axes.size() - 2].extent;
  return weight_and_bias({2, blocks, input.last() / 2, op.out_features},
                         {2, blocks, op.out_features});
}
template <class Other>
std::vector<Tensor> tensors_of(Other const&, Shape const&) {
  static_assert(std::is_same_v<Other, Input> || std::is_same_v<Other, Activation> ||
                std::is_same_v<Other, Add> || std::is_same_v<Other, PatchRestore> ||
                std::is_same_v<Other, FourierTransform> ||
                std::is_same_v<Other, InverseFourierTransform> ||
                std::is_same_v<Other, SquaredDistance> || std::is_same_v<Other, MeanSquaredError> ||
                std::is_same_v<Other, RelativeError> || std::is_same_v<Other, Pool2d> ||
                std::is_same_v<Other, GlobalAveragePool> || std::is_same_v<Other, Flatten> ||
                std::is_same_v<Other, LogCoshSum> || std::is_same_v<Other, JoinChannels> ||
                std::is_same_v<Other, TakeChannels>);  // a new op must say what it learns
  return {};
}

}  // namespace

std::int64_t Shape::size() const {
  std::int64_t product = 1;
  for (Axis const& axis : axes) product *= axis.extent;
  return product;
}

std::string to_string(Shape const& shape) {
  std::string text;
  for (Axis const& axis : shape.axes)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", axis.name, axis.extent);
  return text;
}

bool is_objective(Op const& op) {
  return std::visit(Overloaded{[](Input const&) { return false; },
                               [](Linear const&) { return false; },
                               [](Activation const&) { return false; },
                               [](Add const&) { return false; },
                               [](LayerNorm const&) { return false; },
                               [](PatchEmbed const&) { return false; },
                               [](PatchRestore const&) { return false; },
                               [](FourierTransform const&) { return false; },
                               [](InverseFourierTransform const&) { return false; },
                               [](ComplexLinear const&) { return false; },
                               [](SquaredDistance const&) { return true; },
                               [](MeanSquaredError const&) { return true; },
                               [](RelativeError const&) { return true; },
                               [](BatchNorm const&) { return false; },
                               [](Conv2d const&) { return false; },
                               [](Pool2d const&) { return false; },
                               [](GlobalAveragePool const&) { return false; },
                               [](Flatten const&) { return false; },
                               [](LogCoshSum const&) { return false; },
                               [](JoinChannels const&) { return false; },
                               [](TakeChannels const&) { return false; }},
                    op);
}

std::string_view to_string(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu: return "relu";
    case ActivationKind::elu: return "elu";
    case ActivationKind::gelu: return "gelu";
    case ActivationKind::soft_shrink: return "soft_shrink";
    case ActivationKind::leaky_relu: return "leaky_relu";
  }
  core::fail(core::ExitCode::internal, "activation {} has no name", static_cast<int>(kind));
}

ActivationKind activation_from(std::string_view text) {
  if (text == "relu") return ActivationKind::relu;
  if (text == "elu") return ActivationKind::elu;
  if (text == "gelu") return ActivationKind::gelu;
  if (text == "soft_shrink") return ActivationKind::soft_shrink;
  if (text == "leaky_relu") return ActivationKind::leaky_relu;
  core::fail(
      core::ExitCode::bad_input,
      "activation '{}' is not known (elu, gelu, leaky_relu, relu, soft_shrink) take one of these",
      text);
}

std::vector<Tensor> parameter_tensors(Op const& op, Shape const& input) {
  return std::visit([&](auto const& each) { return tensors_of(each, input); }, op);
}

std::vector<double> row_weights(RelativeError const& op, std::int64_t rows) {
  std::vector<double> weights(static_cast<std::size_t>(rows), 1.0);
  if (op.weight == RowWeight::none) return weights;
  for (std::int64_t row = 0; row < rows; ++row) {
    double const share = rows > 1 ? static_cast<double>(row) / static_cast<double>(rows - 1) : 0.5;
    double const latitude_deg =
        op.first_latitude_deg + share * (op.last_latitude_deg - op.first_latitude_deg);
    weights[row] = std::max(0.0, std::cos(latitude_deg * std::numbers::pi / 180));
  }
  double const mean = std::accumulate(weights.begin(), weights.end(), 0.0) / rows;
  for (double& weight : weights) weight /= mean;
  return weights;
}

}  // namespace crossjoule::models
