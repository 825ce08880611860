// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/detail/import_rows.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace crossjoule::meter {
namespace {

/// One "NAME 1234mW/1200mW" or "NAME 1234/1200": rail and present power in mW.
std::optional<std::pair<std::string, double>> parse_rail(std::string const& name,
                                                         std::string const& figure) {
  bool const is_rail = name.starts_with("VDD") || name.starts_with("POM_") ||
                       name.starts_with("VIN") || name.find("_5V") != std::string::npos ||
                       name == "GPU" || name == "CPU" || name == "SOC" || name == "CV" ||
                       name == "VDDRQ" || name == "SYS5V";
  auto const slash = figure.find('/');
  if (!is_rail || slash == std::string::npos) return {};
  std::string now = figure.substr(0, slash);
  if (now.ends_with("mW")) now.resize(now.size() - 2);
  auto const milliwatt = parse_number(now);
  return milliwatt ? std::optional(std::pair(name, *milliwatt)) : std::nullopt;
}

DeviceClass rail_class(std::string const& rail) {
  auto const has = [&](char const* part) { return rail.find(part) != std::string::npos; };
  if (rail == "VIN" || rail.ends_with("_IN")) return DeviceClass::platform;
  if (has("CPU")) return DeviceClass::package;
  if (has("GPU")) return DeviceClass::gpu;
  if (has("DDR")) return DeviceClass::dram;
  return DeviceClass::rail;
}

/// "01-30-2023 14:25:10 RAM …": the newer versions put the time before the line.
std::optional<std::int64_t> tegrastats_time(std::string const& line, std::int64_t offset) {
  if (line.size() < 19 || line[2] != '-' || line[5] != '-') return {};
  return parse_time_ns(line.substr(6, 4) + "-" + line.substr(0, 2) + "-" + line.substr(3, 2) + " " +
                           line.substr(11, 8),
                       offset);
}

}  // namespace

Import detail::import_tegrastats(std::string_view text, std::string const& name,
                                 ImportOptions const& options) {
  Import import{LogFormat::tegrastats, {}, {}};
  std::map<std::string, TraceChannel> channels;
  std::int64_t number = 0;
  bool has_stamps = false;
  while (!text.empty()) {
    std::string const line(trim(text.substr(0, text.find('\n'))));
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (line.empty()) continue;
    auto stamp = tegrastats_time(line, options.zone_offset_s);
    has_stamps = has_stamps || stamp;
    if (!stamp && !has_stamps)
      stamp = static_cast<std::int64_t>(
          std::min(9e18, static_cast<double>(number) * options.interval_s * 1e9));
    ++number;
    std::string before;
    CsvReader words(line, ' ');
    auto const row = words.next().value_or(detail::Row{});
    for (auto const& word : row) {
      if (auto const rail = parse_rail(before, word)) {
        auto& channel = channels[rail->first];
        if (channel.info.id.empty()) {
          channel.info =
              detail::power_info("rail-" + rail->first, rail_class(rail->first), options.gain);
          if (channel.info.device != DeviceClass::platform)
            channel.info.contained_in = {"platform"};
        }
        detail::add_power(channel, stamp, rail->second * 1e-3);
      }
      before = word;
    }
  }
  if (!has_stamps)
    import.remarks.push_back(
        fmt::format("no time stamps: lines are taken {} s apart", options.interval_s));
  detail::finish(import, "tegrastats", channels, name, "tegrastats rails, measured-sampled");
  return import;
}

}  // namespace crossjoule::meter
