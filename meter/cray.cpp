// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include <fmt/format.h>
#include <cerrno>
#include <charconv>

namespace crossjoule::meter {
namespace {

constexpr char const* cray_root = "/sys/cray/pm_counters";

/// The first number of "5434 J 1696000000000000 us"; nothing for other text or another unit.
std::optional<std::uint64_t> parse_joule(std::string const& text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return {};
  std::string_view const rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  return rest.starts_with(" J") ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> leading_number(std::optional<std::string> const& text) {
  if (!text) return {};
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// A counter that the blade controller renews ten times a second; `freshness` before and after tell
/// whether it was renewed in between, `startup` when the controller was started again.
class CraySensor : public Sensor {
 public:
  CraySensor(SensorInfo info, Tree const& tree, int descriptor)
      : Sensor(std::move(info)),
        energy_(descriptor),
        freshness_(tree.open(std::string(cray_root) + "/freshness")),
        startup_(tree.open(std::string(cray_root) + "/startup")) {}

  std::optional<Reading> read() override {
    for (int attempt = 0; attempt < 3; ++attempt) {
      auto const before = freshness_.read(64);
      auto const text = energy_.read(128);
      auto const epoch = leading_number(startup_.read(64)).value_or(0);
      auto const after = freshness_.read(64);
      if (before != after) continue;
      auto const joule = text ? parse_joule(*text) : std::nullopt;
      return joule ? std::optional(Reading{*joule, 0, epoch}) : std::nullopt;
    }
    return {};
  }

 private:
  OpenFile energy_, freshness_, startup_;
};

SensorInfo describe(std::string const& file) {
  SensorInfo info;
  info.backend = "cray", info.path = std::string(cray_root) + "/" + file, info.name = file;
  info.quantum_joule = 1, info.update_second = 0.1, info.gain = 0.03, info.unit = std::string("J");
  info.preference = 5;
  if (file == "energy") {
    info.device = DeviceClass::node, info.id = "node", info.max_watt = 20000;
  } else if (file == "cpu_energy") {
    info.device = DeviceClass::package, info.id = "package-all", info.max_watt = 4000;
  } else if (file == "memory_energy") {
    info.device = DeviceClass::dram, info.id = "dram-all", info.max_watt = 2000;
  } else {
    info.device = DeviceClass::gpu, info.max_watt = 3000;
    info.id = fmt::format("gpu-cray-{}", file.substr(5, file.find('_') - 5));
  }
  return info;
}

}  // namespace

Found find_cray(Tree const& tree) {
  Found found;
  for (auto const& file : tree.children(cray_root)) {
    bool const is_accelerator = file.starts_with("accel") && file.ends_with("_energy");
    if (file != "energy" && file != "cpu_energy" && file != "memory_energy" && !is_accelerator)
      continue;
    SensorInfo info = describe(file);
    ProbeRow row{"cray", info.id, tree.at(info.path).string(), Status::ok, 0, "not used", ""};
    describe(info, row);
    int const descriptor = tree.open(info.path);
    if (descriptor < 0) {
      bool const is_denied = descriptor == -EACCES || descriptor == -EPERM;
      row.status = is_denied ? Status::denied : Status::absent, row.error_number = -descriptor;
      row.advice = "pm_counters are world-readable as delivered: ask the site why not here";
    } else {
      info.path = row.path;
      found.sensors.push_back(std::make_shared<CraySensor>(std::move(info), tree, descriptor));
    }
    found.rows.push_back(row);
  }
  if (found.rows.empty())
    found.rows.push_back({"cray", "-", tree.at(cray_root).string(), Status::absent, ENOENT,
                          "not used", "no HPE Cray blade controller here"});
  return found;
}

}  // namespace crossjoule::meter
