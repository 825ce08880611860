// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/session.hpp"
#include "models/graph.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

namespace crossjoule::runtime::testing {

/// Kokkos runs from the first test to the last; listing tests does not start it.
class Running : public ::testing::Environment {
 public:
  void SetUp() override { session_ = std::make_unique<kernels::Session>(kernels::Device::cpu); }
  void TearDown() override { session_.reset(); }

 private:
  std::unique_ptr<kernels::Session> session_;
};

/// Parameter tensors one after the other, as ParamLayout places them.
template <class T>
std::vector<T> flatten(ParamLayout const& layout, std::vector<std::vector<double>> const& tensors) {
  std::vector<T> flat(static_cast<std::size_t>(layout.words));
  for (std::size_t t = 0; t < tensors.size(); ++t)
    for (std::size_t n = 0; n < tensors[t].size(); ++n)
      flat[static_cast<std::size_t>(layout.tensors[t].offset) + n] = static_cast<T>(tensors[t][n]);
  return flat;
}

template <class T>
std::vector<T> as(std::vector<double> const& values) {
  return {values.begin(), values.end()};
}

/// ||got - want|| / ||want||, or ||got|| where nothing is wanted.
template <class T>
double distance(std::span<T const> got, std::span<double const> want) {
  double error = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    error += std::pow(static_cast<double>(got[n]) - want[n], 2);
    norm += want[n] * want[n];
  }
  return std::sqrt(norm > 0 ? error / norm : error);
}

/// The samples of a case as plans take them: the values of all inputs one after the other.
template <class T>
std::vector<T> samples(std::vector<std::vector<double>> const& inputs, std::int64_t batch) {
  std::vector<T> all;
  for (std::int64_t sample = 0; sample < batch; ++sample)
    for (auto const& values : inputs) {
      auto const size = static_cast<std::int64_t>(values.size()) / batch;
      all.insert(all.end(), values.begin() + sample * size, values.begin() + (sample + 1) * size);
    }
  return all;
}

/// Value and gradient of one training step.
template <class T>
struct TrainingStep {
  double loss = 0;
  std::vector<T> gradient;
  bool operator==(TrainingStep const&) const = default;
};

/// A random network with one input, its data, and the plain loops' answers in fp64.
struct Case {
  models::Graph graph;
  ParamLayout layout;
  std::int64_t batch;
  crossjoule::testing::RandomData<double> data;
  crossjoule::testing::ReferenceRun<double> reference;

  explicit Case(std::uint64_t item, std::int64_t samples = 0)
      : Case(crossjoule::testing::random_graph(item, crossjoule::testing::Inputs::one), item,
             samples > 0 ? samples : 1 + static_cast<std::int64_t>(item % 37)) {}
  Case(models::Graph network, std::uint64_t item, std::int64_t samples)
      : graph(std::move(network)),
        layout(graph),
        batch(samples),
        data(crossjoule::testing::random_data<double>(graph, batch, item)),
        reference(graph, batch, data.inputs, data.parameters) {
    reference.forward();
    reference.backward();
  }
  bool has_objective() const { return models::objective_node(graph) >= 0; }
  std::vector<double> const& want(models::NodeId node) const { return reference.value(node); }
  template <class T>
  std::vector<T> rows() const {
    return samples<T>(data.inputs, batch);
  }
  /// Sum of the objective over the batch.
  double want_loss() const {
    double total = 0;
    for (double const value : want(models::objective_node(graph))) total += value;
    return total;
  }
  template <class T>
  TrainingStep<T> train(PlanOptions options) const {
    options.purpose = Purpose::training;
    options.max_batch = std::max(options.max_batch, batch);
    Plan<T> plan(graph, options);
    auto const parameters = flatten<T>(layout, data.parameters);
    plan.set_parameters(parameters);
    TrainingStep<T> step{0, std::vector<T>(static_cast<std::size_t>(layout.words), T(NAN))};
    step.loss = plan.loss_and_gradient(rows<T>(), batch, step.gradient);
    return step;
  }
  std::vector<double> want_gradient() const {
    std::vector<std::vector<double>> tensors;
    for (std::size_t t = 0; t < layout.tensors.size(); ++t)
      tensors.push_back(reference.gradient(t));
    return flatten<double>(layout, tensors);
  }
};

}  // namespace crossjoule::runtime::testing
