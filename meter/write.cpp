// SPDX-License-Identifier: BSD-3-Clause
#include "meter/account.hpp"

#include "meter/cross_check.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <limits>

namespace crossjoule::meter {
namespace {

constexpr std::int64_t format_version = 1;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Text columns are stored as they are, an empty cell as "-".
std::string cell(std::string const& text) { return text.empty() ? "-" : text; }

/// A name from outside as one link of a path.
std::string link(std::string text) {
  std::replace(text.begin(), text.end(), '/', '_');
  return cell(text);
}

/// Two nodes may share a host name (containers): the later ones get a number.
std::vector<std::string> node_names(std::vector<NodeAccount> const& nodes) {
  std::vector<std::string> names;
  for (auto const& node : nodes) {
    std::string const base = link(node.host);
    std::string name = base;
    for (int k = 2; std::count(names.begin(), names.end(), name) > 0; ++k)
      name = fmt::format("{}-{}", base, k);
    names.push_back(name);
  }
  return names;
}

void write_series(core::H5File& file, std::string const& path, Series const& series,
                  Device const& device) {
  file.write(path + "/t_ns", series.time_ns, {"ns", "steady time of each sample"});
  if (device.info.source == Source::counter)
    file.write(path + "/counter", series.counter, {"1", "raw counter, in quanta of quantum_joule"});
  else
    file.write(path + "/power_watt", series.power_watt, {"W", "power of each sample"});
}

void write_device(core::H5File& file, std::string const& path, NodeAccount const& node,
                  std::size_t k) {
  Device const& device = node.ledger.devices[k];
  SensorInfo const& info = device.info;
  write_series(file, path, node.series[k], device);
  auto const text = [&](char const* name, std::string_view value) {
    file.attribute(path, name, value);
  };
  text("kind", core::to_string(device.kind)), text("class", to_string(info.device));
  text("use", device.use == Use::counted ? "counted" : "cross-check");
  text("backend", info.backend), text("path", info.path), text("name", info.name);
  std::string outer;
  for (auto const& id : info.contained_in) outer += (outer.empty() ? "" : " ") + id;
  text("contained_in", outer);
  if (k < node.ledger.standing.size() && node.ledger.standing[k] != Standing::none)
    text("standing", to_string(node.ledger.standing[k]));
  file.attribute(path, "quantum_joule", info.quantum_joule),
      file.attribute(path, "update_s", info.update_second);
  file.attribute(path, "accuracy", info.gain),
      file.attribute(path, "modulus", fmt::format("{}", info.modulus).c_str());
  file.attribute(path, "max_watt", info.max_watt);  // the enforced limit, where a board has one
  Flow const& flow = node.ledger.flows[k];
  auto const count = [&](char const* name, std::int64_t value) {
    file.attribute(path, name, value);
  };
  count("reads", flow.reads), count("failed_reads", flow.failed), count("stale_reads", flow.stale);
  text("unit", info.unit), text("largest_error_term", node.ledger.largest_term[k]);
  text("accuracy_basis", "stated by vendor or literature, not checked here: assumed");
  file.attribute(path, "frozen_s", static_cast<double>(flow.frozen_ns) * 1e-9);
  count("wraps", flow.wraps), count("resets", flow.resets), count("gaps", flow.gaps);
  file.attribute(path, "covered_s", static_cast<double>(flow.covered_ns) * 1e-9);
  if (info.id == "cpu-model") file.attribute(path, "stolen_thread_s", flow.stolen_second);
}

void write_probe(core::H5File& file, std::string const& path, std::vector<NodeAccount> const& nodes,
                 std::vector<std::string> const& names) {
  std::vector<std::string> host, backend, id, where, status, role, advice;
  std::vector<std::int32_t> error_number;
  std::vector<std::string> unit;
  std::vector<double> wrap, update, accuracy;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    for (auto const& row : nodes[n].probe) {
      host.push_back(names[n]), backend.push_back(cell(row.backend)), id.push_back(cell(row.id));
      where.push_back(cell(row.path)), status.emplace_back(to_string(row.status)),
          role.push_back(cell(row.role));
      unit.push_back(cell(row.unit)), wrap.push_back(row.wrap_joule);
      update.push_back(row.update_second), accuracy.push_back(row.accuracy);
      advice.push_back(cell(row.advice)), error_number.push_back(row.error_number);
    }
  if (host.empty()) return;
  file.write_strings(path + "/host", host, "node");
  file.write_strings(path + "/backend", backend, "interface that was tried");
  file.write_strings(path + "/id", id, "sensor");
  file.write_strings(path + "/path", where, "file or library call");
  file.write_strings(path + "/status", status,
                     "ok, denied, absent, phantom, frozen or implausible");
  file.write_strings(path + "/role", role, "counted, cross-check, duplicate or not used");
  file.write_strings(path + "/advice", advice, "what to do about it");
  file.write_strings(path + "/unit", unit, "of the raw figure");
  file.write(path + "/wrap_joule", wrap, {"J", "range of the counter, 0 where it never wraps"});
  file.write(path + "/update_s", update, {"s", "stated update period"});
  file.write(path + "/accuracy", accuracy, {"1", "stated relative gain, coverage factor 2"});
  file.write(path + "/error_number", error_number,
             {"1", "errno or the library's code, 0 for none"});
}

/// Arrays [node, device, phase] of one kind; NaN where a device is of another kind or was not read.
struct Cube {
  std::vector<double> low, value, high;
  bool used = false;
};

void write_joules(core::H5File& file, std::string const& group,
                  std::vector<NodeAccount> const& nodes) {
  std::size_t devices = 0;
  for (auto const& node : nodes) devices = std::max(devices, node.ledger.devices.size());
  for (auto kind : {core::Kind::measured_counter, core::Kind::measured_sampled,
                    core::Kind::modelled, core::Kind::assumed}) {
    Cube cube;
    cube.low.assign(nodes.size() * devices * phase_count, nothing),
        cube.value = cube.high = cube.low;
    for (std::size_t n = 0; n < nodes.size(); ++n)
      for (std::size_t d = 0; d < nodes[n].ledger.devices.size(); ++d)
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
          auto const& joules = nodes[n].ledger.joules[phase][d];
          if (nodes[n].ledger.devices[d].kind != kind || !joules.present()) continue;
          std::size_t const at = (n * devices + d) * phase_count + phase;
          cube.low[at] = joules.low.value, cube.value[at] = joules.value.value,
          cube.high[at] = joules.high.value;
          cube.used = true;
        }
    if (!cube.used) continue;
    std::vector<std::int64_t> const shape = {static_cast<std::int64_t>(nodes.size()),
                                             static_cast<std::int64_t>(devices),
                                             static_cast<std::int64_t>(phase_count)};
    std::string const base = joules_path(kind, group);
    file.write<double>(base, std::span<double const>(cube.value), shape,
                       {"J", "energy by node, device and phase"});
    file.write<double>(base + "_low", std::span<double const>(cube.low), shape,
                       {"J", "lower end of the interval"});
    file.write<double>(base + "_high", std::span<double const>(cube.high), shape,
                       {"J", "upper end of the interval"});
  }
}

void write_phases(core::H5File& file, std::string const& path,
                  std::vector<NodeAccount> const& nodes) {
  std::vector<std::string> names;
  for (std::size_t phase = 0; phase < phase_count; ++phase)
    names.emplace_back(to_string(static_cast<Phase>(phase)));
  file.write_strings(path + "/name", names, "the last axis of /joules");
  std::vector<double> seconds;
  for (auto const& node : nodes)
    for (auto const& time : node.ledger.seconds) seconds.push_back(time.value);
  file.write<double>(
      path + "/seconds", std::span<double const>(seconds),
      {static_cast<std::int64_t>(nodes.size()), static_cast<std::int64_t>(phase_count)},
      {"s", "time in each phase by node"});
}

void write_regions(core::H5File& file, std::string const& path, NodeAccount const& node) {
  auto const& regions = node.ledger.regions;
  if (regions.empty() || node.ledger.devices.empty()) return;
  std::vector<std::string> name, phase;
  std::vector<std::int64_t> count;
  std::vector<double> seconds, low, value, high;
  for (auto const& region : regions) {
    name.push_back(cell(region.name)), phase.emplace_back(to_string(region.phase));
    count.push_back(region.count), seconds.push_back(region.seconds.value);
    for (std::size_t k = 0; k < node.ledger.devices.size(); ++k) {
      auto const joules =
          k < region.joules.size() ? region.joules[k] : core::Quantity<core::Joules>{};
      low.push_back(joules.present() ? joules.low.value : nothing);
      value.push_back(joules.present() ? joules.value.value : nothing);
      high.push_back(joules.present() ? joules.high.value : nothing);
    }
  }
  std::vector<std::int64_t> const shape = {static_cast<std::int64_t>(regions.size()),
                                           static_cast<std::int64_t>(node.ledger.devices.size())};
  file.write_strings(path + "/name", name, "regions of the reader's rank, \"(outside)\" first");
  file.write_strings(path + "/phase", phase, "phase of the region");
  file.write(path + "/count", count, {"1", "times it was opened"});
  file.write(path + "/seconds", seconds, {"s", "time in which it was innermost"});
  file.write<double>(path + "/joules", std::span<double const>(value), shape,
                     {"J", "energy of the node while it was innermost, by device"});
  file.write<double>(path + "/joules_low", std::span<double const>(low), shape,
                     {"J", "lower end of the interval"});
  file.write<double>(path + "/joules_high", std::span<double const>(high), shape,
                     {"J", "upper end of the interval"});
}

void write_spans(core::H5File& file, std::string const& path, std::vector<PhaseSpan> const& spans) {
  if (spans.empty()) return;
  std::vector<std::int64_t> begin, end;
  std::vector<std::uint8_t> phase;
  for (auto const& span : spans) {
    begin.push_back(span.begin_ns), end.push_back(span.end_ns);
    phase.push_back(static_cast<std::uint8_t>(span.phase));
  }
  file.write(path + "/begin_ns", begin, {"ns", "steady time"});
  file.write(path + "/end_ns", end, {"ns", "steady time, where the next span begins"});
  file.write(path + "/phase", phase,
             {"1", "phase that took most of the span, a row of /energy/phases"});
}

void write_checks(core::H5File& file, std::string const& path, NodeAccount const& node) {
  std::vector<std::string> what;
  std::vector<double> ratio;
  for (auto const& check : cross_checks(node.ledger))
    what.push_back(check.what), ratio.push_back(check.ratio);
  auto const level = power_level(node.ledger);
  file.attribute(path, "eehpcwg_level", std::int64_t{level.level});
  file.attribute(path, "eehpcwg_why_not_next", level.why_not_next);
  std::string events;
  for (auto const& event : node.ledger.events) events += (events.empty() ? "" : "; ") + event;
  file.attribute(path, "events", events);
  if (what.empty()) return;
  file.write_strings(path + "/cross_checks/what", what, "two figures of one energy");
  file.write(path + "/cross_checks/ratio", ratio, {"1", "the first over the second"});
}

void write_baseline(core::H5File& file, std::string const& path,
                    std::vector<NodeAccount> const& nodes, std::vector<std::string> const& names) {
  std::vector<std::string> host, id;
  std::vector<double> low, value, high, drift;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    for (std::size_t d = 0; d < nodes[n].idle_baseline.size(); ++d) {
      auto const& watts = nodes[n].idle_baseline[d];
      if (!watts.present()) continue;
      host.push_back(names[n]), id.push_back(nodes[n].ledger.devices[d].info.id);
      drift.push_back(d < nodes[n].idle_drift.size() ? nodes[n].idle_drift[d] : nothing);
      low.push_back(watts.low.value), value.push_back(watts.value.value),
          high.push_back(watts.high.value);
    }
  if (host.empty()) return;
  file.write_strings(path + "/host", host, "node");
  file.write_strings(path + "/device", id, "sensor or model");
  file.write(path + "/power_watt", value, {"W", "mean power while all ranks slept"});
  file.write(path + "/power_watt_low", low, {"W", "lower end of the interval"});
  file.write(path + "/power_watt_high", high, {"W", "upper end of the interval"});
  file.write(path + "/drift", drift,
             {"1", "second baseline over the first, less 1; NaN: one only"});
}

void write_accelerators(core::H5File& file, std::string const& path,
                        std::vector<NodeAccount> const& nodes,
                        std::vector<std::string> const& names) {
  std::vector<std::string> host, standing;
  std::vector<std::int64_t> count;
  std::vector<double> low, value, high;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    for (auto const& some : nodes[n].ledger.accelerators()) {
      bool const has = some.energy.present();
      host.push_back(names[n]), standing.emplace_back(to_string(some.standing));
      count.push_back(some.count), low.push_back(has ? some.energy.low.value : nothing);
      value.push_back(has ? some.energy.value.value : nothing);
      high.push_back(has ? some.energy.high.value : nothing);
    }
  if (host.empty()) return;
  file.write_strings(path + "/host", host, "node");
  file.write_strings(path + "/standing", standing,
                     "used, idle-allocated, idle-unallocated, others (busy, not this job's) or "
                     "\"allocated, use unknown\"");
  file.write(path + "/count", count, {"1", "boards"});
  file.write(path + "/joules", value, {"J", "their energy"});
  file.write(path + "/joules_low", low, {"J", "lower end of the interval"});
  file.write(path + "/joules_high", high, {"J", "upper end of the interval"});
}

}  // namespace

std::string joules_path(core::Kind kind, std::string const& group) {
  std::string name(core::to_string(kind));
  std::replace(name.begin(), name.end(), '-', '_');
  return group + "/joules/" + name;
}

void write(core::H5File& file, std::vector<NodeAccount> const& nodes, std::string const& group) {
  auto const names = node_names(nodes);
  std::vector<std::string> order;  // what the device axis of /joules means
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    std::string const path = group + "/nodes/" + names[n];
    std::string ids;
    for (std::size_t k = 0; k < nodes[n].ledger.devices.size(); ++k) {
      auto const& id = nodes[n].ledger.devices[k].info.id;
      write_device(file, path + "/devices/" + link(id), nodes[n], k);
      ids += (ids.empty() ? "" : " ") + id;
    }
    order.push_back(cell(ids));
    file.write_text(path + "/headline", nodes[n].headline, "how this node was weighed");
    file.attribute(path, "sampler_cpu_s", nodes[n].sampler_cpu_second);
    file.attribute(path, "utc_minus_steady_ns", nodes[n].utc_minus_steady_ns);
    write_regions(file, path + "/regions", nodes[n]);
    write_checks(file, path, nodes[n]);
    write_spans(file, path + "/spans", nodes[n].spans);
    file.attribute(path, "device_order", ids);
    for (auto const& [name, value] : nodes[n].model_facts)
      file.attribute(path + "/headline", "model_" + name, value);
  }
  if (!nodes.empty()) {
    file.write_strings(group + "/node", names, "the first axis of /joules");
    file.write_strings(group + "/device_order", order, "the second axis of /joules, by node");
    write_phases(file, group + "/phases", nodes);
    write_joules(file, group, nodes);
  }
  write_probe(file, group + "/probe", nodes, names);
  write_baseline(file, group + "/baseline", nodes, names);
  write_accelerators(file, group + "/accelerators", nodes, names);
  file.write_text(group + "/headline", nodes.empty() ? "no reader" : nodes.front().headline,
                  "how the energy was found");
  file.attribute(group, "format", format_version);
}

}  // namespace crossjoule::meter
