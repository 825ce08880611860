// SPDX-License-Identifier: BSD-3-Clause
// The plain loops against reference files made by an implementation that shares no code with ours.
#include "core/h5file.hpp"
#include "models/build.hpp"
#include "tests/models/reference_run.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>

namespace crossjoule::models {
namespace {

using testing::ReferenceRun;

/// The README of the files asks for 1e-11; the worst we see is 1e-15.
constexpr double allowed_error = 1e-11;

double norm_error(std::vector<double> const& got, std::vector<double> const& want) {
  if (got.size() != want.size()) return INFINITY;
  double difference = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    difference += (got[n] - want[n]) * (got[n] - want[n]);
    norm += want[n] * want[n];
  }
  return std::sqrt(difference / norm);
}

class Golden : public ::testing::TestWithParam<std::pair<char const*, Graph>> {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(CROSSJOULE_SHARED_DIR) / "data/golden" / GetParam().first;
    if (!std::filesystem::exists(path_))
      GTEST_SKIP() << path_ << " is absent: nothing to compare with";
  }
  /// Run the graph on the file's numbers, the weight `damaged` being off by 1e-6 where it exists.
  ReferenceRun<double> run(core::H5File const& file, std::string const& damaged = {}) {
    Graph const& graph = GetParam().second;
    std::vector<std::vector<double>> values;
    for (Parameter const& parameter : parameters(graph)) {
      EXPECT_EQ(file.shape("parameters/" + parameter.name), parameter.shape);
      values.push_back(file.read<double>("parameters/" + parameter.name));
      if (parameter.name == damaged) values.back()[0] += 1e-6;
    }
    std::int64_t const batch = file.shape("input")[0];
    ReferenceRun<double> run(graph, batch, {file.read<double>("input")}, values);
    run.forward();
    run.backward();
    return run;
  }
  std::filesystem::path path_;
};

TEST_P(Golden, ValuesAndGradientsAgree) {
  Graph const& graph = GetParam().second;
  auto const file = core::H5File::open(path_);
  auto const got = run(file);
  auto const batch = static_cast<double>(file.shape("input")[0]);

  EXPECT_LE(norm_error(got.value(output_node(graph)), file.read<double>("output")), allowed_error);
  double loss = 0;
  for (double value : got.value(objective_node(graph))) loss += value / batch;
  EXPECT_LE(norm_error({loss}, file.read<double>("loss")), allowed_error);
  auto const tensors = parameters(graph);
  for (std::size_t p = 0; p < tensors.size(); ++p) {
    std::vector<double> mean =
        got.gradient(p);  // the file holds gradients of the mean, ours are of the sum
    for (double& value : mean) value /= batch;
    EXPECT_LE(norm_error(mean, file.read<double>("gradients/" + tensors[p].name)), allowed_error)
        << tensors[p].name;
  }
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    std::string const& name = graph.nodes[id].name;
    std::string const layer = name.substr(0, name.find('.'));
    bool const is_last = id == output_node(graph);
    if (!is_last && name.find(".activation") == std::string::npos) continue;
    EXPECT_LE(norm_error(got.value(id), file.read<double>("activations/" + layer)), allowed_error)
        << name;
  }
}

TEST_P(Golden, ComparisonNoticesOneDamagedWeight) {
  Graph const& graph = GetParam().second;
  auto const file = core::H5File::open(path_);
  auto const got = run(file, "layer0.w");
  EXPECT_GT(norm_error(got.value(output_node(graph)), file.read<double>("output")), allowed_error);
}

INSTANTIATE_TEST_SUITE_P(Files, Golden,
                         ::testing::Values(std::pair{"svdd-z13.h5", svdd()},
                                           std::pair{"ae-57.h5", autoencoder()}),
                         [](auto const& info) { return info.param.second.name; });

}  // namespace
}  // namespace crossjoule::models
