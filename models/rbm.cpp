// SPDX-License-Identifier: BSD-3-Clause
#include "models/rbm.hpp"

#include "core/error.hpp"

#include <bit>

namespace crossjoule::models {

Graph rbm(RbmOptions const& options) {
  VALIDATE(
      options.visible >= 1 && options.hidden_per_visible >= 1 &&
          options.hidden_per_visible <= max_size / options.visible,
      "rbm with {} spins and {} hidden units a spin (each must be at least 1, their product at "
      "most 2^44) correct them",
      options.visible, options.hidden_per_visible);
  Graph graph{"rbm", {}};
  NodeId const input = graph.add("input", {}, Input{{{{"spin", options.visible}}}});
  NodeId const hidden = graph.add(
      "hidden", {input}, Linear{options.visible * options.hidden_per_visible, options.hidden_bias});
  NodeId const sum = graph.add("log_cosh", {hidden}, LogCoshSum{});
  if (!options.visible_bias) return graph;
  NodeId const visible = graph.add("visible", {input}, Linear{1, false});
  graph.add("log_psi", {sum, visible}, Add{});
  return graph;
}

std::int64_t sweep_size(std::int64_t visible) {
  VALIDATE(visible >= 2 && visible <= 60 && visible % 2 == 0,
           "a sweep over {} spins (as many up as down: must be even, 2 to 60) correct the number",
           visible);
  std::int64_t count = 1;
  for (std::int64_t k = 1; k <= visible / 2; ++k) count = count * (visible / 2 + k) / k;
  return count;
}

std::vector<float> sweep_states(std::int64_t visible) {
  VALIDATE(visible <= 24,
           "all states of {} spins (at most 24 fit memory comfortably) take fewer spins", visible);
  std::vector<float> states;
  states.reserve(static_cast<std::size_t>(sweep_size(visible) * visible));
  for (std::uint32_t bits = 0; bits < std::uint32_t{1} << visible; ++bits) {
    if (2 * std::popcount(bits) != visible) continue;
    for (std::int64_t spin = 0; spin < visible; ++spin)
      states.push_back((bits >> spin & 1) != 0 ? 1.0f : -1.0f);
  }
  return states;
}

RbmOptions read_rbm_options(core::Config& network) {
  constexpr core::Range<std::int64_t> size_range{1, std::int64_t{1} << 20};
  RbmOptions o;
  o.visible = network.take("visible", o.visible, "spins, 16 = a 4 x 4 lattice", size_range);
  o.hidden_per_visible = network.take("hidden_per_visible", o.hidden_per_visible,
                                      "hidden units over spins", size_range);
  o.visible_bias = network.take("visible_bias", o.visible_bias, "a field on every spin?");
  o.hidden_bias = network.take("hidden_bias", o.hidden_bias, "a bias of every hidden unit?");
  return o;
}

}  // namespace crossjoule::models
