// SPDX-License-Identifier: BSD-3-Clause
#include "core/quantity.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"

#include <cstdio>

/// Print what the SVDD network costs: a program that links models, and core through it.
int main() {
  using namespace crossjoule;
  models::Graph const graph = models::svdd();
  models::Cost const cost = models::cost(graph);
  core::Joules const energy = core::Watts{2} * core::Seconds{3};
  std::printf("%s %lld parameters, %g J\n", graph.name.c_str(),
              static_cast<long long>(cost.parameters), energy.value);
  return cost.parameters > 0 && energy.value == 6 ? 0 : 1;
}
