// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"
#include "meter/detail/file_sensor.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

namespace crossjoule::meter {
namespace {

constexpr char const* hwmon_root = "/sys/class/hwmon";
constexpr char const* drm_root = "/sys/class/drm";
constexpr char const* denied = "hwmon refuses this user: ask for a udev rule with a site group";

/// What is common to all channels of one hwmon folder.
struct Folder {
  std::string path, driver, place;  ///< place: "0000:c1:00.0", or the folder's own name
};

/// "power1_average" -> {"power", 1, "average"}; number 0 for any other name.
struct Name {
  std::string kind, suffix;
  int number = 0;
};
Name take_apart(std::string const& file) {
  std::size_t const digits = file.find_first_of("0123456789");
  std::size_t const line = file.find('_');
  if (digits == std::string::npos || line == std::string::npos || digits > line ||
      line - digits > 4)
    return {};
  int number = 0;
  for (std::size_t k = digits; k < line; ++k) {
    if (!std::isdigit(static_cast<unsigned char>(file[k]))) return {};
    number = 10 * number + (file[k] - '0');
  }
  return {file.substr(0, digits), file.substr(line + 1), number};
}

/// A label as part of an id: what is no letter, digit or dash becomes a dash.
std::string plain(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != ':') c = '-';
  return text.substr(0, 60);
}

class Search {
 public:
  explicit Search(Tree const& tree) : tree_(tree) {}

  Found run() {
    auto const monitors = tree_.children(hwmon_root);
    for (auto const& child : monitors) look_at(std::string(hwmon_root) + "/" + child, child);
    // boards' monitors as the graphics drivers list them: the same again, but for partial copies
    for (auto const& card : tree_.children(drm_root)) {
      std::string const path = std::string(drm_root) + "/" + card + "/device/hwmon";
      bool const is_card = card.starts_with("card") && card.find('-') == std::string::npos;
      for (auto const& child : is_card ? tree_.children(path) : std::vector<std::string>())
        if (std::count(monitors.begin(), monitors.end(), child) == 0)
          look_at(path + "/" + child, child);
    }
    if (found_.rows.empty())
      found_.rows.push_back({"hwmon", "-", tree_.at(hwmon_root).string(), Status::absent, ENOENT,
                             "not used", "no driver here shows energy or power through hwmon"});
    return std::move(found_);
  }

 private:
  void look_at(std::string const& path, std::string const& name) {
    Folder folder{path, tree_.text(path + "/name").value_or(""), name};
    folder.place = place_of(folder);
    bool const is_jetson = folder.driver.starts_with("ina3221");  // jetson.cpp knows the rails
    if (!is_jetson) visit(folder);
  }

  std::string place_of(Folder const& folder) const {
    auto event = tree_.text(folder.path + "/device/uevent");
    bool const is_below_card = folder.path.starts_with(drm_root);
    if (!event && is_below_card) event = tree_.text(folder.path + "/../../uevent");
    return slot_in(event.value_or(""), folder);
  }
  static std::string slot_in(std::string const& event, Folder const& folder) {
    std::string const key = "PCI_SLOT_NAME=";
    auto const at = event.find(key);
    if (at == std::string::npos) return folder.place;
    return event.substr(at + key.size(), event.find('\n', at) - at - key.size());
  }

  void visit(Folder const& folder) {
    auto files = tree_.children(folder.path);
    if (folder.driver == "power_meter")
      for (auto const& file : tree_.children(folder.path + "/device"))
        if (file.starts_with("power")) files.push_back("device/" + file);
    for (auto const& file : files) {
      bool const is_inner = file.starts_with("device/");
      Name const name = take_apart(is_inner ? file.substr(7) : file);
      bool const is_energy = name.kind == "energy" && name.suffix == "input";
      bool const is_power =
          name.kind == "power" && (name.suffix == "average" || name.suffix == "input");
      // the mean over the device's own interval is preferred to the momentary power
      bool const has_average =
          name.suffix == "input" &&
          std::count(files.begin(), files.end(),
                     fmt::format("{}power{}_average", is_inner ? "device/" : "", name.number)) > 0;
      if (name.number > 0 && (is_energy || (is_power && !has_average)))
        add(folder, is_inner ? "/device/" : "/", name);
    }
  }

  std::string label_of(Folder const& folder, char const* inner, Name const& name) const {
    auto const label =
        tree_.text(fmt::format("{}{}{}{}_label", folder.path, inner, name.kind, name.number));
    auto const oem =
        tree_.text(fmt::format("{}{}{}{}_oem_info", folder.path, inner, name.kind, name.number));
    return label ? *label : oem.value_or("");
  }

  void add(Folder const& folder, char const* inner, Name const& name) {
    SensorInfo info;
    bool const is_energy = name.kind == "energy";
    info.backend = "hwmon", info.source = is_energy ? Source::counter : Source::power;
    info.path = fmt::format("{}{}{}{}_{}", folder.path, inner, name.kind, name.number, name.suffix);
    info.unit = is_energy ? "uJ" : "uW", info.preference = is_energy ? 40 : 45;
    info.quantum_joule = is_energy ? 1e-6 : 0, info.modulus = 0;
    auto const interval =
        tree_.number(fmt::format("{}{}power{}_average_interval", folder.path, inner, name.number));
    info.update_second = is_energy  ? 1e-3
                         : interval ? std::max(1e-3, static_cast<double>(*interval) * 1e-3)
                                    : 0.1;
    std::string const label = label_of(folder, inner, name);
    info.name = label.empty() ? folder.driver : label;
    if (folder.driver == "power_meter")
      describe_power_meter(info, label, folder);
    else if (folder.driver == "amdgpu" || folder.driver == "i915" || folder.driver == "xe")
      describe_gpu(info, label, folder, name);
    else if (folder.driver == "amd_energy")
      describe_amd_energy(info, label, folder);
    else
      describe_unknown(info, folder, name);
    if (std::any_of(found_.rows.begin(), found_.rows.end(),
                    [&](auto const& row) { return row.id == info.id; }))
      info.id += fmt::format("-{}{}", name.kind, name.number);
    detail::open_file(tree_, std::move(info), found_, denied);
  }

  /// Grace and Grace-Hopper label their ACPI meters "Module Power Socket 0" and so on.
  void describe_power_meter(SensorInfo& info, std::string const& label, Folder const& folder) {
    std::string const socket = label.empty() ? "0" : label.substr(label.find_last_of(' ') + 1);
    info.gain = 0.05, info.max_watt = 3000;
    if (label.starts_with("Module")) {
      info.device = DeviceClass::module, info.id = "module-" + plain(socket);
      info.contained_in = {"platform"};
    } else if (label.starts_with("Grace")) {
      info.device = DeviceClass::package, info.id = "package-" + plain(socket);
      info.contained_in = {"module-" + plain(socket), "platform"};
    } else if (label.starts_with("CPU")) {
      info.device = DeviceClass::core, info.id = "core-of-package-" + plain(socket);
      info.contained_in = {"package-" + plain(socket), "module-" + plain(socket), "platform"};
    } else if (label.starts_with("SysIO")) {
      info.device = DeviceClass::uncore, info.id = "sysio-of-package-" + plain(socket);
      info.contained_in = {"package-" + plain(socket), "module-" + plain(socket), "platform"};
    } else {
      info.device = DeviceClass::node, info.id = "node-" + folder.place, info.yields = true;
      info.max_watt = 20000, info.gain = 0.05;
    }
  }

  /// A board by its PCI address. Intel's drivers tell card and package apart by label.
  void describe_gpu(SensorInfo& info, std::string const& label, Folder const& folder,
                    Name const& name) {
    bool const is_inner_part = label == "pkg" && name.number > 1;
    info.device = DeviceClass::gpu, info.max_watt = 1500;
    info.id = "gpu-" + folder.place, info.contained_in = {"module"};
    info.gain = 0.05;
    if (info.source == Source::power)
      info.id += "-power", info.contained_in = {"gpu-" + folder.place};
    if (is_inner_part)
      info.id = "gpu-" + folder.place + "-package", info.contained_in = {"gpu-" + folder.place};
    if (folder.driver == "amdgpu" && info.source == Source::power)
      info.id = "gpu-" + folder.place, info.contained_in = {"module"};  // it has no energy counter
  }

  /// "Esocket0" and "Ecore012" of the driver amd_energy.
  void describe_amd_energy(SensorInfo& info, std::string const& label, Folder const&) {
    auto const digits = label.find_first_of("0123456789");
    int const number = digits == std::string::npos ? 0 : std::atoi(label.c_str() + digits);
    info.gain = 0.10, info.contained_in = {"platform"};
    if (label.starts_with("Esocket")) {
      info.device = DeviceClass::package, info.id = fmt::format("package-{}", number);
    } else {
      info.device = DeviceClass::core, info.id = fmt::format("core-{}", number);
    }
  }

  void describe_unknown(SensorInfo& info, Folder const& folder, Name const& name) {
    info.device = DeviceClass::other, info.gain = 0.10, info.max_watt = 20000;
    info.id = fmt::format("hwmon-{}-{}{}", plain(folder.driver + "-" + folder.place), name.kind,
                          name.number);
  }

  Tree const& tree_;
  Found found_;
};

}  // namespace

Found find_hwmon(Tree const& tree) { return Search(tree).run(); }

}  // namespace crossjoule::meter
