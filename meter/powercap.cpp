// SPDX-License-Identifier: BSD-3-Clause
#include "meter/powercap.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <set>

namespace crossjoule::meter {
namespace {

constexpr char const* powercap_root = "/sys/class/powercap";

/// One zone folder: "intel-rapl:0:1" below its parent "intel-rapl:0".
struct Zone {
  std::string folder, path, name, parent;
  bool is_mmio = false;
};

class PowercapSensor : public Sensor {
 public:
  PowercapSensor(SensorInfo info, int descriptor) : Sensor(std::move(info)), file_(descriptor) {}
  std::optional<Reading> read() override {
    auto const counter = file_.read_number();
    if (!counter) return {};
    return Reading{*counter, 0};
  }

 private:
  OpenFile file_;
};

std::string parent_of(std::string const& folder) {
  auto const first = folder.find(':');
  auto const last = folder.rfind(':');
  return first == last ? "" : folder.substr(0, last);
}

/// Real trees list all zones side by side (as links) and inside one another; either may be missing
/// in a copy, and each zone counts once.
void collect(Tree const& tree, std::string const& folder, int depth,
             std::map<std::string, Zone>& zones, std::vector<std::string>& order) {
  for (auto const& child : tree.children(folder)) {
    if (child.rfind("intel-rapl", 0) != 0 || child.find(':') == std::string::npos) continue;
    if (zones.count(child) == 0) {
      std::string const path = folder + "/" + child;
      zones[child] = {child, path, tree.text(path + "/name").value_or(""), parent_of(child),
                      child.rfind("intel-rapl-mmio", 0) == 0};
      order.push_back(child);
    }
    if (depth < 2) collect(tree, zones[child].path, depth + 1, zones, order);
  }
}

std::optional<DeviceClass> class_of(std::string const& name) {
  if (name.rfind("package", 0) == 0) return DeviceClass::package;
  if (name.rfind("psys", 0) == 0) return DeviceClass::platform;
  if (name == "core") return DeviceClass::core;
  if (name == "uncore") return DeviceClass::uncore;
  if (name == "dram") return DeviceClass::dram;
  return {};
}

/// Accuracies are not calibrated here: vendor and literature values, taken as k = 2.
double gain_of(DeviceClass device, std::string const& vendor) {
  if (device == DeviceClass::dram) return 0.20;
  return vendor == "GenuineIntel" ? 0.05 : 0.10;
}

double bound_watt(DeviceClass device) {
  switch (device) {
    case DeviceClass::platform: return 4000;
    case DeviceClass::dram: return 300;
    default: return 1000;
  }
}

/// Stable name and containment of a zone; `parent_name` is the package around a subdomain.
SensorInfo describe(Zone const& zone, std::string const& parent_name, DeviceClass device,
                    std::string const& vendor) {
  SensorInfo info;
  info.backend = "powercap", info.path = zone.path + "/energy_uj", info.name = zone.name,
  info.device = device;
  bool const is_part = device != DeviceClass::package && device != DeviceClass::platform;
  std::string const owner = parent_name.empty() ? zone.folder : parent_name;
  info.id = is_part ? zone.name + "-of-" + owner : zone.name;
  if (device == DeviceClass::core || device == DeviceClass::uncore)
    info.contained_in.push_back(owner);
  if (device != DeviceClass::platform) info.contained_in.push_back("platform");
  if (device == DeviceClass::platform)
    info.id = "platform" + zone.folder.substr(zone.folder.find(':'));
  info.quantum_joule = 1e-6, info.update_second = 1e-3, info.preference = 20;
  info.gain = gain_of(device, vendor), info.max_watt = bound_watt(device);
  return info;
}

/// The counter wraps one raw unit after max_energy_range_uj, which is 2^32 - 1 such units.
std::uint64_t modulus_of(std::uint64_t range_uj) {
  return range_uj + std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(
                                                   static_cast<double>(range_uj) / 4294967295.0)));
}

char const* advice_for(int error_number) {
  if (error_number == EACCES || error_number == EPERM)
    return "energy_uj is readable by root alone since Linux 5.10: ask for a udev rule that gives a "
           "site group read "
           "access, or CAP_DAC_READ_SEARCH; a chmod is lost at reboot";
  return "the zone is there but its counter cannot be opened: see the error number";
}

/// Dies of one package that read the package's own register show the same joules twice.
bool same_register(Sensor& one, Sensor& other) {
  auto const a = one.read(), b = other.read();
  if (!a || !b || one.info().device != DeviceClass::package) return false;
  auto const die_of = [](std::string const& id) { return id.substr(0, id.find("-die-")); };
  if (one.info().id == other.info().id || die_of(one.info().id) != die_of(other.info().id))
    return false;
  double const difference =
      std::abs(static_cast<double>(a->counter) - static_cast<double>(b->counter)) * 1e-6;
  return difference < 1 &&
         static_cast<double>(a->counter) * 1e-6 > 100;  // J; independent dies drift apart
}

class Search {
 public:
  explicit Search(Tree const& tree) : tree_(tree) {
    auto const cpuinfo = tree.text("/proc/cpuinfo").value_or("");
    if (cpuinfo.find("GenuineIntel") != std::string::npos) vendor_ = "GenuineIntel";
    if (cpuinfo.find("AuthenticAMD") != std::string::npos) vendor_ = "AuthenticAMD";
  }

  Found run() {
    std::map<std::string, Zone> zones;
    std::vector<std::string> order;
    collect(tree_, powercap_root, 0, zones, order);
    // mmio zones last: they count only where nothing else shows their package
    std::stable_partition(order.begin(), order.end(),
                          [&](auto const& folder) { return !zones[folder].is_mmio; });
    for (auto const& folder : order) {
      Zone const& zone = zones[folder];
      auto const parent = zones.find(zone.parent);
      visit(zone, parent == zones.end() ? "" : parent->second.name);
    }
    if (order.empty()) nothing_found();
    return std::move(found_);
  }

 private:
  void visit(Zone const& zone, std::string const& parent_name) {
    auto const device = class_of(zone.name);
    ProbeRow row{"powercap",
                 zone.name.empty() ? zone.folder : zone.name,
                 tree_.at(zone.path + "/energy_uj").string(),
                 Status::absent,
                 0,
                 "not used",
                 ""};
    if (!device) {
      row.advice =
          zone.name.empty() ? "the zone has no readable name" : "a domain this meter does not know";
      found_.rows.push_back(row);
      return;
    }
    SensorInfo info = describe(zone, parent_name, *device, vendor_);
    if (auto const range = tree_.number(zone.path + "/max_energy_range_uj"); range && *range > 0)
      info.modulus = modulus_of(*range);
    row.id = info.id;
    meter::describe(info, row);
    if (seen_.count(info.id) != 0 || (zone.is_mmio && has_platform(*device))) {
      row.status = Status::ok, row.role = "duplicate of " + info.id;
      row.advice = "the same joules through another interface: nothing to do";
    } else {
      open(std::move(info), row);
    }
    found_.rows.push_back(row);
  }

  void open(SensorInfo info, ProbeRow& row) {
    int const descriptor = tree_.open(info.path);
    if (descriptor < 0) {
      row.error_number = -descriptor;
      row.status = descriptor == -EACCES || descriptor == -EPERM ? Status::denied : Status::absent;
      row.advice = advice_for(-descriptor);
      return;
    }
    if (info.modulus == 0) {
      row.status = Status::implausible,
      row.advice = "max_energy_range_uj cannot be read, so a wrap could not be undone";
      OpenFile closes(descriptor);
      return;
    }
    row.path = info.path = tree_.at(info.path).string();
    auto sensor = std::make_shared<PowercapSensor>(std::move(info), descriptor);
    for (auto const& other : found_.sensors)
      if (same_register(*sensor, *other)) {
        row.status = Status::ok, row.role = "duplicate of " + other->info().id;
        row.advice = "both dies show the package's own counter: counted once";
        return;
      }
    row.status = Status::ok;
    seen_.insert(sensor->info().id);
    found_.sensors.push_back(std::move(sensor));
  }

  bool has_platform(DeviceClass device) const {
    auto const is_platform = [](auto const& sensor) {
      return sensor->info().device == DeviceClass::platform;
    };
    return device == DeviceClass::platform &&
           std::any_of(found_.sensors.begin(), found_.sensors.end(), is_platform);
  }

  void nothing_found() {
    found_.rows.push_back(
        {"powercap", "-", tree_.at(powercap_root).string(), Status::absent, ENOENT, "not used",
         "no RAPL zones: load the module intel_rapl_msr (Intel, AMD Zen); a guest has none"});
  }

  Tree const& tree_;
  std::string vendor_;
  std::set<std::string> seen_;
  Found found_;
};

}  // namespace

Found find_powercap(Tree const& tree) { return Search(tree).run(); }

}  // namespace crossjoule::meter
