// SPDX-License-Identifier: BSD-3-Clause
#include "meter/probe.hpp"

#include "meter/containment.hpp"
#include "meter/nvml.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace crossjoule::meter {
namespace {

constexpr std::int64_t look_apart_ns = 2'000'000;

/// What two reads at both ends of the look say.
struct Look {
  std::optional<Reading> first, last;
  bool moved = false;
};

/// Reads all counters again and again, one core busy, until each moved or its time is up.
std::vector<Look> watch(std::vector<std::shared_ptr<Sensor>> const& sensors, Clock& clock) {
  std::vector<Look> looks;
  for (auto const& sensor : sensors) looks.push_back({sensor->read(), {}, false});
  std::int64_t const begin = clock.now_ns();
  for (bool waiting = !sensors.empty(); waiting;) {
    clock.work_until(clock.now_ns() + look_apart_ns);
    double const elapsed = static_cast<double>(clock.now_ns() - begin) * 1e-9;
    waiting = false;
    for (std::size_t k = 0; k < sensors.size(); ++k) {
      Look& look = looks[k];
      if (look.moved) continue;
      auto const& info = sensors[k]->info();
      look.last = sensors[k]->read();
      if (!look.first) look.first = look.last;
      look.moved =
          look.last && (info.source == Source::power || look.first->counter != look.last->counter);
      double const patience = info.update_second > 0.01 ? 0.25 : 0.06;
      waiting = waiting || (!look.moved && elapsed < patience);
    }
  }
  return looks;
}

void judge(SensorInfo const& info, Look const& look, ProbeRow& row) {
  if (look.moved) return;
  row.role = "not used";
  if (!look.last) {
    row.status = Status::denied, row.advice = "it opens but every read fails";
  } else if (look.last->counter == 0) {
    row.status = Status::phantom,
    row.advice = "it reads 0 and never counts: the hardware behind it is missing";
  } else {
    row.status = Status::frozen;
    row.advice =
        fmt::format("it stood still under load for {} updates", info.update_second > 0.01 ? 2 : 60);
  }
}

int count_accelerators(Tree const& tree) {
  int count = 0;
  std::string const bus = "/sys/bus/pci/devices";
  for (auto const& slot : tree.children(bus)) {
    auto const vendor = tree.text(bus + "/" + slot + "/vendor").value_or("");
    auto const kind = tree.text(bus + "/" + slot + "/class").value_or("");
    bool const is_display = kind.rfind("0x03", 0) == 0, is_accelerator = kind.rfind("0x12", 0) == 0;
    count += (vendor == "0x10de" && is_display) || is_accelerator;
  }
  return count;
}

void model_rows(Probe& probe, Tree const& tree) {
  bool const has_load =
      LoadMeter(tree, probe.model.hardware_threads).works() && probe.model.hardware_threads > 0;
  probe.rows.push_back(
      {"model", "cpu-model", tree.at("/proc/stat").string(), has_load ? Status::ok : Status::absent,
       0, "not used",
       has_load ? "stands in for a missing CPU sensor: " + probe.model.rule()
                : "/proc/stat or /proc/cpuinfo cannot be read: CPU energy stays absent"});
  bool const has_memory = probe.model.memory_gb > 0;
  probe.rows.push_back(
      {"model", "dram-model", probe.model.memory_source, has_memory ? Status::ok : Status::absent,
       0, "not used",
       has_memory ? fmt::format("stands in for a missing DRAM sensor: {} W/GB x {:.1f} GB",
                                NodeModel::dram_watt_per_gb[1], probe.model.memory_gb)
                  : "the size of memory is unknown: DRAM energy stays absent"});
  if (probe.model.is_guest)
    for (auto& row : probe.rows)
      if (row.backend == "powercap" && row.status == Status::absent)
        row.advice = "a guest cannot see host joules (" + probe.model.guest_evidence +
                     "): meter on the host";
}

}  // namespace

Probe probe_node(Tree const& tree, Clock& clock, std::string const& nvml_library, double memory_gb,
                 std::vector<std::shared_ptr<Sensor>> const& more_sensors) {
  Probe probe;
  std::vector<std::shared_ptr<Sensor>> candidates;
  for (Found found : {find_powercap(tree), find_nvml(nvml_library)}) {
    candidates.insert(candidates.end(), found.sensors.begin(), found.sensors.end());
    probe.rows.insert(probe.rows.end(), found.rows.begin(), found.rows.end());
  }
  for (auto const& sensor : more_sensors) {
    auto const& info = sensor->info();
    candidates.push_back(sensor);
    probe.rows.push_back({info.backend, info.id, info.path, Status::ok, 0, "not used", ""});
  }
  auto const looks = watch(candidates, clock);
  std::vector<SensorInfo> used;
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    auto const& info = candidates[k]->info();
    auto const row = std::find_if(probe.rows.begin(), probe.rows.end(), [&](auto const& r) {
      return r.id == info.id && r.status == Status::ok && r.role == "not used";
    });
    if (row != probe.rows.end()) judge(info, looks[k], *row);
    if (!looks[k].moved) continue;
    probe.sensors.push_back(candidates[k]);
    used.push_back(info);
  }
  auto const uses = choose_cover(used);
  for (std::size_t k = 0; k < used.size(); ++k)
    for (auto& row : probe.rows)
      if (row.id == used[k].id && row.status == Status::ok && row.role == "not used")
        row.role = uses[k] == Use::counted ? "counted" : "cross-check";
  probe.model = discover_node(tree, memory_gb);
  int const boards = static_cast<int>(std::count_if(
      used.begin(), used.end(), [](auto const& info) { return info.device == DeviceClass::gpu; }));
  probe.unseen_accelerators = std::max(0, count_accelerators(tree) - boards);
  model_rows(probe, tree);
  return probe;
}

}  // namespace crossjoule::meter
