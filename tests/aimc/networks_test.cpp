// SPDX-License-Identifier: BSD-3-Clause
// Convolutional networks and quantum states on arrays.
#include "aimc/estimate.hpp"

#include "chips.hpp"
#include "models/build.hpp"
#include "models/cnn.hpp"
#include "models/cost.hpp"
#include "models/rbm.hpp"
#include "models/text.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <map>

namespace crossjoule::aimc {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// A convolution is features x kernel rows of weights by its results' features, once for every
/// place of its window.
TEST(Convolutions, AreUnrolled) {
  auto const graph = models::from_text(
      "graph g\nx = input() shape=row:9,column:7,feature:5\n"
      "y = conv2d(x) out_features=3 kernel=4x2 stride=2x3 padding=1x0 bias=true\n");
  auto const all = products(graph, models::shapes(graph));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].inputs, 5 * 4 * 2);
  EXPECT_EQ(all[0].outputs, 3);
  EXPECT_EQ(all[0].vectors, 4 * 2);
  EXPECT_EQ(all[0].blocks, 1);
}

/// What arrays do is what the network's cost says, whatever the network.
TEST(Convolutions, ProductsAreThoseOfTheCost) {
  for (auto const& graph :
       {models::vgg8(), models::resnet18(), models::resnet50(), models::rbm()}) {
    std::int64_t macs = 0, weights = 0;
    for (auto const& product : products(graph, models::shapes(graph))) {
      macs += product.vectors * product.distinct_weights();
      weights += product.distinct_weights();
    }
    EXPECT_EQ(macs, models::cost(graph).forward.product_macs) << graph.name;
    EXPECT_EQ(weights, models::cost(graph).stationary_weights) << graph.name;
    for (char const* chip : {"hermes-64", "isaac", "neurram"})
      EXPECT_EQ(map(graph, preset(chip)).distinct_weights(), weights) << graph.name << chip;
  }
}

/// The layers of the published network by hand: tiles of 256 x 256 and reads of them.
TEST(Convolutions, Vgg8OnTilesByHand) {
  struct Layer {
    std::int64_t inputs, outputs, vectors;
  };
  std::int64_t tiles = 0, reads = 0;
  for (auto const& [inputs, outputs, vectors] :
       {Layer{27, 128, 1024}, Layer{1152, 128, 1024}, Layer{1152, 256, 256}, Layer{2304, 256, 256},
        Layer{2304, 512, 64}, Layer{4608, 512, 64}, Layer{8192, 1024, 1}, Layer{1024, 10, 1}}) {
    tiles += ceil_div(inputs, 256) * ceil_div(outputs, 256);
    reads += ceil_div(inputs, 256) * ceil_div(outputs, 256) * vectors;
  }
  auto const result = map(models::vgg8(), preset("hermes-64"));
  EXPECT_EQ(result.tiles(), tiles);
  EXPECT_DOUBLE_EQ(result.tile_products(), static_cast<double>(reads));
  EXPECT_EQ(result.vectors_per_sample(), 1024);
}

/// Replicas go to the early layers, whose windows have most places.
TEST(Convolutions, ReplicasShortenTheInterval) {
  auto const chip = preset("hermes-64");
  auto const graph = models::resnet18();
  auto const once = map(graph, chip);
  EXPECT_EQ(once.vectors_per_sample(), 112 * 112);
  MapOptions options;
  options.chips = 2 * once.chips(1);
  options.replication = Replication::search;
  auto const more = map(graph, chip, options);
  EXPECT_LE(more.tiles(), options.chips * chip.tiles);
  EXPECT_LT(more.vectors_per_sample(), once.vectors_per_sample() / 4);
  EXPECT_GT(more.layers.front().replicas, more.layers.back().replicas);
}

TEST(Convolutions, EstimatesOnEveryChipAreWhole) {
  for (auto const& each : presets()) {
    std::string const name(each.name);
    auto const chip = preset(name);
    auto const result = estimate(models::vgg8(), chip, chip.modes.front(), {}, {{1, 100}, 0});
    auto const& line = result.batches[0].boundaries[0];
    EXPECT_GT(line.latency.value.value, 0) << name;
    EXPECT_GT(line.joules_per_sample().value.value, 0) << name;
  }
}

/// A later layer cannot end before the earlier ones have streamed all places of their windows.
TEST(Convolutions, LatencyIsAtLeastTheBusiestLayer) {
  auto const chip = preset("hermes-64");
  auto const result = estimate(models::resnet18(), chip, chip.modes.front(), {}, {{1}, 0});
  auto const product = result.product.value.value;
  auto const latency = result.batches[0].boundaries[0].latency.value.value;
  EXPECT_GE(latency, 112 * 112 * product);
  EXPECT_LE(latency, 2 * 112 * 112 * product) << "layers overlap";
}

/// Sixteen spins and up to 160 hidden units fit one tile; copies on its diagonal share a read. The
/// whole sweep of 12,870 configurations then takes ceil(12870 / copies) reads.
TEST(QuantumStates, SweepIsPackedOnDiagonals) {
  auto const chip = preset("hermes-core");
  auto const sweep = models::sweep_size(16);
  struct Row {
    std::int64_t hidden_per_visible, copies;
  };
  for (auto const& [a, copies] :
       {Row{1, 16}, Row{2, 8}, Row{4, 4}, Row{6, 2}, Row{8, 2}, Row{10, 1}}) {
    auto const graph = models::rbm({.hidden_per_visible = a});
    auto const single = map(graph, chip);
    EXPECT_EQ(single.tiles(), 1);
    EXPECT_DOUBLE_EQ(single.utilisation(), 256.0 * static_cast<double>(a) / 65536);
    MapOptions options;
    options.packing = Packing::packed;
    auto const packed = map(graph, chip, options);
    EXPECT_EQ(packed.samples_per_product, copies);
    EXPECT_DOUBLE_EQ(packed.utilisation(), 256.0 * static_cast<double>(a * copies) / 65536);
    Workload workload{{sweep}, 0};
    auto const one = estimate(graph, chip, chip.modes.front(), {}, workload);
    workload.map = options;
    auto const many = estimate(graph, chip, chip.modes.front(), {}, workload);
    auto const joules = [&](Estimate const& e) {
      return e.batches[0].boundaries[0].joules_per_sample().value.value *
             static_cast<double>(sweep);
    };
    // 160.6568 uJ unpacked, as worked out by hand
    EXPECT_NEAR(joules(one) * 1e6, 160.6568, 0.00005);
    auto const reads = static_cast<double>((sweep + copies - 1) / copies);
    EXPECT_NEAR(joules(many) / (reads * 12.483047619e-9), 1, 1e-9) << "the last read too";
    EXPECT_NEAR(many.batches[0].boundaries[0].latency.value.value / (reads * 130.031746032e-9), 1,
                1e-9);
  }
}

/// Packing gives nothing to who is alone: a read takes its time and energy however few share it.
TEST(QuantumStates, AReadThatIsNotFullCostsAWholeOne) {
  auto const chip = preset("hermes-core");
  auto const graph = models::rbm({.hidden_per_visible = 2});  // eight share a read
  auto const product = 130.031746032e-9, joules = 12.483047619e-9;
  Workload workload{{1, 5, 8, 9, 16, 17}, 4e7};
  workload.map.packing = Packing::packed;
  Terms terms;
  Figure rate{1e8, 1e8, 1e8, "", "assumed", "a test", "", core::Kind::assumed};
  terms[Term::link_bytes_per_second] = rate;
  auto const packed = estimate(graph, chip, chip.mode(""), terms, workload);
  for (auto const& batch : packed.batches) {
    auto const samples = static_cast<double>(batch.batch), reads = std::ceil(samples / 8);
    auto const& device = batch.boundaries[0];
    EXPECT_NEAR(device.latency.value.value / (reads * product), 1, 1e-9) << samples;
    EXPECT_NEAR(device.joules_per_sample().value.value * samples / (reads * joules), 1, 1e-9);
  }
  EXPECT_NEAR(packed.interval.value.value, 8 * (16 + 2 * 32) * 1e-8 / 8, 1e-15)
      << "inputs at 1 byte, outputs at 2, of every sample go through the tile's port";
  workload.map.packing = Packing::one_copy;
  auto const alone = estimate(graph, chip, chip.mode(""), terms, workload);
  for (std::size_t line : {0, 1, 2})
    EXPECT_NEAR(packed.batches[0].boundaries[line].latency.value.value /
                    alone.batches[0].boundaries[line].latency.value.value,
                1, 1e-9)
        << "a batch of one";
  EXPECT_NEAR(packed.at_rate->boundaries[0].latency.value.value, product + 7 / 4e7, 1e-15)
      << "the first of eight waits for the last";
  EXPECT_NEAR(packed.at_rate->boundaries[0].joules_per_sample().value.value / (joules / 8), 1,
              1e-9);
}

}  // namespace
}  // namespace crossjoule::aimc
