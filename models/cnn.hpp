// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "models/graph.hpp"

#include <cstdint>

namespace crossjoule::models {

/// What a network for image classification sees and says.
struct ImageOptions {
  std::int64_t rows = 224, columns = 224, channels = 3;
  std::int64_t classes = 1000;
  bool operator==(ImageOptions const&) const = default;
};
inline constexpr ImageOptions cifar10{.rows = 32, .columns = 32, .channels = 3, .classes = 10};

/// VGG8 as NeuroSim benchmarks it (manual of V1.4): convolutions 3 x 3 of 128, 128, 256, 256, 512,
/// 512 features without biases, ReLU, a max pool after every second one, dense 1024 and classes.
/// 615,917,568 MACs and 12,973,440 weights for CIFAR-10.
Graph vgg8(ImageOptions const& options = cifar10);

/// Residual networks (He et al., arXiv:1512.03385) as torchvision has them, nodes and parameters
/// named as there: 18 layers of basic blocks (11,689,512 parameters, 1,814,073,344 MACs at the
/// defaults), 50 of bottlenecks with the stride in the 3 x 3 convolution (25,557,032 parameters,
/// 4,089,184,256 MACs). No objective: there is no training of classifiers yet.
Graph resnet18(ImageOptions const& options = {});
Graph resnet50(ImageOptions const& options = {});

/// Read the keys of a `[network]` table with one of these kinds.
ImageOptions read_image_options(core::Config& network, ImageOptions defaults);

}  // namespace crossjoule::models
