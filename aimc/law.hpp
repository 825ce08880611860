// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "aimc/design.hpp"
#include "aimc/figure.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::aimc {

/// What of a tile a law speaks of. `tile` is array, DAC and ADC together, where the publication
/// does not split them.
enum class Component { tile, array, dac, adc, digital, links };
constexpr std::size_t component_count = 6;
std::string_view to_string(Component component);

/// One addend of a tile's time, energy, area or static power: a cited constant times pure numbers
/// made of the design. `relative` factors are 1 at the chip file's own design.
struct Law {
  std::string name;  ///< of the constant, unique within its mode: what intervals are drawn for
  Figure constant;
  std::vector<Factor> times, relative, over;
  /// How the addend divides among components: shares that add up to 1. One constant then drives
  /// several, so that their errors go together.
  std::array<double, component_count> shares{};
  std::string shares_citation;
  /// Further relative factors of one component's share.
  std::array<std::vector<Factor>, component_count> relative_of;
  std::string fitted;  ///< which published figures the constant was fitted to; "" where it is cited

  /// What the constant is multiplied by, and the part of it that falls to a component.
  double scale(Design const& design, Design const& reference) const;
  double scale(Design const& design, Design const& reference, Component component) const;
};

/// How a figure is read when numbers are worked out: at an end of its interval, in the middle, or
/// drawn. `low` is the end that makes cost small: a throughput then stands at its high end.
struct Pick {
  enum class At { low, value, high, drawn };
  At at = At::value;
  std::uint64_t seed = 0, draw = 0;  ///< of At::drawn: the same seed and draw give the same figures
  std::string_view alone = {};       ///< this figure alone stands `alone_at`
  At alone_at = At::value;

  enum class Sense { cost_rises, cost_falls };
  /// `id` names the figure: what is drawn depends on seed, draw and id alone. The prior has its
  /// median at the value and half of its mass on either side, even in the logarithm (even in the
  /// number where the low end is 0).
  double operator()(Figure const& figure, std::string_view id,
                    Sense sense = Sense::cost_rises) const;
};

/// The array of tables `key` of a read mode, each a law in `unit`; empty where there is none.
std::vector<Law> take_laws(core::Config& mode, std::string_view key, std::string_view unit,
                           Design const& design, Sources const& sources);

}  // namespace crossjoule::aimc
