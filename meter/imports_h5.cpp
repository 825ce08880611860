// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "meter/imports.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace crossjoule::meter::detail {
namespace {

/// Joules per unit of an attribute set: perun writes a unit ("J", "Wh") and a magnitude, as a
/// number or by name.
double joule_of(core::H5File const& file, std::string const& group) {
  double factor = 1;
  if (file.has_attribute(group, "unit"))
    factor = joule_of_heading(file.attribute_text(group, "unit")).value_or(1);
  if (!file.has_attribute(group, "mag")) return factor;
  std::string const text = lower(file.attribute_text(group, "mag"));
  static std::map<std::string, double> const names = {
      {"one", 1},    {"milli", 1e-3}, {"micro", 1e-6}, {"nano", 1e-9}, {"kilo", 1e3},
      {"mega", 1e6}, {"giga", 1e9},   {"m", 1e-3},     {"u", 1e-6},    {"k", 1e3}};
  auto const dot = text.rfind('.');
  if (auto const known = names.find(dot == std::string::npos ? text : text.substr(dot + 1));
      known != names.end())
    return factor * known->second;
  return factor * parse_number(text).value_or(1);
}

std::optional<double> metric(core::H5File const& file, std::string const& group, char const* name) {
  std::string const path = group + "/metrics/" + name;
  if (!file.exists(path)) return {};
  for (char const* attribute : {"value", "sum", "mean"})
    if (file.has_attribute(path, attribute))
      if (auto const value = parse_number(file.attribute_text(path, attribute))) return *value;
  return {};
}

std::string base_name(std::string const& path) { return path.substr(path.rfind('/') + 1); }

DeviceClass class_of(std::string const& group) {
  if (group == "cpu") return DeviceClass::package;
  if (group == "gpu") return DeviceClass::gpu;
  if (group == "ram") return DeviceClass::dram;
  return DeviceClass::other;
}

/// Groups of devices (cpu, gpu, ram) below a node's group, wherever perun put it.
void collect(core::H5File const& file, std::string const& group, int depth,
             std::map<std::string, std::vector<std::string>>& by_node) {
  std::string const inner = group + "/nodes";
  if (depth > 8 || !file.exists(inner) || !file.is_group(inner)) return;
  for (auto const& child : file.children(inner)) {
    bool const is_group_of_devices = child == "cpu" || child == "gpu" || child == "ram";
    if (is_group_of_devices)
      by_node[group].push_back(inner + "/" + child);
    else
      collect(file, inner + "/" + child, depth + 1, by_node);
  }
}

}  // namespace

Import import_perun(std::filesystem::path const& path, ImportOptions const& options) {
  auto const file = core::H5File::open(path);
  std::map<std::string, std::vector<std::string>> by_node;
  for (auto const& app : file.children("/"))
    if (file.is_group("/" + app)) collect(file, "/" + app, 0, by_node);
  VALIDATE(!by_node.empty(), "{} is no perun result (no nodes with cpu, gpu or ram) name another",
           path.string());
  Import import{LogFormat::perun, {}, {}};
  for (auto const& [node, groups] : by_node) {
    std::vector<TraceChannel> channels;
    double second = 0;
    for (auto const& group : {node, groups.front()})
      if (auto const value = metric(file, group, "RUNTIME")) second = *value;
    for (auto const& group : groups) {
      auto const energy = metric(file, group, "ENERGY");
      if (!energy || !(*energy >= 0)) continue;
      double const joule = *energy * joule_of(file, group + "/metrics/ENERGY");
      if (joule == 0) {
        import.remarks.push_back(fmt::format("{}: 0 J, taken as no sensor", group));
        continue;
      }
      channels.push_back(total_channel(base_name(group), class_of(base_name(group)), joule, second,
                                       std::max(options.gain, 0.15)));
      channels.back().info.is_sampled = true;
    }
    if (channels.empty()) {
      import.remarks.push_back(fmt::format("{}: no energy", node));
      continue;
    }
    import.nodes.push_back(
        account_of(base_name(node), channels, "perun, sampled at 1 s as it comes: +-15 %"));
  }
  VALIDATE(!import.nodes.empty(),
           "{} holds no energy (perun had no sensor: its 0 W is no figure) "
           "meter the run again",
           path.string());
  return import;
}

namespace {

/// One member of a table of records, as doubles; empty where it has no such member.
std::vector<double> column(hid_t table, std::vector<std::string> const& names) {
  std::vector<double> values;
  hid_t const type = H5Dget_type(table), space = H5Dget_space(table);
  hssize_t const rows = H5Sget_simple_extent_npoints(space);
  bool const is_table =
      type >= 0 && H5Tget_class(type) == H5T_COMPOUND && rows > 0 && rows < 100'000'000;
  for (auto const& name : names) {
    if (!is_table || !values.empty() || H5Tget_member_index(type, name.c_str()) < 0) continue;
    hid_t const one = H5Tcreate(H5T_COMPOUND, sizeof(double));
    H5Tinsert(one, name.c_str(), 0, H5T_NATIVE_DOUBLE);
    values.resize(static_cast<std::size_t>(rows));
    if (H5Dread(table, one, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) values.clear();
    H5Tclose(one);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return values;
}

/// Groups "…/Nodes/<node>" that hold a table Energy, by node name.
std::vector<std::pair<std::string, std::string>> find_tables(core::H5File const& file) {
  std::vector<std::pair<std::string, std::string>> found;
  for (auto const& name : file.all_names()) {
    if (base_name(name) != "Energy" || file.is_group(name)) continue;
    std::string const parent = name.substr(0, name.rfind('/'));
    found.emplace_back(parent.empty() ? "node" : base_name(parent), name);
  }
  return found;
}

}  // namespace

Import import_slurm_profile(std::filesystem::path const& path, ImportOptions const& options) {
  // it refuses damaged files and outside links; closed again, since the library opens a file once
  auto const tables = find_tables(core::H5File::open(path));
  Import import{LogFormat::slurm_profile, {}, {}};
  hid_t const raw = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  for (auto const& [node, name] : tables) {
    hid_t const table = H5Dopen2(raw, name.c_str(), H5P_DEFAULT);
    if (table < 0) continue;
    auto watt = column(table, {"Power", "NodePower", "power"});
    auto time = column(table, {"EpochTime", "ElapsedTime", "Time", "time"});
    H5Dclose(table);
    TraceChannel channel;
    channel.info.id = "node", channel.info.name = "Slurm energy profile of " + node;
    channel.info.device = DeviceClass::node, channel.info.source = Source::power;
    channel.info.backend = "import", channel.info.gain = std::max(options.gain, 0.1);
    channel.info.max_watt = 1e5, channel.info.quantum_joule = 0,
    channel.info.unit = std::string("W");
    for (std::size_t k = 0; k < std::min(watt.size(), time.size()); ++k) {
      bool const is_sound = watt[k] > 0 && watt[k] < 1e6 && time[k] >= 0 && time[k] < 9e9;
      auto const stamp = static_cast<std::int64_t>(time[k] * 1e9);
      if (!is_sound)
        ++channel.unreadable;
      else if (!channel.time_ns.empty() && stamp <= channel.time_ns.back())
        ++channel.duplicates;
      else
        channel.time_ns.push_back(stamp), channel.readings.push_back({0, watt[k]});
    }
    if (channel.time_ns.size() < 2) {
      import.remarks.push_back(fmt::format("{}: no power above 0 W", name));
      continue;
    }
    channel.info.update_second =
        static_cast<double>(channel.time_ns.back() - channel.time_ns.front()) * 1e-9 /
        static_cast<double>(channel.time_ns.size() - 1);
    if (channel.unreadable > 0)
      import.remarks.push_back(fmt::format("{}: {} rows dropped", name, channel.unreadable));
    import.nodes.push_back(
        account_of(node, {channel}, "Slurm acct_gather profile, measured-sampled"));
  }
  if (raw >= 0) H5Fclose(raw);
  VALIDATE(!import.nodes.empty(),
           "{} holds no energy profile (no table Energy with power) ask for "
           "--profile=energy",
           path.string());
  return import;
}

}  // namespace crossjoule::meter::detail
