// SPDX-License-Identifier: BSD-3-Clause
// The one place that says which operation an array can hold: each visitor is exhaustive on purpose,
// so that a new op does not compile before it is named here.
#include "aimc/product.hpp"

#include "models/overloaded.hpp"

#include <optional>

namespace crossjoule::aimc {
namespace {

/// Vectors along the last axis.
std::int64_t vectors_of(models::Shape const& shape) { return shape.size() / shape.last(); }

/// The product of a node, or nothing where the op has no stationary weights.
struct ProductOf {
  using Result = std::optional<Product>;
  models::Shape const *input, *output;

  Result operator()(models::Linear const& op) const {
    return Product{0, "", input->last(), op.out_features, vectors_of(*input)};
  }
  /// (channel, row, column): every patch is a vector of all its channels.
  Result operator()(models::PatchEmbed const& op) const {
    auto const values = op.patch * op.patch * input->axes.front().extent;
    return Product{0, "", values, op.out_features, input->size() / values};
  }
  /// Unrolled: every place of the window is a vector of all numbers under it.
  Result operator()(models::Conv2d const& op) const {
    auto const taps = op.window.kernel_rows * op.window.kernel_columns * input->last();
    return Product{0, "", taps, op.out_features, vectors_of(*output)};
  }
  /// (..., block, part): real parts, then imaginary ones.
  Result operator()(models::ComplexLinear const& op) const {
    auto const blocks = input->axes[input->axes.size() - 2].extent;
    Product product{0, "", input->last() / 2, op.out_features, vectors_of(*input) / blocks, blocks};
    product.is_complex = true;
    return product;
  }
  Result operator()(models::Input const&) const { return {}; }
  Result operator()(models::Activation const&) const { return {}; }
  Result operator()(models::Add const&) const { return {}; }
  Result operator()(models::LayerNorm const&) const { return {}; }
  Result operator()(models::PatchRestore const&) const { return {}; }
  Result operator()(models::FourierTransform const&) const { return {}; }
  Result operator()(models::InverseFourierTransform const&) const { return {}; }
  Result operator()(models::SquaredDistance const&) const { return {}; }
  Result operator()(models::MeanSquaredError const&) const { return {}; }
  Result operator()(models::RelativeError const&) const { return {}; }
  Result operator()(models::BatchNorm const&) const { return {}; }
  Result operator()(models::Pool2d const&) const { return {}; }
  Result operator()(models::GlobalAveragePool const&) const { return {}; }
  Result operator()(models::Flatten const&) const { return {}; }
  Result operator()(models::LogCoshSum const&) const { return {}; }
  Result operator()(models::JoinChannels const&) const { return {}; }
  Result operator()(models::TakeChannels const&) const { return {}; }
};

}  // namespace

Handling handling(models::Op const& op) {
  return std::visit(models::Overloaded{
                        [](models::Input const&) { return Handling::source; },
                        [](models::Linear const&) { return Handling::array; },
                        [](models::Activation const&) { return Handling::column; },
                        [](models::Add const&) { return Handling::column; },
                        [](models::LayerNorm const&) { return Handling::stream; },
                        [](models::PatchEmbed const&) { return Handling::array; },
                        [](models::PatchRestore const&) { return Handling::column; },
                        [](models::FourierTransform const&) { return Handling::barrier; },
                        [](models::InverseFourierTransform const&) { return Handling::barrier; },
                        [](models::ComplexLinear const&) { return Handling::array; },
                        [](models::SquaredDistance const&) { return Handling::column; },
                        [](models::MeanSquaredError const&) { return Handling::column; },
                        [](models::RelativeError const&) { return Handling::column; },
                        [](models::BatchNorm const&) { return Handling::column; },
                        [](models::Conv2d const&) { return Handling::array; },
                        [](models::Pool2d const&) { return Handling::column; },
                        [](models::GlobalAveragePool const&) { return Handling::column; },
                        [](models::Flatten const&) { return Handling::column; },
                        [](models::LogCoshSum const&) { return Handling::stream; },
                        [](models::JoinChannels const&) { return Handling::column; },
                        [](models::TakeChannels const&) { return Handling::column; },
                    },
                    op);
}

std::vector<Product> products(models::Graph const& graph,
                              std::vector<models::Shape> const& shapes) {
  auto const owners = models::parameter_owners(graph, shapes);
  std::vector<Product> all;
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    auto const& node = graph.nodes[id];
    auto const* input =
        node.inputs.empty() ? nullptr : &shapes[static_cast<std::size_t>(node.inputs.front())];
    auto product = std::visit(ProductOf{input, &shapes[id]}, node.op);
    if (!product) continue;
    product->node = static_cast<models::NodeId>(id);
    product->owner = owners[id];
    product->name = node.name;
    all.push_back(*product);
  }
  return all;
}

}  // namespace crossjoule::aimc
