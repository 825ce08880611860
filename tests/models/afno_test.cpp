// SPDX-License-Identifier: BSD-3-Clause
#include "models/afno.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"
#include "models/unroll.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace crossjoule::models {
namespace {

AfnoOptions small() {
  return {.rows = 32,
          .columns = 64,
          .channels_in = 3,
          .channels_out = 2,
          .patch = 4,
          .embed = 16,
          .depth = 2,
          .blocks = 4};
}

/// FourCastNet's published parameter counts (facts of the field; PyTorch agrees).
TEST(Afno, HasThePublishedParameters) {
  EXPECT_EQ(cost(afno()).parameters, 74691840);
  EXPECT_EQ(cost(afno({.blocks = 16})).parameters, 72922368);
  EXPECT_EQ(cost(afno({.patch = 4})).parameters, 110542080);
  EXPECT_EQ(cost(afno({.channels_in = 26, .channels_out = 26})).parameters, 75281664);
  EXPECT_EQ(cost(afno({.final_norm = AfnoOptions::FinalNorm::absent})).parameters, 74691840 - 1536);
  // without the final norm, as the table of small sizes counts
  EXPECT_EQ(cost(afno({.rows = 64,
                       .columns = 128,
                       .channels_in = 5,
                       .channels_out = 5,
                       .patch = 4,
                       .embed = 128,
                       .depth = 4,
                       .blocks = 8,
                       .final_norm = AfnoOptions::FinalNorm::absent}))
                .parameters,
            649856);
}

/// 1.967333 TF a sample: products and transforms (2.5 N log2 N each), nothing pointwise.
TEST(Afno, HasThePublishedFlops) {
  Cost const standard = cost(afno());
  EXPECT_NEAR(2e-12 * standard.forward.product_macs, 1.834589 + 0.058605 + 0.063701, 1.5e-6);
  EXPECT_NEAR(1e-12 * standard.forward.fourier_flops, 0.010439, 5e-7);
  EXPECT_NEAR(1e-12 * standard.forward.tensor_flops(), 1.967333, 1e-6);
  EXPECT_NEAR(1e-9 * standard.forward.product_macs, 978.447, 5e-4);
}

/// Training is three times the forward pass, but for the input, which needs no gradient.
TEST(Afno, TrainingIsThreeForwardPasses) {
  Cost const standard = cost(afno());
  std::int64_t const embed = std::int64_t{16200} * 20 * 64 * 768;
  EXPECT_EQ(standard.backward.product_macs, 2 * standard.forward.product_macs - embed);
  EXPECT_EQ(standard.backward.fourier_flops, standard.forward.fourier_flops);
}

/// By hand, from the published code: total = rows / 2 + 1, kept = int(total f), rows [total - kept,
/// total + kept) and columns [0, kept), cut to what there is.
TEST(KeptModes, FollowUpstream) {
  EXPECT_EQ(kept_modes(90, 180, 1.0), (KeptModes{0, 90, 46}));
  EXPECT_EQ(kept_modes(8, 16, 1.0), (KeptModes{0, 8, 5}));
  EXPECT_EQ(kept_modes(12, 20, 1.0), (KeptModes{0, 12, 7}));
  EXPECT_EQ(kept_modes(90, 180, 0.5), (KeptModes{23, 46, 23}));
  EXPECT_EQ(kept_modes(9, 4, 1.0), (KeptModes{0, 9, 3}));  // taller than wide: columns run out
  EXPECT_EQ(kept_modes(1, 7, 1.0), (KeptModes{0, 1, 1}));
  EXPECT_EQ(kept_modes(9, 16, 0.7), (KeptModes{2, 6, 3}));
}

TEST(KeptModes, LowRowsAreThoseOfSmallWaveNumber) {
  EXPECT_EQ(kept_modes(90, 180, 0.5, KeptRows::low), (KeptModes{67, 46, 23}));
  EXPECT_EQ(kept_modes(90, 180, 1.0, KeptRows::low), (KeptModes{0, 90, 46}));
  EXPECT_THROW(kept_modes(90, 180, 0.001), core::Error);
}

/// An independent walk over all rows: does the window hold exactly the rows of the rule?
TEST(KeptModes, WindowsHoldTheRowsOfTheirRule) {
  for (std::int64_t rows = 1; rows < 40; ++rows)
    for (double fraction : {0.3, 0.5, 0.77, 1.0}) {
      std::int64_t const total = rows / 2 + 1, kept = static_cast<std::int64_t>(total * fraction);
      if (kept < 1) continue;
      for (KeptRows rule : {KeptRows::upstream, KeptRows::low}) {
        KeptModes const modes = kept_modes(rows, 2 * rows, fraction, rule);
        for (std::int64_t row = 0; row < rows; ++row) {
          bool const wanted = rule == KeptRows::upstream ? row >= total - kept && row < total + kept
                                                         : row < kept || row >= rows - kept;
          bool const held = (row - modes.first_row + rows) % rows < modes.rows;
          EXPECT_EQ(held, wanted) << rows << " rows, f = " << fraction << ", row " << row;
        }
      }
    }
}

TEST(Afno, NamesParametersAsThePublishedState) {
  std::vector<std::string> names;
  for (Parameter const& parameter : parameters(afno(small()))) names.push_back(parameter.name);
  std::vector<std::string> const first{
      "pos_embed",      "patch.w",      "patch.b",      "block0.norm1.w", "block0.norm1.b",
      "block0.w1",      "block0.b1",    "block0.w2",    "block0.b2",      "block0.norm2.w",
      "block0.norm2.b", "block0.fc1.w", "block0.fc1.b", "block0.fc2.w",   "block0.fc2.b"};
  ASSERT_EQ(names.size(), 30u);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), names.begin()));
  EXPECT_EQ(names[27], "norm.w");
  EXPECT_EQ(names.back(), "head.w");
}

TEST(Afno, ReadsBackFromTextWithEveryOption) {
  for (std::int64_t steps : {1, 2, 3})
    for (auto skip : {AfnoOptions::Skip::single, AfnoOptions::Skip::twice})
      for (auto weight : {RowWeight::none, RowWeight::latitude}) {
        AfnoOptions options = small();
        options.channels_out = options.channels_in;
        options.steps = steps;
        options.skip = skip;
        options.loss.weight = weight;
        options.hidden_factor = steps;
        Graph const graph = afno(options);
        Graph const back = from_text(to_text(graph));
        EXPECT_EQ(back, graph);
        EXPECT_EQ(digest(back), digest(graph));
      }
}

/// Two steps share every parameter, cost twice the work and are another network.
TEST(Afno, TwoStepsShareTheirParameters) {
  AfnoOptions options = small();
  options.channels_out = options.channels_in;
  Graph const one = afno(options);
  options.steps = 2;
  Graph const two = afno(options);
  EXPECT_EQ(cost(two).parameters, cost(one).parameters);
  EXPECT_EQ(cost(two).stationary_weights, cost(one).stationary_weights);
  EXPECT_EQ(cost(two).forward.product_macs, 2 * cost(one).forward.product_macs);
  EXPECT_NE(digest(two), digest(one));
  EXPECT_EQ(sample_size(two), 3 * 3 * 32 * 64);
  EXPECT_EQ(digest(without_objective(two)), digest(without_objective(one)));
}

/// What a network reads and does not make is an input of each further step.
TEST(Afno, FurtherStepsAreJoinedWithWhatIsKnown) {
  AfnoOptions options = small();  // three channels in, two out
  Graph const one = afno(options);
  options.steps = 3;
  Graph const three = afno(options);
  EXPECT_EQ(sample_size(three), (3 + 2 * 1 + 3 * 2) * 32 * 64);
  EXPECT_EQ(cost(three).parameters, cost(one).parameters);
  EXPECT_EQ(cost(three).forward.product_macs, 3 * cost(one).forward.product_macs);
  EXPECT_EQ(digest(without_objective(three)), digest(without_objective(one)));
  std::vector<std::string> names;
  for (NodeId const id : input_nodes(three)) names.push_back(three.nodes[id].name);
  EXPECT_EQ(names, (std::vector<std::string>{"input", "step2.known", "step3.known", "target",
                                             "target2", "target3"}));
  EXPECT_EQ(from_text(to_text(three)), three);
  Graph swapped = three;  // the order of what is joined is part of the network
  for (Node& node : swapped.nodes)
    if (node.name == "step2.state") std::swap(node.inputs[0], node.inputs[1]);
  EXPECT_NE(digest(swapped), digest(three));
}

/// A change costs no parameter and no product: it is added to the channels it changes.
TEST(Afno, ChangesAreAddedToTheState) {
  AfnoOptions options = small();
  Graph const states = afno(options);
  options.predicts = AfnoOptions::Predicts::change;
  Graph const changes = afno(options);
  EXPECT_EQ(cost(changes).parameters, cost(states).parameters);
  EXPECT_EQ(cost(changes).forward.product_macs, cost(states).forward.product_macs);
  EXPECT_EQ(cost(changes).forward.pointwise_flops - cost(states).forward.pointwise_flops,
            options.channels_out * options.rows * options.columns);
  Node const& output = changes.nodes[output_node(changes)];
  ASSERT_EQ(output.op, Op(Add{}));
  EXPECT_EQ(changes.nodes[output.inputs[1]].op, Op(TakeChannels{0, options.channels_out}));
  EXPECT_EQ(changes.nodes[output.inputs[1]].inputs, std::vector{input_nodes(changes)[0]});
  EXPECT_EQ(from_text(to_text(changes)), changes);
}

TEST(Afno, OptionsChangeTheDigest) {
  std::string const plain = digest(afno(small()));
  AfnoOptions options = small();
  options.sparsity = 0.02;
  EXPECT_NE(digest(afno(options)), plain);
  options = small();
  options.hard_thresholding_fraction = 0.6;
  std::string const upstream = digest(afno(options));
  EXPECT_NE(upstream, plain);
  options.kept_rows = KeptRows::low;
  EXPECT_NE(digest(afno(options)), upstream);
}

TEST(Afno, RefusesOptionsThatDoNotFit) {
  auto const refusal = [](auto change) {
    AfnoOptions options = small();
    change(options);
    return core::testing::refusal([&] { afno(options); });
  };
  EXPECT_NE(refusal([](auto& o) { o.patch = 5; }).find("must divide the grid"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.blocks = 3; }).find("must divide embed"), std::string::npos);
  auto const no_state = [](auto& o) {
    o.predicts = AfnoOptions::Predicts::change, o.channels_out = o.channels_in + 1;
  };
  EXPECT_NE(refusal(no_state).find("what changes must be read"), std::string::npos);
  auto const too_many_out = [](auto& o) { o.steps = 2, o.channels_out = o.channels_in + 1; };
  EXPECT_NE(refusal(too_many_out).find("must be an input again"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.hard_thresholding_fraction = 0.01; }).find("keeps none"),
            std::string::npos);
  EXPECT_EQ(refusal([](auto&) {}), "");
}

/// cos(latitude) of equally spaced rows, mean 1; Gauss's sum gives the mean before division.
TEST(RowWeights, AreThoseOfTheLatitudes) {
  EXPECT_EQ(row_weights({}, 3), (std::vector<double>{1, 1, 1}));
  RelativeError const pole_to_pole{.weight = RowWeight::latitude};
  auto const three = row_weights(pole_to_pole, 3);
  EXPECT_NEAR(three[1], 3, 1e-15);
  EXPECT_NEAR(three[0], 0, 1e-15);
  auto const four = row_weights({RowWeight::latitude, 60, -60}, 4);
  EXPECT_NEAR(four[0] / four[1], 0.5 / std::cos(20 * M_PI / 180), 1e-14);
  EXPECT_NEAR(four[0] + four[1] + four[2] + four[3], 4, 1e-14);
}

}  // namespace
}  // namespace crossjoule::models
