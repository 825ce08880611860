// SPDX-License-Identifier: BSD-3-Clause
// AFNO by the plain loops: against reference files made by an implementation that shares no code
// with ours, against central differences, and its operations against the cost model.
#include "core/h5file.hpp"
#include "models/afno.hpp"
#include "models/cost.hpp"
#include "tests/models/random_afno.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>

namespace crossjoule::models {
namespace {

using testing::Counting;
using testing::random_afno;
using testing::random_data;
using testing::ReferenceRun;
using testing::tally;
using testing::Tally;

template <class T>
double norm_error(std::vector<T> const& got, std::vector<double> const& want) {
  if (got.size() != want.size()) return INFINITY;
  double difference = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    difference += std::pow(static_cast<double>(got[n]) - want[n], 2);
    norm += want[n] * want[n];
  }
  return std::sqrt(difference / norm);
}

/// The tolerances the README of the files gives.
template <class T>
struct Allowed;
template <>
struct Allowed<double> {
  static constexpr double values = 1e-11, gradients = 1e-11;
};
template <>
struct Allowed<float> {
  static constexpr double values = 2e-6, gradients = 5e-6;
};

Graph graph_of(core::H5File const& file) {
  auto const number = [&](char const* name) { return file.read_attribute_integer("/", name); };
  AfnoOptions o{.rows = number("img_h"),
                .columns = number("img_w"),
                .channels_in = number("c_in"),
                .channels_out = number("c_out"),
                .patch = number("patch"),
                .embed = number("embed"),
                .depth = number("depth"),
                .blocks = number("blocks")};
  o.mlp_ratio = file.read_attribute_number("/", "mlp_ratio");
  o.sparsity = file.read_attribute_number("/", "softshrink_lambda");
  o.hard_thresholding_fraction = file.read_attribute_number("/", "hard_thresholding_fraction");
  o.final_norm = AfnoOptions::FinalNorm::absent;
  return afno(o);
}

template <class T>
std::vector<T> numbers(core::H5File const& file, std::string const& name) {
  auto const all = file.read<double>(name);
  return std::vector<T>(all.begin(), all.end());
}

/// Real (part 0) or imaginary numbers of a value (…, block, part), as the files hold them.
template <class T>
std::vector<T> part_of(std::vector<T> const& value, Shape const& shape, std::int64_t part) {
  std::int64_t const size = shape.last() / 2;
  std::vector<T> all;
  for (std::size_t n = 0; n < value.size(); ++n)
    if (static_cast<std::int64_t>(n) / size % 2 == part) all.push_back(value[n]);
  return all;
}

class AfnoGolden : public ::testing::TestWithParam<char const*> {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/golden" / GetParam();
    if (!std::filesystem::exists(path_))
      GTEST_SKIP() << path_ << " is absent: nothing to compare with";
  }
  template <class T>
  ReferenceRun<T> run(core::H5File const& file, Graph const& graph, double damage = 0) {
    std::vector<std::vector<T>> values;
    for (Parameter const& parameter : parameters(graph)) {
      EXPECT_EQ(file.shape("parameters/" + parameter.name), parameter.shape);
      values.push_back(numbers<T>(file, "parameters/" + parameter.name));
    }
    values[5][0] += static_cast<T>(damage);
    ReferenceRun<T> run(graph, file.shape("input")[0],
                        {numbers<T>(file, "input"), numbers<T>(file, "target")}, values);
    run.forward();
    run.backward();
    return run;
  }
  template <class T>
  void compare() {
    auto const file = core::H5File::open(path_);
    Graph const graph = graph_of(file);
    auto const got = run<T>(file, graph);
    auto const shape = shapes(graph);
    auto const batch = static_cast<double>(file.shape("input")[0]);
    int compared = 0;
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
      std::string const name = "activations/" + graph.nodes[id].name;
      for (std::int64_t part = 0; part < 2; ++part)
        if (std::string const half = name + (part == 0 ? "_re" : "_im"); file.exists(half)) {
          EXPECT_LE(norm_error(part_of(got.value(id), shape[id], part), file.read<double>(half)),
                    Allowed<T>::values)
              << half;
          ++compared;
        }
      if (!file.exists(name)) continue;
      EXPECT_LE(norm_error(got.value(id), file.read<double>(name)), Allowed<T>::values) << name;
      ++compared;
    }
    EXPECT_GE(compared, 10 * file.read_attribute_integer("/", "depth"));
    EXPECT_LE(norm_error(got.value(output_node(graph)), file.read<double>("output")),
              Allowed<T>::values);
    double loss = 0;
    for (T const value : got.value(objective_node(graph))) loss += value / batch;
    EXPECT_LE(norm_error(std::vector<double>{loss}, file.read<double>("loss")), Allowed<T>::values);
    auto const tensors = parameters(graph);
    for (std::size_t p = 0; p < tensors.size(); ++p) {
      std::vector<T> mean = got.gradient(p);  // the file holds gradients of the mean
      for (T& value : mean) value = static_cast<T>(value / batch);
      EXPECT_LE(norm_error(mean, file.read<double>("gradients/" + tensors[p].name)),
                Allowed<T>::gradients)
          << tensors[p].name;
    }
  }
  std::filesystem::path path_;
};

TEST_P(AfnoGolden, ValuesAndGradientsAgree) { compare<double>(); }
TEST_P(AfnoGolden, ValuesAndGradientsAgreeInSinglePrecision) { compare<float>(); }
TEST_P(AfnoGolden, ComparisonNoticesOneDamagedWeight) {
  auto const file = core::H5File::open(path_);
  Graph const graph = graph_of(file);
  auto const got = run<double>(file, graph, 1e-6);
  EXPECT_GT(norm_error(got.value(output_node(graph)), file.read<double>("output")),
            Allowed<double>::values);
}
INSTANTIATE_TEST_SUITE_P(Files, AfnoGolden, ::testing::Values("afno-32x64.h5", "afno-24x40.h5"),
                         [](auto const& info) {
                           return std::string(info.param) == "afno-32x64.h5" ? "r32x64" : "r24x40";
                         });

/// The gradient along a random direction of all parameters, shared ones of two steps included.
TEST(AfnoGradients, MatchDifferences) {
  constexpr double step = 1e-7, allowed = 1e-5;
  for (std::uint64_t item = 0; item < 60; ++item) {
    Graph const graph = random_afno(item);
    auto data = random_data<double>(graph, 2, item);
    auto const at = [&](double shift) {
      auto moved = data.parameters;
      core::Random random(5, core::purpose("tests/direction"), item);
      for (auto& tensor : moved)
        for (double& value : tensor) value += shift * random.uniform(-1, 1);
      ReferenceRun<double> run(graph, 2, data.inputs, moved);
      run.forward();
      double loss = 0;
      for (double const value : run.value(objective_node(graph))) loss += value;
      return loss;
    };
    ReferenceRun<double> run(graph, 2, data.inputs, data.parameters);
    run.forward();
    run.backward();
    core::Random random(5, core::purpose("tests/direction"), item);
    double along = 0;
    for (std::size_t p = 0; p < data.parameters.size(); ++p)
      for (std::size_t n = 0; n < data.parameters[p].size(); ++n) {
        double const direction = random.uniform(-1, 1);
        if (!run.gradient(p).empty()) along += direction * run.gradient(p)[n];
      }
    EXPECT_NEAR(along, (at(step) - at(-step)) / (2 * step), allowed * (1 + std::abs(along)))
        << item;
  }
}

/// What nothing depends on is never run, and its parameters have no gradient.
TEST(AfnoReference, LeavesTheUnusedNormAlone) {
  Graph const graph = afno({.rows = 4,
                            .columns = 4,
                            .channels_in = 1,
                            .channels_out = 1,
                            .patch = 2,
                            .embed = 2,
                            .depth = 1,
                            .blocks = 1});
  auto const data = random_data<double>(graph, 1, 0);
  ReferenceRun<double> run(graph, 1, data.inputs, data.parameters);
  run.forward();
  run.backward();
  int dead = 0;
  std::vector<bool> const live = live_nodes(graph);
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    EXPECT_EQ(run.value(id).empty(), !live[id]) << graph.nodes[id].name;
    dead += live[id] ? 0 : 1;
  }
  EXPECT_EQ(dead, 1);
  auto const all = parameters(graph);
  for (std::size_t p = 0; p < all.size(); ++p)
    EXPECT_EQ(run.gradient(p).empty(), !live[all[p].node]) << all[p].name;
}

TEST(AfnoCost, EqualsWhatTheReferenceExecutes) {
  int two_steps = 0;
  for (std::uint64_t item = 0; item < 200; ++item) {
    Graph const graph = random_afno(item);
    Cost const want = cost(graph);
    for (std::int64_t const batch : {1, 2}) {
      auto const data = random_data<Counting>(graph, batch, item);
      ReferenceRun<Counting> run(graph, batch, data.inputs, data.parameters);
      tally = {};
      run.forward();
      Tally const forward = std::exchange(tally, {});
      run.backward();
      Tally const backward = std::exchange(tally, {});
      ASSERT_EQ(batch * want.forward.product_macs, forward.macs) << "graph " << item;
      ASSERT_EQ(batch * want.forward.pointwise_flops, forward.flops) << "graph " << item;
      ASSERT_EQ(batch * want.backward.product_macs, backward.macs) << "graph " << item;
      ASSERT_EQ(batch * want.backward.pointwise_flops, backward.flops) << "graph " << item;
    }
    two_steps += input_nodes(graph).size() > 2 ? 1 : 0;
  }
  EXPECT_GT(two_steps, 30) << "hardly any random graph shares parameters";
}

}  // namespace
}  // namespace crossjoule::models
