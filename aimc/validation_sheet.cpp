// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/validation.hpp"
#include "core/error.hpp"

#include <array>
#include <cmath>

namespace crossjoule::aimc {
namespace {

std::string take_word(core::Config& table, std::string_view key, std::string_view what) {
  auto const word = table.take(key, "", "");
  VALIDATE(!word.empty(), "a {} has no {} (it cannot be checked without) add it{}", what, key,
           table.where("id"));
  return word;
}

Evidence take_evidence(core::Config& table) {
  auto const word = table.take_choice("class", "identity", "",
                                      {"identity", "fitted", "model-to-model", "blind-silicon"});
  for (std::size_t k = 0; k < evidence_count; ++k)
    if (word == to_string(static_cast<Evidence>(k))) return static_cast<Evidence>(k);
  return Evidence::identity;
}

ValidationRow take_row(core::Config table) {
  ValidationRow row;
  row.id = take_word(table, "id", "row");
  row.chip = take_word(table, "chip", "row");
  row.mode = table.take("mode", "", "");
  row.quantity = take_word(table, "quantity", "row");
  row.unit = take_word(table, "unit", "row");
  row.citation = take_word(table, "citation", "row");
  row.network = table.take("network", "", "");
  row.batch = table.take<std::int64_t>("batch", std::int64_t{1}, "", {1, 1'000'000'000});
  if (table.take_choice("packing", "one-copy", "", {"one-copy", "packed"}) == "packed")
    row.packing = Packing::packed;
  VALIDATE(table.has("published") && table.has("band"),
           "row {} lacks published or band (a figure and how far off we may be) add it{}", row.id,
           table.where("id"));
  row.published = table.take<double>("published", 1.0, "", {1e-30, 1e30});
  row.band = table.take<double>("band", 0.0, "", {0, 10});
  row.evidence = take_evidence(table);
  row.is_fitted = table.take("fitted", row.evidence == Evidence::fitted, "");
  row.band_is_fitted = table.take("band_fitted", false, "");
  auto design = table.section("design");
  for (auto const& law : knob_laws())
    if (design.has(law.name))
      row.design.emplace_back(law.name, design.take<double>(law.name, 0.0, ""));
  return row;
}

/// products = [inputs, outputs, vectors, blocks, inputs, outputs, ...].
LayerTable take_network(core::Config table) {
  LayerTable network;
  network.name = take_word(table, "id", "network");
  network.ops = table.take<double>("ops", 0.0, "", {0, 1e30});
  network.groups = table.take("groups", std::vector<std::int64_t>{}, "", {1, 1'000'000});
  constexpr std::size_t numbers = 4;
  auto const flat =
      table.take("products", std::vector<std::int64_t>{}, "", {1, std::int64_t{1} << 40});
  VALIDATE(
      !flat.empty() && flat.size() % numbers == 0,
      "network {} lists {} numbers (inputs, outputs, vectors, blocks of each product) complete "
      "them{}",
      network.name, flat.size(), table.where("products"));
  for (std::size_t k = 0; k < flat.size(); k += numbers)
    network.products.push_back(
        {0, fmt::format("product{}", k / numbers), flat[k], flat[k + 1], flat[k + 2], flat[k + 3]});
  std::int64_t grouped = 0;
  for (auto size : network.groups) grouped += size;
  VALIDATE(network.groups.empty() || grouped == static_cast<std::int64_t>(network.products.size()),
           "groups of network {} hold {} products (it has {}) make them equal{}", network.name,
           grouped, network.products.size(), table.where("groups"));
  return network;
}

}  // namespace

std::string_view to_string(Evidence evidence) {
  constexpr std::array<std::string_view, evidence_count> names = {
      "identity", "fitted", "model-to-model", "blind-silicon"};
  return names[static_cast<std::size_t>(evidence)];
}

ValidationSheet read_sheet(core::Config& config) {
  ValidationSheet sheet;
  if (config.has("network"))
    for (auto& table : config.sections("network")) sheet.networks.push_back(take_network(table));
  if (config.has("row"))
    for (auto& table : config.sections("row")) sheet.rows.push_back(take_row(table));
  if (!config.has("table_only")) return sheet;
  for (auto& table : config.sections("table_only"))
    sheet.table_only.push_back({take_word(table, "id", "table-only row"),
                                take_word(table, "figure", "table-only row"),
                                take_word(table, "reason", "table-only row"),
                                take_word(table, "citation", "table-only row")});
  return sheet;
}

}  // namespace crossjoule::aimc
