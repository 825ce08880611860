// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <vector>

namespace crossjoule::models {

/// Deep SVDD encoder of Kosters et al. (APL Mach. Learn. 1, 016101, 2023): 76-512-256-128-latent,
/// ELU between layers, linear at the end, objective SquaredDistance to `centre`. Nodes are named
/// layer0 .. layer3, layerN.activation, objective.
struct SvddOptions {
  std::int64_t inputs = 76, latent = 13;
  std::vector<std::int64_t> hidden = {512, 256, 128};
  double centre = 0.25;
};
Graph svdd(SvddOptions const& options = {});

/// Autoencoder 57-32-16-3-16-32-57, ReLU, linear output, objective MeanSquaredError (the dense
/// geometry of Govorkova et al., Nat. Mach. Intell. 4, 154, 2022, without its batch norms). With
/// `batch_norm` and leaky_relu of alpha 0.3 it is that paper's: a batch norm of the inputs
/// ("input_norm") and one after every hidden layer ("layer0.norm", …).
struct AutoencoderOptions {
  std::int64_t inputs = 57;
  std::vector<std::int64_t> hidden = {32, 16, 3, 16, 32};
  bool batch_norm = false;
  Activation activation{};
};
Graph autoencoder(AutoencoderOptions const& options = {});

/// Plain dense network; `objective` decides what trains it.
enum class Objective { none, squared_distance, mean_squared_error };
struct MlpOptions {
  std::int64_t inputs = 16;
  std::vector<std::int64_t> layers = {32, 16};  ///< the last one is the output
  Activation activation{};
  Objective objective = Objective::none;
  double centre = 0;
};
Graph mlp(MlpOptions const& options);

/// The network a `[network]` table describes: `kind = "svdd" | "autoencoder" | "afno" |
/// "mlp" | "rbm" | "vgg8" | "resnet18" | "resnet50" | "text"`.
Graph build(core::Config network);

}  // namespace crossjoule::models
