// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/figure.hpp"

#include "core/error.hpp"

#include <cmath>

namespace crossjoule::aimc {
namespace {

/// The sub-table `key` with the key's own name and place for messages.
struct Field {
  core::Config table;
  std::string name, where;

  Field(core::Config& parent, std::string_view key, std::string_view comment = {})
      : table(parent.section(key, comment)), name(key), where(parent.where(key)) {}
  Field(core::Config here, std::string own_name, std::string place)
      : table(std::move(here)), name(std::move(own_name)), where(std::move(place)) {}

  void require(std::string_view key, std::string_view why) const {
    VALIDATE(table.has(key), "{} has no {} ({}) add it{}", name, key, why, where);
  }
  double number(std::string_view key) {
    require(key, "a figure is a value between low and high");
    return table.take<double>(key, 0.0, "");
  }
  std::string text(std::string_view key, std::string_view why) {
    require(key, why);
    auto const words = table.take(key, std::string(), "");
    VALIDATE(words.find_first_not_of(" \t\n") != std::string::npos, "{}.{} is empty ({}) say it{}",
             name, key, why, table.where(key));
    return words;
  }
};

void take_unit(Field& field, std::string_view wanted) {
  auto const unit = field.text("unit", "a number without a unit means nothing");
  VALIDATE(unit == wanted, "{}.unit = \"{}\" (must be \"{}\") convert the number{}", field.name,
           unit, wanted, field.table.where("unit"));
}

std::string resolved(std::string const& citation, std::string const& what, std::string const& where,
                     Sources const& sources) {
  auto const source = citation.substr(0, citation.find(':'));
  auto const known = sources.texts.find(source);
  VALIDATE(known != sources.texts.end(),
           "{} names the source \"{}\" (the file has no [sources.{}]) write \"SOURCE: place\"{}",
           what, source, source, where);
  return known->second + citation.substr(source.size());
}

std::string take_citation(Field& field, Sources const& sources) {
  auto const citation = field.text("citation", "a number without a source cannot be checked");
  return resolved(citation, field.name + ".citation", field.table.where("citation"), sources);
}

std::string take_origin(Field& field) {
  field.require("kind", "published, derived from published numbers, or assumed");
  return field.table.take_choice("kind", "assumed", "", {"published", "derived", "assumed"});
}

void take_numbers(Field& field, FigureRule const& rule, Figure& figure) {
  figure.value = field.number("value");
  figure.low = field.number("low");
  figure.high = field.number("high");
  VALIDATE(figure.low <= figure.value && figure.value <= figure.high,
           "{} has low {}, value {}, high {} (must rise) order them{}", field.name, figure.low,
           figure.value, figure.high, field.where);
  VALIDATE(figure.low >= rule.least && figure.high <= rule.most,
           "{} = {} to {} {} (must lie in {} to {}) check the number and its unit{}", field.name,
           figure.low, figure.high, rule.unit, rule.least, rule.most, field.where);
  figure.unit = rule.unit;
}

Figure figure_of(Field field, FigureRule const& rule, Sources const& sources) {
  Figure figure;
  take_unit(field, rule.unit);
  take_numbers(field, rule, figure);
  figure.origin = take_origin(field);
  figure.kind = figure.origin == "assumed" ? core::Kind::assumed : core::Kind::modelled;
  figure.citation = take_citation(field, sources);
  figure.spread = field.table.take("spread", "", "");
  return figure;
}

}  // namespace

Figure take_figure(core::Config& table, std::string_view key, FigureRule rule,
                   Sources const& sources) {
  VALIDATE(table.has(key),
           "{} is missing (the estimate needs it) add the table with value, low, high, "
           "unit, kind and citation [{}]",
           key, sources.file);
  return figure_of(Field(table, key), rule, sources);
}

Figure take_figure_here(core::Config table, std::string const& name, std::string const& where,
                        FigureRule rule, Sources const& sources) {
  return figure_of(Field(std::move(table), name, where), rule, sources);
}

std::string take_citation(core::Config& table, std::string_view key, Sources const& sources) {
  auto const citation = table.take(key, "", "");
  VALIDATE(!citation.empty(),
           "{} is missing (a number without a source cannot be checked) add it [{}]", key,
           sources.file);
  return resolved(citation, std::string(key), table.where(key), sources);
}

SettingFigure take_setting(core::Config& table, std::string_view key, std::string_view unit,
                           Sources const& sources) {
  Field field(table, key);
  take_unit(field, unit);
  field.require("value", "the design value itself");
  SettingFigure setting;
  setting.value = field.table.take<double>("value", 0.0, "");
  setting.least = field.table.take<double>("least", setting.value, "");
  setting.most = field.table.take<double>("most", setting.value, "");
  VALIDATE(
      setting.least > 0 || std::string(key) == "guard_columns" || std::string(key) == "threshold",
      "{} may be as low as {} (must be above 0) raise least{}", key, setting.least, field.where);
  VALIDATE(setting.least <= setting.value && setting.value <= setting.most,
           "{} has least {}, value {}, most {} (must rise) order them{}", key, setting.least,
           setting.value, setting.most, field.where);
  take_origin(field);
  take_citation(field, sources);
  return setting;
}

std::int64_t take_count(core::Config& table, std::string_view key, std::string_view unit,
                        Sources const& sources) {
  VALIDATE(table.has(key),
           "{} is missing (the estimate needs it) add {} = {{ value, unit, kind, citation }}"
           " [{}]",
           key, key, sources.file);
  Field field(table, key);
  take_unit(field, unit);
  field.require("value", "the count itself");
  auto const count =
      field.table.take<std::int64_t>("value", std::int64_t{1}, "", {1, 1'000'000'000});
  take_origin(field);
  take_citation(field, sources);
  return count;
}

Figure take_assumption(core::Config& table, std::string_view key, FigureRule rule,
                       std::string_view comment) {
  Field field(table, key, comment);
  bool is_empty = true;
  for (auto part : {"value", "low", "high", "unit", "reason"}) is_empty &= !field.table.has(part);
  if (is_empty) return {};
  Figure figure;
  take_unit(field, rule.unit);
  take_numbers(field, rule, figure);
  figure.citation = field.text("reason", "an assumption must say what it rests on");
  figure.origin = "assumed";
  figure.kind = core::Kind::assumed;
  return figure;
}

}  // namespace crossjoule::aimc
