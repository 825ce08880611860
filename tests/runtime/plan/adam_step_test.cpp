// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/reference/adam.hpp"
#include "models/build.hpp"
#include "tests/runtime/plan/support.hpp"

namespace crossjoule::runtime {
namespace {

/// Loss of a plan before each of `steps` Adam steps on one batch, and the parameters after them.
struct Curve {
  std::vector<double> losses, parameters;
};

Curve by_plan(testing::Case const& c, std::int64_t steps) {
  Plan<double> plan(c.graph, {.purpose = Purpose::training, .max_batch = c.batch});
  auto p = testing::flatten<double>(c.layout, c.data.parameters);
  std::vector<double> g(p.size()), m(p.size()), v(p.size());
  Curve curve;
  for (std::int64_t step = 1; step <= steps; ++step) {
    plan.set_parameters(p);
    curve.losses.push_back(plan.loss_and_gradient(c.data.inputs[0], c.batch, g));
    EXPECT_TRUE(adam_step<double>({.learning_rate = 5e-3}, step, 1.0 / static_cast<double>(c.batch),
                                  p, g, m, v));
  }
  curve.parameters = p;
  return curve;
}

Curve by_reference(testing::Case const& c, std::int64_t steps) {
  auto tensors = c.data.parameters, m = tensors, v = tensors;
  for (auto* moments : {&m, &v})
    for (auto& tensor : *moments) std::fill(tensor.begin(), tensor.end(), 0.0);
  Curve curve;
  for (std::int64_t step = 1; step <= steps; ++step) {
    crossjoule::testing::ReferenceRun<double> run(c.graph, c.batch, c.data.inputs, tensors);
    run.forward();
    run.backward();
    double loss = 0;
    for (double const value : run.value(models::objective_node(c.graph))) loss += value;
    curve.losses.push_back(loss);
    for (std::size_t t = 0; t < tensors.size(); ++t)
      kernels::reference::adam<double>({.learning_rate = 5e-3}, step,
                                       1.0 / static_cast<double>(c.batch), tensors[t],
                                       run.gradient(t), m[t], v[t]);
  }
  curve.parameters = testing::flatten<double>(c.layout, tensors);
  return curve;
}

TEST(AdamStep, TrainsAsTheReferenceDoes) {
  testing::Case const c(models::autoencoder({.inputs = 11, .hidden = {7, 3, 7}}), 6, 33);
  Curve const got = by_plan(c, 20), want = by_reference(c, 20);
  EXPECT_LE(testing::distance<double>(got.losses, want.losses), 1e-11);
  EXPECT_LE(testing::distance<double>(got.parameters, want.parameters), 1e-11);
  EXPECT_LT(got.losses.back(), got.losses.front());
  EXPECT_GT(testing::distance<double>(by_plan(c, 19).parameters, want.parameters), 1e-11);
}

}  // namespace
}  // namespace crossjoule::runtime
