// SPDX-License-Identifier: BSD-3-Clause
// Which way figures go when a design or a network grows, for every preset that can be turned.
#include "aimc/estimate.hpp"
#include "chips.hpp"
#include "models/build.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

namespace crossjoule::aimc {
namespace {

constexpr double rounding = 1e-12;

double joules_of(TileFigures const& tile) {
  double total = 0;
  for (auto part : tile.joules) total += part;
  return total;
}

/// `visit(before, now)` for neighbours on a knob's range, the other knobs at the file's own values;
/// counts the chips that have the knob.
template <class Visit>
int along(std::string const& knob, double step, Visit&& visit) {
  int chips = 0;
  for (auto const& [name, text] : presets())
    for (auto chip = preset(name); auto const& mode : chip.modes) {
      if (!chip.design.has(knob)) continue;
      std::optional<TileFigures> before;
      int points = 0;
      for (double value = 0; value <= 64; value += step) {
        auto turned = chip;
        if (!refusal([&] { turned.turn(knob, value); }).empty()) continue;
        auto const now = tile_figures(turned, turned.mode(mode.name));
        if (before) visit(*before, now, name + " at " + std::to_string(value));
        before = now;
        ++points;
      }
      chips += points > 1 ? 1 : 0;
    }
  return chips;
}

/// A higher supply is never slower and never cheaper.
TEST(Monotone, InTheSupply) {
  auto const chips = along("supply", 0.05, [](auto const& low, auto const& high, auto const& at) {
    EXPECT_LE(high.seconds, low.seconds * (1 + rounding)) << at;
    EXPECT_GT(joules_of(high), joules_of(low)) << at;
  });
  EXPECT_GE(chips, 3);
}

/// More bits of input, weight or converter are never faster and never cheaper.
TEST(Monotone, InBits) {
  for (auto const& [knob, least] :
       {std::pair{"input_bits", 5}, std::pair{"output_bits", 1}, std::pair{"adc_bits", 3}}) {
    auto const chips = along(knob, 1, [](auto const& few, auto const& many, auto const& at) {
      EXPECT_GE(many.seconds, few.seconds * (1 - rounding)) << at;
      EXPECT_GE(joules_of(many), joules_of(few) * (1 - rounding)) << at;
      EXPECT_GE(many.area(), few.area() * (1 - rounding)) << at;
    });
    EXPECT_GE(chips, least) << knob;
  }
}

/// More tiles (a wider layer) take more energy, more static power and more chips on every preset.
TEST(Monotone, InTiles) {
  for (auto const& [name, text] : presets()) {
    auto const chip = preset(name);
    std::int64_t tiles = 0, chips = 0;
    double device = 0, charged = 0;
    for (std::int64_t width : {8, 64, 200, 256, 300, 700, 1500, 4000}) {
      models::MlpOptions options;
      options.inputs = width;
      options.layers = {width, 16};
      auto const now = estimate(models::mlp(options), chip, chip.mode(""), {}, {});
      auto const& line = now.batches[0].boundaries[1];
      EXPECT_GE(now.tiles.tiles(), tiles) << name << " " << width;
      EXPECT_GE(now.tiles.chips(1), chips);
      EXPECT_GE(now.batches[0].boundaries[0].joules_per_sample().value.value,
                device * (1 - rounding))
          << name << " " << width;
      EXPECT_GE(line.part(Part::static_power).value.value, charged * (1 - rounding));
      EXPECT_GT(line.part(Part::static_power).value.value, 0) << name << ": never zero";
      tiles = now.tiles.tiles();
      chips = now.tiles.chips(1);
      device = now.batches[0].boundaries[0].joules_per_sample().value.value;
      charged = line.part(Part::static_power).value.value;
    }
    EXPECT_GT(tiles, 1) << name;
  }
}

TEST(Monotone, TheCheckNoticesAFall) {
  int falls = 0;
  along("supply", 0.05, [&](auto const& low, auto const& high, auto const&) {
    falls += high.seconds < low.seconds ? 1 : 0;
  });
  EXPECT_GT(falls, 0) << "times really move along the range";
}

}  // namespace
}  // namespace crossjoule::aimc
