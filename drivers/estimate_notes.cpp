// SPDX-License-Identifier: BSD-3-Clause
// What `crossjoule estimate` says beside its tables: packing, weights that take turns, what is
// absent.
#include "drivers/estimate_print.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace crossjoule::drivers {

std::string overflow_text(aimc::Estimate const& estimate) {
  auto const& tiles = estimate.tiles;
  if (tiles.rounds == 1) return "";
  return fmt::format(
      "{} {}: weights do not fit {} tiles: all {} are written in {} rounds per batch, which takes "
      "{} "
      "and {}\n",
      estimate.chip, estimate.mode, tiles.tiles(), tiles.weights(), tiles.rounds,
      core::with_interval(estimate.amortisation.writing),
      core::with_interval(estimate.amortisation.programming));
}

std::string packing_text(aimc::Estimate const& estimate) {
  auto const copies = estimate.tiles.samples_that_fit;
  if (copies == 1) return "";
  std::int64_t batch = 1;
  for (auto const& each : estimate.batches) batch = std::max(batch, each.batch);
  bool const is_packed = estimate.tiles.samples_per_product > 1;
  return fmt::format(
      "{} {}: a batch of {} takes {} turns as one copy and {} packed, {} copies down the diagonal; "
      "figures are those of {}\n",
      estimate.chip, estimate.mode, batch, batch, (batch + copies - 1) / copies, copies,
      is_packed ? "packed" : "one copy (mapping.packing)");
}

std::vector<Absent> absences(std::vector<aimc::Estimate> const& estimates, bool has_crossover) {
  std::vector<Absent> all = {
      {"accuracy",
       "an estimate does not run the network: no figure for quantised, programmed or drifted "
       "weights; tiles and bits are in the record"}};
  if (!has_crossover)
    all.push_back(
        {"crossover batch", "no measured record to cross: give against = [\"infer.h5\"]"});
  all.push_back({"CPU and GPU", "crossjoule compare puts records of infer beside this one"});
  if (!estimates.front().at_rate)
    all.push_back({"fixed rate", "estimate.rate_hz = 0: no copies, no latency budget"});
  if (estimates.size() == 1)
    all.push_back({"range over chips", "one chip in one mode was asked for"});
  return all;
}

std::string absent_text(std::vector<aimc::Estimate> const& estimates, bool has_crossover) {
  std::string text = "\n";
  for (auto const& each : absences(estimates, has_crossover))
    text += fmt::format("absent: {} ({})\n", each.figure, each.reason);
  return text;
}

Json absent_json(std::vector<aimc::Estimate> const& estimates, bool has_crossover) {
  auto all = Json::array();
  for (auto const& each : absences(estimates, has_crossover))
    all.push(
        Json::object().set("figure", each.figure).set("kind", "absent").set("reason", each.reason));
  return all;
}

}  // namespace crossjoule::drivers
