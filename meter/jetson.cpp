// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>

namespace crossjoule::meter {
namespace {

constexpr char const* i2c_root = "/sys/bus/i2c/drivers/";
constexpr char const* hwmon_root = "/sys/class/hwmon";

/// Volt and ampere of one rail in mV and mA, or its power in mW where the driver multiplies itself.
class RailSensor : public Sensor {
 public:
  RailSensor(SensorInfo info, int millivolt, int milliampere)
      : Sensor(std::move(info)), volt_(millivolt), ampere_(milliampere) {}
  RailSensor(SensorInfo info, int milliwatt)
      : Sensor(std::move(info)), volt_(milliwatt), ampere_(-1), is_product_(true) {}
  std::optional<Reading> read() override {
    auto const volt = volt_.read_number();
    if (!volt) return {};
    if (is_product_) return Reading{0, static_cast<double>(*volt) * 1e-3};
    auto const ampere = ampere_.read_number();
    if (!ampere) return {};
    return Reading{0, static_cast<double>(*volt) * static_cast<double>(*ampere) * 1e-6};
  }

 private:
  OpenFile volt_, ampere_;
  bool is_product_ = false;
};

bool has(std::string const& name, char const* part) { return name.find(part) != std::string::npos; }

/// Which part of the module a rail feeds, by the names NVIDIA gives them.
SensorInfo describe(std::string const& rail, std::string const& path) {
  SensorInfo info;
  info.backend = "jetson", info.path = path, info.name = rail, info.source = Source::power;
  info.quantum_joule = 0, info.unit = "mV x mA", info.update_second = 0.01, info.gain = 0.05;
  info.max_watt = 200, info.preference = 30, info.contained_in = {"platform"};
  bool const is_input = rail == "VIN" || rail.ends_with("_IN");
  info.id = "rail-" + rail;
  if (is_input)
    info.device = DeviceClass::platform, info.id = "platform:" + rail, info.contained_in = {};
  else if (has(rail, "CPU"))
    info.device = DeviceClass::package;
  else if (has(rail, "GPU"))
    info.device = DeviceClass::gpu;
  else if (has(rail, "DDR"))
    info.device = DeviceClass::dram;
  else
    info.device = DeviceClass::rail;
  return info;
}

class Search {
 public:
  explicit Search(Tree const& tree) : tree_(tree) {}
  Found run() {
    for (char const* driver : {"ina3221", "ina3221x"})
      for (auto const& chip : tree_.children(std::string(i2c_root) + driver)) {
        std::string const path = std::string(i2c_root) + driver + "/" + chip;
        for (auto const& monitor : tree_.children(path + "/hwmon"))
          visit_hwmon(path + "/hwmon/" + monitor);
        for (auto const& monitor : tree_.children(path))
          if (monitor.starts_with("iio:device")) visit_iio(path + "/" + monitor);
      }
    if (found_.rows.empty())  // a copy of the tree without the bus
      for (auto const& monitor : tree_.children(hwmon_root)) {
        std::string const path = std::string(hwmon_root) + "/" + monitor;
        if (tree_.text(path + "/name").value_or("").starts_with("ina3221")) visit_hwmon(path);
      }
    if (found_.rows.empty())
      found_.rows.push_back({"jetson", "-", tree_.at(i2c_root).string(), Status::absent, ENOENT,
                             "not used", "no INA3221 power monitor: not a Jetson"});
    return std::move(found_);
  }

 private:
  void visit_hwmon(std::string const& path) {
    for (auto const& file : tree_.children(path)) {
      if (!file.starts_with("in") || !file.ends_with("_label")) continue;
      std::string const channel = file.substr(2, file.size() - 8);
      auto const rail = tree_.text(path + "/" + file).value_or("");
      bool const is_sum = channel == "7" || has(rail, "sum of shunt");
      if (rail.empty() || rail == "NC" || is_sum) continue;  // 7 adds the others up
      add(rail, path, tree_.open(path + "/in" + channel + "_input"),
          tree_.open(path + "/curr" + channel + "_input"));
    }
  }

  void visit_iio(std::string const& path) {
    for (auto const& file : tree_.children(path)) {
      if (!file.starts_with("rail_name_")) continue;
      auto const rail = tree_.text(path + "/" + file).value_or("");
      std::string const channel = file.substr(10);
      if (rail.empty()) continue;
      int const power = tree_.open(path + "/in_power" + channel + "_input");
      SensorInfo info = describe(rail, tree_.at(path + "/in_power" + channel + "_input").string());
      info.unit = "mW";
      if (open_row(info, power, 0))
        found_.sensors.push_back(std::make_shared<RailSensor>(std::move(info), power));
    }
  }

  void add(std::string const& rail, std::string const& path, int volt, int ampere) {
    SensorInfo info = describe(rail, tree_.at(path).string());
    if (!open_row(info, volt, ampere)) {
      OpenFile closes_one(volt), closes_other(ampere);
      return;
    }
    found_.sensors.push_back(std::make_shared<RailSensor>(std::move(info), volt, ampere));
  }

  /// The row of a rail; false where it cannot be opened or its name was seen before.
  bool open_row(SensorInfo const& info, int one, int other) {
    bool const is_repeated = std::any_of(found_.rows.begin(), found_.rows.end(),
                                         [&](auto const& row) { return row.id == info.id; });
    int const worst = std::min({one, other, 0});
    ProbeRow row{"jetson", info.id, info.path, Status::ok, -worst, "not used", ""};
    meter::describe(info, row);
    if (worst < 0) {
      row.status = worst == -EACCES || worst == -EPERM ? Status::denied : Status::absent;
      row.advice = "the rail is named but its voltage or current cannot be read";
    } else if (is_repeated) {
      row.role = "duplicate of " + info.id, row.advice = "two rails of one name: counted once";
    }
    found_.rows.push_back(row);
    return worst == 0 && !is_repeated;
  }

  Tree const& tree_;
  Found found_;
};

}  // namespace

Found find_jetson(Tree const& tree) { return Search(tree).run(); }

}  // namespace crossjoule::meter
