// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/law.hpp"

#include "core/error.hpp"
#include "core/philox.hpp"

#include <cmath>

namespace crossjoule::aimc {
namespace {

std::vector<Factor> take_factors(core::Config& table, std::string_view key, Design const& design) {
  std::vector<Factor> result;
  for (auto const& name : table.take(key, std::vector<std::string>{}, "")) {
    auto const& found = factor(name, table.where(key));
    for (auto knob : found.needs)
      VALIDATE(design.has(knob), "factor \"{}\" needs {} (the file's [design] has {}) add it{}",
               name, knob_laws()[static_cast<std::size_t>(knob)].name,
               design.names().empty() ? "nothing" : design.names(), table.where(key));
    result.push_back(found);
  }
  return result;
}

Component component_from(std::string const& name, std::string const& where) {
  for (std::size_t k = 0; k < component_count; ++k)
    if (name == to_string(static_cast<Component>(k))) return static_cast<Component>(k);
  core::fail(core::ExitCode::bad_input,
             "component \"{}\" is unknown (there are tile, array, dac, adc, digital, links) choose "
             "one{}",
             name, where);
}

/// `component`, or `components` with `shares` that add up to 1 and their source.
void take_shares(core::Config& table, Law& law, Design const& design, Sources const& sources) {
  auto const names = table.take("components", std::vector<std::string>{}, "");
  auto const shares = table.take("shares", std::vector<double>{}, "", {0, 1});
  if (names.empty()) {
    auto const one = component_from(table.take("component", "tile", ""), table.where("component"));
    law.shares[static_cast<std::size_t>(one)] = 1;
  } else {
    VALIDATE(names.size() == shares.size(),
             "law {} names {} components and {} shares (one each) make them equal{}", law.name,
             names.size(), shares.size(), table.where("shares"));
    law.shares_citation = take_citation(table, "shares_citation", sources);
  }
  double total = 0;
  for (std::size_t k = 0; k < names.size(); ++k) {
    law.shares[static_cast<std::size_t>(component_from(names[k], table.where("components")))] +=
        shares[k];
    total += shares[k];
  }
  VALIDATE(names.empty() || std::abs(total - 1) < 1e-9,
           "shares of law {} add up to {} (must be 1) correct them{}", law.name, total,
           table.where("shares"));
  for (std::size_t k = 0; k < component_count; ++k) {
    auto const key = fmt::format("relative_{}", to_string(static_cast<Component>(k)));
    if (table.has(key)) law.relative_of[k] = take_factors(table, key, design);
  }
}

double drawn(Figure const& figure, double uniform) {
  bool const is_lower = uniform < 0.5;
  auto const from = is_lower ? figure.low : figure.value,
             to = is_lower ? figure.value : figure.high;
  auto const share = is_lower ? 2 * uniform : 2 * uniform - 1;
  if (!(from > 0)) return from + (to - from) * share;
  return from * std::pow(to / from, share);
}

}  // namespace

std::string_view to_string(Component component) {
  constexpr std::array<std::string_view, component_count> names = {"tile", "array",   "dac",
                                                                   "adc",  "digital", "links"};
  return names[static_cast<std::size_t>(component)];
}

double Law::scale(Design const& design, Design const& reference) const {
  double total = 0;
  for (std::size_t k = 0; k < component_count; ++k)
    total += scale(design, reference, static_cast<Component>(k));
  return total;
}

double Law::scale(Design const& design, Design const& reference, Component component) const {
  auto const k = static_cast<std::size_t>(component);
  double product = shares[k];
  if (product == 0) return 0;
  for (auto const& each : times) product *= each.of(design);
  for (auto const& each : over) product /= each.of(design);
  for (auto const& each : relative) product *= each.of(design) / each.of(reference);
  for (auto const& each : relative_of[k]) product *= each.of(design) / each.of(reference);
  return product;
}

double Pick::operator()(Figure const& figure, std::string_view id, Sense sense) const {
  auto const now = id == alone && !alone.empty() ? alone_at : at;
  if (now == At::value) return figure.value;
  if (now == At::drawn)
    return drawn(figure,
                 core::Random(seed, core::purpose(std::string(id).c_str()), draw).uniform());
  return (now == At::low) == (sense == Sense::cost_rises) ? figure.low : figure.high;
}

std::vector<Law> take_laws(core::Config& mode, std::string_view key, std::string_view unit,
                           Design const& design, Sources const& sources) {
  std::vector<Law> laws;
  if (!mode.has(key)) return laws;
  for (auto& table : mode.sections(key)) {
    Law law;
    law.name = table.take("name", "", "");
    auto const where = table.where("name");
    VALIDATE(!law.name.empty(), "a law of {} has no name (messages and intervals use it) add it{}",
             key, table.where("value"));
    for (auto const& other : laws)
      VALIDATE(other.name != law.name,
               "{} has two laws named {} (each is drawn by its name) rename "
               "one{}",
               key, law.name, where);
    take_shares(table, law, design, sources);
    law.times = take_factors(table, "times", design);
    law.relative = take_factors(table, "relative", design);
    law.over = take_factors(table, "over", design);
    law.fitted = table.take("fitted", "", "");
    law.constant = take_figure_here(table, law.name, where, {unit}, sources);
    laws.push_back(std::move(law));
  }
  VALIDATE(!laws.empty(), "{} is empty (a law is a table in [[...]]) add one, or remove the key{}",
           key, mode.where(key));
  return laws;
}

}  // namespace crossjoule::aimc
