// SPDX-License-Identifier: BSD-3-Clause
#include "models/afno.hpp"
#include "models/build.hpp"
#include "tests/models/random_afno.hpp"
#include "tests/runtime/plan/support.hpp"

namespace crossjoule::runtime {
namespace {

/// What is said beforehand is what is allocated, but for the tables of Fourier transforms.
TEST(PredictedBytes, AreWhatAPlanAllocates) {
  std::vector<models::Graph> graphs{models::svdd(), models::autoencoder()};
  for (std::uint64_t item = 0; item < 10; ++item)
    graphs.push_back(crossjoule::testing::random_afno(item));
  for (models::Graph const& graph : graphs)
    for (Purpose const purpose : {Purpose::inference, Purpose::training})
      for (Keep const keep : {Keep::all_but_cheap, Keep::segment_borders, Keep::everything})
        for (ParameterAccess const access : {ParameterAccess::copied, ParameterAccess::in_place}) {
          if (purpose == Purpose::inference && access == ParameterAccess::in_place) continue;
          PlanOptions const options{
              .purpose = purpose, .max_batch = 3, .keep = keep, .access = access};
          auto const predicted = predicted_bytes<float>(graph, options);
          auto const allocated = Plan<float>(graph, options).workspace_bytes();
          EXPECT_LE(predicted.total(), allocated);
          EXPECT_GE(static_cast<double>(predicted.total()), static_cast<double>(allocated) - 20000)
              << graph.name;
        }
}

/// The standard network's training step, with parameters, gradient and both moments beside the
/// plan: what one process holds at batch 1.
TEST(PredictedBytes, OfTheStandardNetworkStayInTheirBudgets) {
  models::Graph const graph = models::afno();
  double const beside = 4.0 * 4 * static_cast<double>(ParamLayout(graph).words) +
                        4.0 * static_cast<double>(models::sample_size(graph));
  auto const gigabytes = [&](Keep keep) {
    auto const bytes = predicted_bytes<float>(
        graph, {.purpose = Purpose::training, .keep = keep, .access = ParameterAccess::in_place});
    return (static_cast<double>(bytes.total()) + beside) / 1e9;
  };
  EXPECT_LT(gigabytes(Keep::all_but_cheap), 6.6);
  EXPECT_LT(gigabytes(Keep::segment_borders), 3.1);
  EXPECT_GT(gigabytes(Keep::everything), 7);
}

}  // namespace
}  // namespace crossjoule::runtime
