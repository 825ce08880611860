// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "models/graph.hpp"

#include <cstdint>
#include <vector>

namespace crossjoule::models {

/// Restricted Boltzmann machine as a neural quantum state (Carleo & Troyer, Science 355, 602, 2017;
/// without the visible bias: the network of Kosters et al., APL Mach. Learn. 1, 016101, 2023):
/// log psi(s) = sum_i a_i s_i + sum_j log(2 cosh(b_j + sum_i W_ji s_i)), s_i = +-1. Filters that
/// are translated over the lattice are counted as the dense matrix they make, which an array holds.
struct RbmOptions {
  std::int64_t visible = 16;             ///< spins, 16 = the 4 x 4 lattice
  std::int64_t hidden_per_visible = 10;  ///< 1, 2, 4, 6, 8, 10 in that study
  bool visible_bias = false;             ///< a
  bool hidden_bias = true;               ///< b
};

/// Nodes: input ("spin"), hidden, log_cosh and, with the visible bias, visible and log_psi. The
/// output is log psi; there is no objective.
Graph rbm(RbmOptions const& options = {});

/// Configurations of `visible` spins with as many up as down, C(visible, visible / 2): one sweep of
/// the whole sector, 12,870 for 16 spins. Error (bad_input) for an odd number, and above 60.
std::int64_t sweep_size(std::int64_t visible);
/// All of them, row by row (sweep_size, visible), entries +-1, in rising order of the binary number
/// whose lowest bit is spin 0. Error (bad_input) above 24 spins (65 million numbers).
std::vector<float> sweep_states(std::int64_t visible);

/// Read the keys of a `[network]` table with kind = "rbm".
RbmOptions read_rbm_options(core::Config& network);

}  // namespace crossjoule::models
