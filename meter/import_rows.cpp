// SPDX-License-Identifier: BSD-3-Clause
#include "meter/detail/import_rows.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace crossjoule::meter::detail {

void add_power(TraceChannel& channel, std::optional<std::int64_t> stamp,
               std::optional<double> watt) {
  if (!stamp || !watt || *watt < 0 || *watt > 1e7) {
    ++channel.unreadable;
  } else if (!channel.time_ns.empty() && *stamp <= channel.time_ns.back()) {
    ++(*stamp == channel.time_ns.back() ? channel.duplicates : channel.out_of_order);
  } else {
    channel.time_ns.push_back(*stamp), channel.readings.push_back({0, *watt});
  }
}

SensorInfo power_info(std::string id, DeviceClass device, double gain) {
  SensorInfo info;
  info.id = std::move(id), info.name = info.id, info.device = device, info.backend = "import";
  info.source = Source::power, info.quantum_joule = 0, info.gain = gain, info.max_watt = 1e5;
  info.unit = std::string("W");
  return info;
}

namespace {

/// The usual step of a channel is its update period.
void set_period(TraceChannel& channel) {
  std::vector<std::int64_t> steps;
  for (std::size_t k = 1; k < channel.time_ns.size(); ++k)
    steps.push_back(channel.time_ns[k] - channel.time_ns[k - 1]);
  if (steps.empty()) return;
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2),
                   steps.end());
  channel.info.update_second = static_cast<double>(steps[steps.size() / 2]) * 1e-9;
}

}  // namespace

void tell_faults(Import& import, TraceChannel const& channel) {
  for (auto const& [what, count] : {std::pair{"unreadable", channel.unreadable},
                                    {"duplicate", channel.duplicates},
                                    {"out of order", channel.out_of_order}})
    if (count > 0)
      import.remarks.push_back(
          fmt::format("{}: {} rows dropped ({})", channel.info.id, count, what));
}

void finish(Import& import, std::string const& host, std::map<std::string, TraceChannel>& channels,
            std::string const& name, std::string const& headline) {
  std::vector<TraceChannel> all;
  for (auto& [id, channel] : channels) {
    set_period(channel), tell_faults(import, channel);
    if (!channel.time_ns.empty()) all.push_back(std::move(channel));
  }
  VALIDATE(!all.empty(), "{} holds no reading (every row was unreadable) check its columns", name);
  import.nodes.push_back(account_of(host, all, headline));
}

}  // namespace crossjoule::meter::detail
