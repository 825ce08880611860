// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/detail/import_rows.hpp"
#include "meter/imports.hpp"
#include "meter/tree.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace crossjoule::meter {
namespace {

using detail::finish;
using detail::power_info;
using detail::Row;
using detail::tell_faults;

/// A table with named columns; names are compared without case.
class Columns {
 public:
  explicit Columns(Row const& heading) {
    for (std::size_t k = 0; k < heading.size(); ++k) names_.push_back(lower(trim(heading[k])));
  }
  /// The first column whose name starts so, -1 for none.
  int find(std::string_view start) const {
    for (std::size_t k = 0; k < names_.size(); ++k)
      if (names_[k].starts_with(start)) return static_cast<int>(k);
    return -1;
  }
  std::string const& name(int k) const { return names_[static_cast<std::size_t>(k)]; }

 private:
  std::vector<std::string> names_;
};
std::string cell(Row const& row, int k) {
  return k >= 0 && k < static_cast<int>(row.size()) ? row[static_cast<std::size_t>(k)] : "";
}

Import nvidia_smi(std::string_view text, std::string const& name, ImportOptions const& options) {
  CsvReader reader(text);
  auto const heading = reader.next();
  VALIDATE(heading.has_value(), "{} is empty (no heading) give a log", name);
  Columns const columns(*heading);
  int const time = columns.find("timestamp"), power = columns.find("power.draw");
  VALIDATE(time >= 0 && power >= 0,
           "{} is no nvidia-smi log (no columns timestamp and power.draw) query both", name);
  int who = -1;  // what tells boards apart, the best first
  for (char const* name : {"uuid", "gpu_uuid", "pci.bus_id", "serial", "index"})
    if (who < 0) who = columns.find(name);
  double const unit = watt_of_heading(columns.name(power)).value_or(1);
  Import import{LogFormat::nvidia_smi, {}, {}};
  std::map<std::string, TraceChannel> channels;
  while (auto const row = reader.next()) {
    if (cell(*row, time) == (*heading)[static_cast<std::size_t>(time)]) continue;  // logs joined
    std::string const board = cell(*row, who), id = "gpu-" + (board.empty() ? "0" : board);
    auto& channel = channels[id];
    if (channel.info.id.empty()) channel.info = power_info(id, DeviceClass::gpu, options.gain);
    detail::add_power(channel, parse_time_ns(cell(*row, time), options.zone_offset_s),
                      parse_watt(cell(*row, power), unit));
  }
  if (who < 0)
    import.remarks.emplace_back(
        "no column tells boards apart (uuid, pci.bus_id, index): all rows are taken for one board");
  else if (columns.name(who) == "index")
    import.remarks.emplace_back(
        "boards are told apart by index: ranks with one visible "
        "board each all call theirs 0");
  finish(import, "nvidia-smi", channels, name, "nvidia-smi power.draw, measured-sampled");
  return import;
}

/// "1-02:03:04", "02:03:04", "03:04.5" in seconds.
std::optional<double> parse_elapsed(std::string text) {
  double days = 0;
  if (auto const dash = text.find('-'); dash != std::string::npos) {
    auto const value = parse_number(text.substr(0, dash));
    if (!value) return {};
    days = *value, text = text.substr(dash + 1);
  }
  double second = 0;
  while (true) {
    auto const colon = text.find(':');
    auto const value = parse_number(text.substr(0, colon));
    if (!value || *value < 0) return {};
    second = 60 * second + *value;
    if (colon == std::string::npos) return days * 86400 + second;
    text = text.substr(colon + 1);
  }
}

/// Joules of a cell of ConsumedEnergyRaw, or of ConsumedEnergy: "1.05M", powers of 1000. The
/// plug-in writes 0 or the largest numbers where it knows nothing.
std::optional<double> parse_consumed(std::string text) {
  constexpr std::string_view prefixes = "KMGTP";
  double unit = 1;
  auto const prefix = text.empty() ? std::string_view::npos : prefixes.find(text.back());
  if (prefix != std::string_view::npos)
    unit = std::pow(1000.0, static_cast<double>(prefix + 1)), text.pop_back();
  auto const number = parse_number(text);
  bool const is_known = number && *number > 0 && *number * unit < 1e15;
  return is_known ? std::optional(*number * unit) : std::nullopt;
}

Import sacct(std::string_view text, std::string const& name, ImportOptions const& options) {
  char const separator =
      text.substr(0, text.find('\n')).find('|') != std::string_view::npos ? '|' : ',';
  CsvReader reader(text, separator);
  auto const heading = reader.next();
  Columns const columns(heading.value_or(Row{}));
  int const id = columns.find("jobid"), raw = columns.find("consumedenergyraw"),
            energy = raw >= 0 ? raw : columns.find("consumedenergy"),
            elapsed = columns.find("elapsed"), nodes = columns.find("nodelist");
  VALIDATE(
      id >= 0 && energy >= 0,
      "{} is no sacct output (no columns JobID and ConsumedEnergyRaw) use sacct --parsable2 -o "
      "JobID,Elapsed,ConsumedEnergyRaw,NodeList",
      name);
  struct Job {
    std::optional<double> own, steps;
    double second = 0;
    std::string nodes;
  };
  std::map<std::string, Job> jobs;
  Import import{LogFormat::sacct, {}, {}};
  while (auto const row = reader.next()) {
    std::string const full = cell(*row, id), job = full.substr(0, full.find('.'));
    auto& entry = jobs[job];
    auto const joule = parse_consumed(cell(*row, energy));
    bool const is_step = full.find('.') != std::string::npos;
    bool const is_numbered =
        is_step && full.find_first_not_of("0123456789", full.find('.') + 1) == std::string::npos;
    if (!joule) {
      import.remarks.push_back(
          fmt::format("{}: no energy (the plug-in wrote '{}')", full, cell(*row, energy)));
    } else if (!is_step) {
      entry.own = *joule;
    } else if (is_numbered || full.ends_with(".batch")) {
      entry.steps = entry.steps.value_or(0) + *joule;
    }
    if (auto const second = parse_elapsed(cell(*row, elapsed)))
      entry.second = is_step ? std::max(entry.second, *second) : *second;
    if (!cell(*row, nodes).empty()) entry.nodes = cell(*row, nodes);
  }
  for (auto const& [job, entry] : jobs) {
    auto const joule = entry.own ? entry.own : entry.steps;
    if (!joule) continue;
    auto channel = detail::total_channel("job-" + job, DeviceClass::node, *joule, entry.second,
                                         std::max(options.gain, 0.1));
    channel.info.is_sampled = true;
    import.nodes.push_back(account_of(entry.nodes.empty() ? "job-" + job : entry.nodes, {channel},
                                      "Slurm ConsumedEnergy, measured-sampled"));
  }
  if (raw < 0)
    import.remarks.emplace_back(
        "ConsumedEnergy is rounded to three digits and less: ask for ConsumedEnergyRaw");
  import.remarks.emplace_back(
      "Slurm's figure is the nodes' whole energy: on shared nodes it holds "
      "other users' too");
  VALIDATE(!import.nodes.empty(),
           "{} holds no energy (no job has ConsumedEnergyRaw above 0) ask the "
           "site for an acct_gather_energy plug-in",
           name);
  return import;
}

Import codecarbon(std::string_view text, std::string const& name, ImportOptions const& options) {
  CsvReader reader(text);
  Columns const columns(reader.next().value_or(Row{}));
  int const duration = columns.find("duration"), total = columns.find("energy_consumed");
  VALIDATE(duration >= 0 && total >= 0,
           "{} is no emissions.csv (no columns duration and energy_consumed) name another", name);
  constexpr double joule_per_kwh = 3.6e6;
  Import import{LogFormat::codecarbon, {}, {}};
  int const run = columns.find("run_id"), stamp = columns.find("timestamp");
  std::vector<std::pair<std::string, double>> seen;
  while (auto const row = reader.next()) {
    auto const second = parse_number(cell(*row, duration));
    std::vector<TraceChannel> channels;
    for (auto const& [part, device] : {std::pair{"cpu", DeviceClass::package},
                                       {"gpu", DeviceClass::gpu},
                                       {"ram", DeviceClass::dram}}) {
      auto const kwh = parse_number(cell(*row, columns.find(std::string(part) + "_energy")));
      bool const is_sound =
          kwh && second && *kwh >= 0 && *kwh < 1e5 && *second >= 0 && *second < 1e9;
      if (!is_sound) continue;
      if (*kwh == 0) continue;  // it writes 0 where it has no figure
      channels.push_back(
          detail::total_channel(part, device, *kwh * joule_per_kwh, *second, options.gain));
    }
    if (channels.empty()) {
      import.remarks.push_back(fmt::format("line {}: no energy, dropped", reader.line()));
      continue;
    }
    std::string const id =
        cell(*row, run).empty() ? fmt::format("run-{}", import.nodes.size()) : cell(*row, run);
    auto account = account_of(id, channels, "CodeCarbon, MODELLED (its file does not say)");
    for (std::size_t k = 0; k < account.ledger.devices.size(); ++k) {
      account.ledger.devices[k].kind = core::Kind::modelled;
      auto& joules = account.ledger.total[k];
      // a modelled figure of unknown inputs: a factor 2 either way, as our own model has
      joules = {
          {0.5 * joules.value.value}, joules.value, {2 * joules.value.value}, core::Kind::modelled};
      for (std::size_t phase = 0; phase < phase_count; ++phase) {
        auto& part = account.ledger.joules[phase][k];
        part = part.value.value > 0
                   ? joules
                   : core::Quantity<core::Joules>::exactly({0}, core::Kind::modelled);
      }
    }
    import.nodes.push_back(std::move(account));
    seen.emplace_back(cell(*row, stamp), *second);
  }
  for (std::size_t k = 1; k < seen.size(); ++k)
    if (std::abs(seen[k].second - seen[k - 1].second) < 0.1 * seen[k].second &&
        seen[k].first.substr(0, 18) == seen[k - 1].first.substr(0, 18))
      import.remarks.push_back(
          fmt::format("rows {} and {} end together: under MPI each row holds the "
                      "whole node, so their sum counts it twice",
                      k, k + 1));
  VALIDATE(!import.nodes.empty(), "{} holds no energy (every row was unreadable) name another",
           name);
  return import;
}

}  // namespace

Import import_text(std::string_view text, LogFormat format, std::string const& name,
                   ImportOptions const& options) {
  switch (format) {
    case LogFormat::nvidia_smi: return nvidia_smi(text, name, options);
    case LogFormat::sacct: return sacct(text, name, options);
    case LogFormat::tegrastats: return detail::import_tegrastats(text, name, options);
    case LogFormat::codecarbon: return codecarbon(text, name, options);
    case LogFormat::trace: {
      Import import{format, {}, {}};
      auto const channels = parse_trace(text, name);
      for (auto const& channel : channels) tell_faults(import, channel);
      import.nodes.push_back(account_of("trace", channels, "recorded trace"));
      return import;
    }
    default:
      core::fail(core::ExitCode::bad_input,
                 "{} is a log of {} (no list of powers or energies) use "
                 "the reader of that format",
                 name, to_string(format));
  }
}

}  // namespace crossjoule::meter
