// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/comparison.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace crossjoule::drivers {
namespace {

using core::Joules, core::Quantity, core::Seconds;

void refuse_strangers(std::vector<Source> const& sources) {
  VALIDATE(!sources.empty(), "no record to compare (the list of files is empty) name at least one");
  auto const& first = sources.front();
  for (auto const& each : sources) {
    VALIDATE(
        each.network.digest == first.network.digest,
        "{} holds network {} ({}) but {} holds {} ({}) (only records of one network can be joined) "
        "compare them apart",
        first.file, first.network.digest, first.network.name, each.file, each.network.digest,
        each.network.name);
    VALIDATE(!each.points.empty(),
             "{} has an empty /result/points (nothing to compare) make it with infer or "
             "estimate",
             each.file);
  }
}

std::string label(ComparisonLine const& line) {
  return fmt::format("{} {} {} {} batch {}", line.point.platform, line.point.mode,
                     line.point.device, line.point.precision, line.point.batch);
}

/// Gross joules less what idle power takes. A model's idle is part of its gross, so the ends go
/// together; two measurements err apart.
Quantity<Joules> less_idle(ComparisonLine const& line) {
  auto const& gross = line.point.joules_per_sample;
  auto const& idle = line.point.idle_joules_per_sample;
  if (!gross.present()) return gross;
  VALIDATE(
      idle.present(),
      "idle = \"subtracted\", but {} in {} has no idle figure (idle is subtracted on both sides "
      "or on neither) use idle = \"gross\"",
      label(line), line.file);
  auto floored = [](Joules joules) { return std::max(joules, Joules{0}); };
  auto const kind = core::worst(gross.kind, idle.kind);
  auto const value = floored(gross.value - idle.value);
  if (core::is_measured(kind))
    return {floored(gross.low - idle.high), value, floored(gross.high - idle.low), kind};
  auto const low = floored(gross.low - idle.low), high = floored(gross.high - idle.high);
  return {std::min({low, value, high}), value, std::max({low, value, high}), kind};
}

std::vector<ComparisonLine> lines_of(std::vector<Source> const& sources,
                                     ComparisonRules const& rules,
                                     std::vector<std::string>& remarks) {
  std::vector<ComparisonLine> lines;
  for (auto const& source : sources) {
    auto const before = lines.size();
    for (auto const& point : source.points) {
      if (point.boundary != rules.boundary) continue;
      ComparisonLine line{source.file, point, point.joules_per_sample, {}, {}};
      if (rules.idle == IdleRule::subtracted) line.joules = less_idle(line);
      if (line.is_digital()) line.joules = with_modelled_band(line.joules);
      lines.push_back(std::move(line));
    }
    if (lines.size() == before)
      remarks.push_back(
          fmt::format("{} has no point within the boundary {}: it is not in this table",
                      source.file, core::to_string(rules.boundary)));
  }
  VALIDATE(!lines.empty(),
           "no record has a point within the boundary {} (the table would be empty) choose "
           "another with boundary = \"device\", \"chip\" or \"system\"",
           core::to_string(rules.boundary));
  return lines;
}

/// Measured and modelled digital joules side by side would let a model pass for a measurement: they
/// are refused, or allowed and said. Analog lines are always modelled and never part of the rule.
void guard_mixture(std::vector<ComparisonLine> const& lines, Mixing mixing,
                   std::vector<std::string>& remarks) {
  ComparisonLine const *measured = nullptr, *modelled = nullptr;
  for (auto const& line : lines)
    if (line.is_digital() && line.joules.present())
      (core::is_measured(line.joules.kind) ? measured : modelled) = &line;
  if (!measured || !modelled) return;
  VALIDATE(
      mixing == Mixing::allowed,
      "joules of {} ({}) are measured, those of {} ({}) are {} (a ratio between them could be the "
      "model's error) compare them apart, or allow it with --allow-mixed (allow_mixed = true)",
      label(*measured), measured->file, label(*modelled), modelled->file,
      core::to_string(modelled->joules.kind));
  remarks.emplace_back(
      "measured and modelled joules of digital platforms are mixed (--allow-mixed): a ratio "
      "between them could be the model's error; the column `kind of joule` tells which is which");
}

/// The digital line with the smallest figure among those that may stand in a ratio; `batch` 0: any.
template <class Of>
std::optional<std::size_t> best_digital(std::vector<ComparisonLine> const& lines,
                                        std::int64_t batch, Of&& of) {
  std::optional<std::size_t> best;
  for (std::size_t k = 0; k < lines.size(); ++k) {
    auto const& line = lines[k];
    if (!line.is_digital() || !line.is_complete() || !of(line).present() ||
        !(of(line).value.value > 0))
      continue;
    if (batch != 0 && line.point.batch != batch) continue;
    if (!best || of(line).value < of(lines[*best]).value) best = k;
  }
  return best;
}

constexpr auto joules_of = [](ComparisonLine const& line) -> Quantity<Joules> const& {
  return line.joules;
};
constexpr auto seconds_of = [](ComparisonLine const& line) -> Quantity<Seconds> const& {
  return line.point.seconds_per_sample;
};

template <class Of>
Ratios ratios_of(std::vector<ComparisonLine> const& lines, ComparisonLine const& line,
                 std::optional<std::size_t> best, Of&& of) {
  if (!line.is_complete() || !best) return {};
  Ratios result;
  result.to_best = ratio(of(lines[*best]), of(line));
  if (auto const same = best_digital(lines, line.point.batch, of))
    result.to_same_batch = ratio(of(lines[*same]), of(line));
  return result;
}

void explain(Comparison& table) {
  std::map<std::string, std::set<std::string>> partial;  // by what is missing
  bool digital = false, analog = false;
  for (auto const& line : table.lines) {
    (line.is_digital() ? digital : analog) = true;
    if (line.is_complete()) continue;
    partial[line.point.missing_terms].insert(line.point.platform);
  }
  for (auto const& [terms, platforms] : partial)
    table.remarks.push_back(
        fmt::format("no ratio for {}: terms without a value within the boundary {}: {}",
                    fmt::join(platforms, ", "), core::to_string(table.rules.boundary), terms));
  if (!digital)
    table.remarks.emplace_back(
        "no digital record: no ratio can be formed (add a record made by infer)");
  else if (!table.most_efficient)
    table.remarks.emplace_back(
        "no digital line has complete joules within this boundary: no energy ratio");
  if (analog)
    table.remarks.emplace_back(
        "accuracy on the analog chip is not part of this table: equal accuracy is not implied");
}

}  // namespace

Quantity<Joules> with_modelled_band(Quantity<Joules> joules) {
  if (!joules.present() || core::is_measured(joules.kind)) return joules;
  joules.low = std::min(joules.low, joules.value / 2);
  joules.high = std::max(joules.high, 2 * joules.value);
  return joules;
}

std::vector<std::size_t> Comparison::table_lines() const {
  auto key = [](ComparisonLine const& line) {
    auto const& p = line.point;
    return std::tie(line.file, p.platform, p.mode, p.device, p.precision, p.ranks);
  };
  auto cost = [](ComparisonLine const& line) {
    return line.joules.present() ? line.joules.value.value
                                 : line.point.seconds_per_sample.value.value;
  };
  std::set<std::size_t> chosen;
  for (auto const& line : lines) {
    std::optional<std::size_t> smallest, best;
    for (std::size_t k = 0; k < lines.size(); ++k) {
      if (key(lines[k]) != key(line)) continue;
      if (!smallest || lines[k].point.batch < lines[*smallest].point.batch) smallest = k;
      if (!best || cost(lines[k]) < cost(lines[*best])) best = k;
    }
    chosen.insert(*smallest);
    chosen.insert(*best);
  }
  return {chosen.begin(), chosen.end()};
}

Comparison join(std::vector<Source> const& sources, ComparisonRules const& rules) {
  refuse_strangers(sources);
  Comparison table;
  table.rules = rules;
  table.network = sources.front().network;
  table.graph_text = sources.front().graph_text;
  table.lines = lines_of(sources, rules, table.remarks);
  guard_mixture(table.lines, rules.mixing, table.remarks);
  table.most_efficient = best_digital(table.lines, 0, joules_of);
  table.most_efficient_batch_1 = best_digital(table.lines, 1, joules_of);
  table.fastest = best_digital(table.lines, 0, seconds_of);
  table.fastest_batch_1 = best_digital(table.lines, 1, seconds_of);
  for (auto& line : table.lines) {
    line.energy = ratios_of(table.lines, line, table.most_efficient, joules_of);
    line.time = ratios_of(table.lines, line, table.fastest, seconds_of);
    table.any_joule_measured |= line.joules.present() && core::is_measured(line.joules.kind);
  }
  explain(table);
  return table;
}

}  // namespace crossjoule::drivers
