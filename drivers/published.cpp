// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/published.hpp"

#include "core/error.hpp"

namespace crossjoule::drivers {
namespace {

/// Published elsewhere: for us as good as a model until we measure it ourselves.
constexpr auto published_kind = core::Kind::modelled;

std::string take_text(core::Config& row, std::string_view key, std::string_view why) {
  auto const text = row.take(key, "", "");
  std::string place;  // of the row's first line that we know
  for (auto known : {"platform", "network", "citation"})
    if (place.empty()) place = row.where(known);
  VALIDATE(!text.empty(), "published row has no {} ({}) add it{}", key, why, place);
  return text;
}

template <class U>
core::Quantity<U> take_quantity(core::Config& row, std::string_view key, std::string_view unit) {
  if (!row.has(key)) return {};
  auto table = row.section(key);
  for (auto part : {"value", "low", "high", "unit"})
    VALIDATE(table.has(part), "{} has no {} (a figure is value, low, high, unit) add it{}", key,
             part, row.where(key));
  auto const given = table.take("unit", "", "");
  VALIDATE(given == unit, "{}.unit = \"{}\" (must be \"{}\") convert the number{}", key, given,
           unit, row.where(key));
  constexpr core::Range<double> positive{0, 1e300};
  core::Quantity<U> const figure{{table.take<double>("low", 0.0, "", positive)},
                                 {table.take<double>("value", 0.0, "", positive)},
                                 {table.take<double>("high", 0.0, "", positive)},
                                 published_kind};
  VALIDATE(figure.low <= figure.value && figure.value <= figure.high,
           "{} has low {}, value {}, high {} (must rise) order them{}", key, figure.low.value,
           figure.value.value, figure.high.value, row.where(key));
  return figure;
}

PublishedRow take_row(core::Config row) {
  PublishedRow result;
  result.platform = take_text(row, "platform", "the table prints it");
  result.network = take_text(row, "network", "a reader must see that it is another one");
  result.citation = take_text(row, "citation", "a figure without a source cannot be checked");
  result.precision = row.take("precision", "", "");
  result.digest = row.take("digest", "", "");
  result.boundary = row.take("boundary", "not stated", "");
  result.note = row.take("note", "", "");
  result.reading = row.take_choice("reading", "secondary", "", {"primary", "secondary"});
  result.latency = take_quantity<core::Seconds>(row, "latency", "s");
  result.seconds_per_sample = take_quantity<core::Seconds>(row, "seconds_per_sample", "s");
  result.joules_per_sample = take_quantity<core::Joules>(row, "joules_per_sample", "J");
  VALIDATE(result.latency.present() || result.seconds_per_sample.present() ||
               result.joules_per_sample.present(),
           "published row {} has no figure (nothing to print) give latency, seconds_per_sample or "
           "joules_per_sample{}",
           result.platform, row.where("platform"));
  return result;
}

}  // namespace

std::vector<PublishedRow> read_published(core::Config config) {
  std::vector<PublishedRow> rows;
  for (auto& row : config.sections("row")) rows.push_back(take_row(row));
  config.refuse_leftovers();
  VALIDATE(!rows.empty(),
           "{} has no [[row]] (nothing published to print) add one, or drop the key published",
           config.path().string());
  return rows;
}

std::vector<PublishedRow> read_published(std::filesystem::path const& path) {
  return read_published(core::Config::from_file(path));
}

}  // namespace crossjoule::drivers
