// SPDX-License-Identifier: BSD-3-Clause
#include "models/cnn.hpp"

#include "core/error.hpp"

#include <array>

namespace crossjoule::models {
namespace {

NodeId add_images(Graph& graph, ImageOptions const& options) {
  return graph.add(
      "input", {},
      Input{{{{"row", options.rows}, {"column", options.columns}, {"feature", options.channels}}}});
}

NodeId add_relu(Graph& graph, std::string const& name, NodeId from) {
  return graph.add(name, {from}, Activation{ActivationKind::relu, 1});
}

/// A convolution without bias and the normalisation after it.
NodeId add_normed(Graph& graph, std::string const& conv, std::string const& norm, NodeId from,
                  Conv2d const& op) {
  return graph.add(norm, {graph.add(conv, {from}, op)}, BatchNorm{});
}
Conv2d conv(std::int64_t features, std::int64_t kernel, std::int64_t stride = 1) {
  return {features, square_window(kernel, stride, kernel / 2), false};
}

struct Block {
  std::string name;
  std::int64_t width;   ///< features inside
  std::int64_t stride;  ///< of the first convolution that has one
  bool changes_shape;   ///< the skip is projected
};

/// The skip of a block, projected where the shape changes, added to `inner`; then ReLU.
NodeId join(Graph& graph, Block const& block, NodeId from, NodeId inner, std::int64_t features) {
  if (block.changes_shape)
    from = add_normed(graph, block.name + ".downsample.0", block.name + ".downsample.1", from,
                      conv(features, 1, block.stride));
  return add_relu(graph, block.name + ".relu",
                  graph.add(block.name + ".add", {inner, from}, Add{}));
}

NodeId add_basic(Graph& graph, Block const& block, NodeId from) {
  NodeId node = add_normed(graph, block.name + ".conv1", block.name + ".bn1", from,
                           conv(block.width, 3, block.stride));
  node = add_relu(graph, block.name + ".relu1", node);
  node = add_normed(graph, block.name + ".conv2", block.name + ".bn2", node, conv(block.width, 3));
  return join(graph, block, from, node, block.width);
}

NodeId add_bottleneck(Graph& graph, Block const& block, NodeId from) {
  NodeId node =
      add_normed(graph, block.name + ".conv1", block.name + ".bn1", from, conv(block.width, 1));
  node = add_relu(graph, block.name + ".relu1", node);
  node = add_normed(graph, block.name + ".conv2", block.name + ".bn2", node,
                    conv(block.width, 3, block.stride));
  node = add_relu(graph, block.name + ".relu2", node);
  node =
      add_normed(graph, block.name + ".conv3", block.name + ".bn3", node, conv(4 * block.width, 1));
  return join(graph, block, from, node, 4 * block.width);
}

enum class BlockKind { basic, bottleneck };

Graph resnet(std::string const& name, ImageOptions const& options, BlockKind kind,
             std::array<int, 4> const& depths) {
  Graph graph{name, {}};
  NodeId node = add_images(graph, options);
  node = add_relu(graph, "relu", add_normed(graph, "conv1", "bn1", node, conv(64, 7, 2)));
  node = graph.add("maxpool", {node}, Pool2d{PoolKind::max, square_window(3, 2, 1)});
  std::int64_t const widening = kind == BlockKind::bottleneck ? 4 : 1;
  std::int64_t features = 64;
  for (int stage = 0; stage < 4; ++stage)
    for (int n = 0; n < depths[stage]; ++n) {
      std::int64_t const width = std::int64_t{64} << stage;
      std::int64_t const stride = stage > 0 && n == 0 ? 2 : 1;
      Block const block{fmt::format("layer{}.{}", stage + 1, n), width, stride,
                        stride != 1 || features != widening * width};
      node = kind == BlockKind::bottleneck ? add_bottleneck(graph, block, node)
                                           : add_basic(graph, block, node);
      features = widening * width;
    }
  node = graph.add("avgpool", {node}, GlobalAveragePool{});
  graph.add("fc", {node}, Linear{options.classes});
  return graph;
}

}  // namespace

Graph vgg8(ImageOptions const& options) {
  Graph graph{"vgg8", {}};
  NodeId node = add_images(graph, options);
  int number = 1;
  for (std::int64_t const features : {128, 256, 512}) {
    for (int twice = 0; twice < 2; ++twice, ++number) {
      std::string const name = fmt::format("conv{}", number);
      node = graph.add(name, {node}, conv(features, 3));
      node = add_relu(graph, name + ".relu", node);
    }
    node = graph.add(fmt::format("pool{}", number / 2), {node},
                     Pool2d{PoolKind::max, square_window(2, 2)});
  }
  node = graph.add("flatten", {node}, Flatten{});
  node = add_relu(graph, "fc1.relu", graph.add("fc1", {node}, Linear{1024, false}));
  graph.add("fc2", {node}, Linear{options.classes, false});
  return graph;
}

Graph resnet18(ImageOptions const& options) {
  return resnet("resnet18", options, BlockKind::basic, {2, 2, 2, 2});
}
Graph resnet50(ImageOptions const& options) {
  return resnet("resnet50", options, BlockKind::bottleneck, {3, 4, 6, 3});
}

ImageOptions read_image_options(core::Config& network, ImageOptions defaults) {
  constexpr core::Range<std::int64_t> size_range{1, std::int64_t{1} << 20};
  ImageOptions o = defaults;
  o.rows = network.take("rows", o.rows, "pixels of an image, down", size_range);
  o.columns = network.take("columns", o.columns, "pixels of an image, across", size_range);
  o.channels = network.take("channels", o.channels, "numbers of a pixel", size_range);
  o.classes = network.take("classes", o.classes, "numbers that come out", size_range);
  return o;
}

}  // namespace crossjoule::models
