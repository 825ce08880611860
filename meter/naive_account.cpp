// SPDX-License-Identifier: BSD-3-Clause
#include "meter/naive_account.hpp"

#include "meter/containment.hpp"
#include "meter/cpu_table.hpp"
#include "meter/naive.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>

namespace crossjoule::meter {
namespace {

std::string fact(NodeAccount const& node, std::string_view name) {
  for (auto const& [key, value] : node.model_facts)
    if (key == name) return value;
  return "";
}

/// Measured joules of all devices of a class, spares and second figures left out; nothing where one
/// of them was not measured.
struct Measured {
  std::optional<double> joule;
  double limit_watt = 0;  ///< of NVIDIA boards: their power limits
};
Measured measured_of(Ledger const& ledger, DeviceClass wanted) {
  std::vector<SensorInfo> infos;
  std::vector<std::size_t> which;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k)
    if (ledger.devices[k].info.device == wanted)
      infos.push_back(ledger.devices[k].info), which.push_back(k);
  auto const uses = choose_cover(infos);
  Measured sum;
  bool is_whole = true;
  double joule = 0;
  for (std::size_t n = 0; n < which.size(); ++n) {
    if (uses[n] != Use::counted) continue;
    auto const& total = ledger.total[which[n]];
    is_whole = is_whole && total.present() && core::is_measured(ledger.devices[which[n]].kind);
    joule += total.present() ? total.value.value : 0;
    if (infos[n].backend == "nvml") sum.limit_watt += infos[n].max_watt;
  }
  if (is_whole && joule > 0) sum.joule = joule;
  return sum;
}

/// TDP of the machine's share of its sockets, and where it is from.
std::pair<double, std::string> tdp_of(NodeAccount const& node, NaiveInputs const& inputs) {
  if (inputs.tdp_watt > 0) return {inputs.tdp_watt, "given"};
  auto const rating = find_cpu(fact(node, "model_name"));
  auto const threads = parse_number(fact(node, "hardware_threads"));
  if (rating && threads && *threads > 0)
    return {rating->tdp_watt * *threads / rating->threads,
            fmt::format("{}, {:g} of its {} threads", rating->model, *threads, rating->threads)};
  return {unknown_cpu_watt, "CodeCarbon's of a CPU it does not know"};
}

}  // namespace

NaiveTable naive_table(NodeAccount const& node, NaiveInputs const& inputs) {
  NaiveTable table;
  double second = 0;
  for (auto const& time : node.ledger.seconds) second += time.value;
  if (!(second > 0)) return table;
  auto const add = [&](char const* part, std::string_view estimator, double watt,
                       Measured const& measured) {
    NaiveRow row{part, std::string(estimator), watt * second, {}};
    if (measured.joule) row.error_share = row.joule / *measured.joule - 1;
    table.rows.push_back(std::move(row));
  };
  auto const [tdp, source] = tdp_of(node, inputs);
  double const load = inputs.load.value_or(1);
  auto const cpu = measured_of(node.ledger, DeviceClass::package);
  for (auto const& estimator : estimators())
    add("CPU", estimator.name, estimator.watt(tdp, load), cpu);
  double const memory =
      inputs.memory_gb > 0 ? inputs.memory_gb : parse_number(fact(node, "memory_gb")).value_or(0);
  if (memory > 0)
    add("DRAM", "CodeCarbon, 3 W per 8 GB", codecarbon_memory_watt(memory),
        measured_of(node.ledger, DeviceClass::dram));
  auto const boards = measured_of(node.ledger, DeviceClass::gpu);
  if (boards.limit_watt > 0) add("GPU", "power limit x time", boards.limit_watt, boards);
  table.inputs = fmt::format("TDP {:g} W ({}), load {:.3g}{}, {:.3f} s", tdp, source, load,
                             inputs.load ? "" : " (assumed)", second);
  if (memory > 0) table.inputs += fmt::format(", {:.1f} GB", memory);
  return table;
}

}  // namespace crossjoule::meter
