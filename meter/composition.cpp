// SPDX-License-Identifier: BSD-3-Clause
#include "meter/composition.hpp"

#include "core/error.hpp"
#include "meter/containment.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace crossjoule::meter {
namespace {

bool has(Composition const& node, DeviceClass device) {
  return std::any_of(node.channels.begin(), node.channels.end(),
                     [&](auto const& channel) { return channel->device().info.device == device; });
}

/// Is memory measured, alone or inside something? The rails of a Jetson feed its memory as well.
bool has_memory(Composition const& node) {
  return has(node, DeviceClass::dram) || has(node, DeviceClass::module) ||
         has(node, DeviceClass::rail);
}

/// Is there a counted sensor of the whole board or node?
bool has_around(Composition const& node) {
  std::vector<SensorInfo> infos;
  for (auto const& channel : node.channels) infos.push_back(channel->device().info);
  auto const uses = choose_cover(infos);
  for (std::size_t k = 0; k < uses.size(); ++k)
    if (uses[k] == Use::counted &&
        (infos[k].device == DeviceClass::node || infos[k].device == DeviceClass::platform))
      return true;
  return false;
}

bool covers_all(Composition const& node) {
  return std::any_of(node.channels.begin(), node.channels.end(), [](auto const& channel) {
    return channel->device().info.device == DeviceClass::node &&
           channel->device().use == Use::counted;
  });
}

/// Is it part of another device of its class (a spare, or one of all packages)?
bool is_repeated(Composition const& node, SensorInfo const& info) {
  return std::any_of(node.channels.begin(), node.channels.end(), [&](auto const& other) {
    auto const& outer = other->device().info;
    return outer.device == info.device && contains(outer, info);
  });
}

void append(std::string& terms, std::string const& term) {
  if (!terms.empty()) terms += "; ";
  terms += term;
}

/// Why there is no measured CPU energy, in a few words.
std::string reason(Probe const& probe) {
  for (auto const& row : probe.rows)
    if (row.backend == "powercap" && row.status == Status::denied)
      return "RAPL is there but denied to this user";
  for (auto const& row : probe.rows)
    if (row.backend == "powercap" &&
        (row.status == Status::phantom || row.status == Status::frozen))
      return "RAPL is there but its counter stands still";
  if (probe.model.is_guest) return "no sensor: a guest cannot see host joules";
  return "no sensor found";
}

void add_models(Composition& node, Probe const& probe, Tree const& tree) {
  bool const can_model_cpu = probe.model.hardware_threads > 0 && tree.exists("/proc/stat");
  if (!has(node, DeviceClass::package) && can_model_cpu)
    node.channels.push_back(make_cpu_model(probe.model, tree));
  bool const has_dram = has_memory(node) || has_around(node);
  if (!has_dram && probe.model.memory_gb > 0) node.channels.push_back(make_dram_model(probe.model));
}

void choose_uses(Composition& node, Probe& probe) {
  std::vector<SensorInfo> infos;
  for (auto const& channel : node.channels) infos.push_back(channel->device().info);
  auto const uses = choose_cover(infos);
  for (std::size_t k = 0; k < uses.size(); ++k) {
    node.channels[k]->device().use = uses[k];
    for (auto& row : probe.rows)
      if (row.backend == "model" && row.id == infos[k].id)
        row.role = uses[k] == Use::counted ? "counted" : "cross-check";
  }
}

bool is_named(SensorInfo const& info, MeterOptions const& options) {
  return std::count(options.used_gpus.begin(), options.used_gpus.end(), info.id) > 0;
}

void choose_chip(Composition& node, MeterOptions const& options) {
  node.in_chip.clear();
  // names that fit no board (a share of one has a name of its own) tell nothing
  bool const any_named =
      std::any_of(node.channels.begin(), node.channels.end(),
                  [&](auto const& channel) { return is_named(channel->device().info, options); });
  for (auto const& channel : node.channels) {
    auto const& info = channel->device().info;
    bool const is_used = !any_named || is_named(info, options);
    bool const is_chip = options.chip == Chip::cpu ? info.device == DeviceClass::package
                                                   : info.device == DeviceClass::gpu && is_used &&
                                                         info.id != hidden_boards_id;
    node.in_chip.push_back(is_chip && !is_repeated(node, info));
  }
}

bool channel_is_told(Channel const& channel) { return channel.device().info.backend == "relay"; }

/// Which boards are the job's: those its options name, and those the environment gives.
void choose_boards(Composition& node, MeterOptions const& options) {
  auto const allocation = find_allocation(process_environment());
  node.is_board.clear(), node.is_allocated.clear(), node.is_named.clear();
  int boards = 0, index = 0;
  for (auto const& channel : node.channels) {
    auto const& info = channel->device().info;
    bool const is_board = info.device == DeviceClass::gpu && !is_repeated(node, info);
    node.is_board.push_back(is_board);
    boards += is_board && info.id != hidden_boards_id;
  }
  for (std::size_t k = 0; k < node.channels.size(); ++k) {
    auto const& id = node.channels[k]->device().info.id;
    std::optional<bool> is_ours;
    node.is_named.push_back(node.is_board[k] && is_named(node.channels[k]->device().info, options));
    if (node.is_named[k])
      is_ours = true;
    else if (node.is_board[k] && channel_is_told(*node.channels[k]))
      is_ours = true;  // a control group gave it to a rank
    else if (node.is_board[k])
      is_ours = id == hidden_boards_id ? std::optional(false) : allocation.holds(id, index, boards);
    index += node.is_board[k];
    node.is_allocated.push_back(is_ours);
  }
}

void name_terms(Composition& node, Probe const& probe, MeterOptions const& options) {
  for (auto* terms :
       {&node.missing_system, &node.missing_chip, &node.assumed_system, &node.assumed_chip})
    terms->clear();
  bool const has_package = has(node, DeviceClass::package) || has(node, DeviceClass::module),
             has_platform = has_around(node);
  if (!has_package && !has_platform) append(node.missing_system, "CPU");
  if (!has_memory(node) && !has_platform) append(node.missing_system, "DRAM");
  for (auto const& row : probe.rows) {
    bool const is_lost_package =
        row.backend == "powercap" && row.id.rfind("package", 0) == 0 && row.status != Status::ok;
    bool const is_modelled =
        std::any_of(node.channels.begin(), node.channels.end(),
                    [](auto const& channel) { return channel->device().info.id == "cpu-model"; });
    if (!is_lost_package || is_modelled) continue;  // the model stands in for all sockets
    if (!has_platform)
      append(node.missing_system, fmt::format("{} ({})", row.id, to_string(row.status)));
    if (options.chip == Chip::cpu)
      append(node.missing_chip, fmt::format("{} ({})", row.id, to_string(row.status)));
  }
  bool const is_assumed = options.accelerator_idle_w > 0 || covers_all(node);
  if (probe.unseen_accelerators > 0 && !is_assumed)
    append(node.missing_system,
           fmt::format("{} accelerators without a sensor", probe.unseen_accelerators));
  else if (probe.unseen_accelerators > 0 && !covers_all(node))
    append(node.assumed_system, fmt::format("{} accelerators without a sensor at {:g} W each",
                                            probe.unseen_accelerators, options.accelerator_idle_w));
  if (std::find(node.in_chip.begin(), node.in_chip.end(), true) == node.in_chip.end())
    append(node.missing_chip, options.chip == Chip::cpu ? "CPU package" : "GPU board");
  for (auto const& channel : node.channels)
    if (channel->device().info.id == "dram-model" && channel->device().use == Use::counted)
      append(node.assumed_system, fmt::format("DRAM at {} W per GB of allocated memory",
                                              NodeModel::dram_watt_per_gb[1]));
  if (!covers_all(node))
    append(node.assumed_system,
           has_platform ? "losses of the power supply left out"
                        : "rest of the node (fans, network, disks, power supply) left out");
}

/// How people call the interface that a sensor is read through.
std::string family(SensorInfo const& info) {
  if (info.backend == "powercap" || info.backend == "perf") return "RAPL";
  if (info.backend == "cray") return "Cray pm_counters";
  if (info.backend == "ipmi") return "DCMI";
  if (info.backend == "jetson") return "INA3221";
  if (info.backend == "external") return "external meter";
  if (info.backend == "replay") return "REPLAY";
  return info.backend;
}

/// "RAPL package + dram, Cray pm_counters node": cores and the like of RAPL are told as well.
std::string sensors_of(Composition const& node, core::Kind& kind) {
  std::vector<std::pair<std::string, std::string>> families;  // in order of first sight
  for (auto const& channel : node.channels) {
    auto const& device = channel->device();
    auto const& info = device.info;
    bool const is_spare = info.id.find("-by-") != std::string::npos;
    bool const is_shown = device.use == Use::counted || family(info) == "RAPL";
    if (info.backend == "model" || is_spare || !is_shown) continue;
    kind = worst(kind, device.kind);
    std::string const name =
        info.device == DeviceClass::gpu ? info.name : std::string(to_string(info.device));
    std::string const who = info.device == DeviceClass::gpu ? "" : family(info);
    auto const known = std::find_if(families.begin(), families.end(),
                                    [&](auto const& one) { return one.first == who; });
    if (known == families.end())
      families.emplace_back(who, name);
    else if (known->second.find(name) == std::string::npos || info.device == DeviceClass::gpu)
      known->second += " + " + name;
  }
  std::string text;
  for (bool const boards : {false, true})
    for (auto const& [who, names] : families)
      if (who.empty() == boards)
        text += (text.empty() ? "" : " + ") + who + (boards ? "" : " ") + names;
  return text;
}

std::string headline_of(Composition const& node, Probe const& probe) {
  auto kind = core::Kind::measured_counter;
  std::string measured = sensors_of(node, kind), models;
  for (auto const& channel : node.channels) {
    auto const& device = channel->device();
    bool const is_dram = device.info.device == DeviceClass::dram;
    if (device.info.backend == "model" && (device.use == Use::counted || !covers_all(node)))
      models += (models.empty() ? "" : " and ") + std::string(is_dram ? "DRAM" : "CPU");
  }
  if (!measured.empty()) measured += fmt::format(", {}", to_string(kind));
  if (models.empty())
    return measured.empty() ? "no joules at all: neither sensors nor /proc/stat" : measured;
  if (measured.empty()) return fmt::format("MODELLED ({})", reason(probe));
  bool const cpu_is_modelled = models.find("CPU") != std::string::npos;
  return measured + "; MODELLED " + models +
         (cpu_is_modelled ? fmt::format(" ({})", reason(probe)) : "");
}

void demand_measured(Composition const& node, Probe const& probe) {
  bool is_measured = false;
  for (std::size_t k = 0; k < node.channels.size(); ++k)
    if (node.in_chip[k]) is_measured = core::is_measured(node.channels[k]->device().kind);
  if (is_measured && node.missing_chip.empty()) return;
  std::string const why = is_measured ? "not all of it: " + node.missing_chip : reason(probe);
  core::fail(core::ExitCode::missing,
             "no measured joules ({}) drop --require-measured, or see `crossjoule devices` for "
             "what would help",
             why);
}

}  // namespace

Composition compose(Probe& probe, Tree const& tree, MeterOptions const& options) {
  Composition node;
  for (auto const& sensor : probe.sensors) node.channels.push_back(make_channel(sensor));
  add_models(node, probe, tree);
  if (probe.unseen_accelerators > 0 && options.accelerator_idle_w > 0)
    node.channels.push_back(
        make_hidden_boards(probe.unseen_accelerators, options.accelerator_idle_w));
  choose_uses(node, probe);
  choose_chip(node, options);
  choose_boards(node, options);
  name_terms(node, probe, options);
  node.headline = headline_of(node, probe);
  if (options.require == Requirement::measured) demand_measured(node, probe);
  return node;
}

void adopt(Composition& node, Probe& probe, std::shared_ptr<Sensor> const& board,
           MeterOptions const& options) {
  auto const& info = board->info();
  node.channels.push_back(make_channel(board));
  probe.unseen_accelerators = std::max(0, probe.unseen_accelerators - 1);
  choose_uses(node, probe), choose_chip(node, options), choose_boards(node, options);
  name_terms(node, probe, options);
  node.headline = headline_of(node, probe);
  bool const is_counted = node.channels.back()->device().use == Use::counted;
  probe.rows.push_back({info.backend, info.id, info.path, Status::ok, 0,
                        is_counted ? "counted" : "cross-check", "told by the rank that sees it",
                        info.unit, 0, info.update_second, info.gain});
}

}  // namespace crossjoule::meter
