// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"
#include "meter/detail/file_sensor.hpp"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>

namespace crossjoule::meter {
namespace {

constexpr char const* source_root = "/sys/bus/event_source/devices/power";

struct Event {
  char const *name, *part;
  DeviceClass device;
};
constexpr std::array<Event, 5> events = {{{"energy-pkg", "package", DeviceClass::package},
                                          {"energy-ram", "dram", DeviceClass::dram},
                                          {"energy-cores", "core", DeviceClass::core},
                                          {"energy-gpu", "uncore", DeviceClass::uncore},
                                          {"energy-psys", "platform", DeviceClass::platform}}};

/// A descriptor of perf_event_open holds 8 bytes; its stand-in in a fake tree holds text.
class PerfSensor : public Sensor {
 public:
  enum class Form { binary, text };
  PerfSensor(SensorInfo info, int descriptor, Form form)
      : Sensor(std::move(info)), file_(descriptor), descriptor_(descriptor), form_(form) {}
  std::optional<Reading> read() override {
    if (form_ == Form::text) {
      auto const number = file_.read_number();
      return number ? std::optional(Reading{*number, 0}) : std::nullopt;
    }
    std::uint64_t count = 0;
    if (::read(descriptor_, &count, sizeof count) != static_cast<ssize_t>(sizeof count)) return {};
    return Reading{count, 0};
  }

 private:
  OpenFile file_;  // closes the descriptor
  int descriptor_;
  Form form_;
};

int open_event(std::uint32_t type, std::uint64_t config, int cpu) {
  perf_event_attr attribute;
  std::memset(&attribute, 0, sizeof attribute);
  attribute.size = sizeof attribute, attribute.type = type, attribute.config = config;
  auto const descriptor = ::syscall(SYS_perf_event_open, &attribute, -1, cpu, -1, 0);
  return descriptor >= 0 ? static_cast<int>(descriptor) : -errno;
}

/// "event=0x02" -> 2.
std::optional<std::uint64_t> parse_config(std::string const& text) {
  auto const at = text.find("event=");
  if (at == std::string::npos) return {};
  std::string_view digits = std::string_view(text).substr(at + 6);
  int base = 10;
  if (digits.starts_with("0x")) digits.remove_prefix(2), base = 16;
  std::uint64_t value = 0;
  auto const [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  bool const is_whole = end == digits.data() + digits.size() || *end == ',' || *end == '\n';
  return error == std::errc() && is_whole ? std::optional(value) : std::nullopt;
}

std::optional<double> parse_scale(std::string const& text) {
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool const is_sound = error == std::errc() && value > 0 && value < 1;
  return is_sound ? std::optional(value) : std::nullopt;
}

char const* advice_for(int error_number) {
  if (error_number == EACCES || error_number == EPERM)
    return "perf_event_open is refused: set kernel.perf_event_paranoid to 0 or lower, or give "
           "CAP_PERFMON (Linux 5.8)";
  return "the event is listed but cannot be opened: the hardware behind it is missing";
}

class Search {
 public:
  explicit Search(Tree const& tree) : tree_(tree) {}

  Found run() {
    if (!tree_.exists(source_root)) {
      note("-", Status::absent, ENOENT,
           "the kernel has no RAPL event source (CONFIG_PERF_EVENTS_INTEL_RAPL); a guest has none");
      return std::move(found_);
    }
    auto const listed = tree_.children(std::string(source_root) + "/events");
    auto const type = tree_.number(std::string(source_root) + "/type");
    auto const cpus =
        parse_cpu_list(tree_.text(std::string(source_root) + "/cpumask").value_or(""));
    if (listed.empty() || !type || cpus.empty()) {
      note("-", Status::phantom, 0,
           listed.empty() ? "the event source is registered but has no events: no RAPL behind it"
                          : "its type or cpumask cannot be read");
      return std::move(found_);
    }
    for (auto const& event : events)
      if (std::find(listed.begin(), listed.end(), event.name) != listed.end())
        for (int const cpu : cpus) add(event, static_cast<std::uint32_t>(*type), cpu);
    return std::move(found_);
  }

 private:
  void note(std::string id, Status status, int error_number, std::string advice) {
    found_.rows.push_back({"perf", std::move(id), tree_.at(source_root).string(), status,
                           error_number, "not used", std::move(advice)});
  }

  /// "package-0", or "package-0-die-1" where the cpumask names several CPUs of a package.
  std::string owner_of(int cpu) const {
    std::string const topology = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
    auto const package = tree_.number(topology + "physical_package_id");
    auto const die = tree_.number(topology + "die_id");
    if (!package) return fmt::format("package-of-cpu-{}", cpu);
    bool const has_dies = has_second_die(*package);
    return has_dies && die ? fmt::format("package-{}-die-{}", *package, *die)
                           : fmt::format("package-{}", *package);
  }
  bool has_second_die(std::uint64_t package) const {
    std::set<std::uint64_t> dies;
    auto const cpus =
        parse_cpu_list(tree_.text(std::string(source_root) + "/cpumask").value_or(""));
    for (int const cpu : cpus) {
      std::string const topology = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
      if (tree_.number(topology + "physical_package_id") == package)
        dies.insert(tree_.number(topology + "die_id").value_or(0));
    }
    return dies.size() > 1;
  }

  SensorInfo describe(Event const& event, int cpu) const {
    SensorInfo info;
    std::string const owner = owner_of(cpu);
    info.backend = "perf", info.name = event.name, info.device = event.device;
    info.id = event.device == DeviceClass::package ? owner
              : event.device == DeviceClass::platform
                  ? "platform:" + owner.substr(owner.rfind('-') + 1)
                  : fmt::format("{}-of-{}", event.part, owner);
    if (event.device == DeviceClass::core || event.device == DeviceClass::uncore)
      info.contained_in.push_back(owner);
    if (event.device != DeviceClass::platform) info.contained_in.push_back("platform");
    bool const is_intel =
        tree_.text("/proc/cpuinfo").value_or("").find("GenuineIntel") != std::string::npos;
    info.gain = event.device == DeviceClass::dram ? 0.20 : is_intel ? 0.05 : 0.10;
    info.max_watt = event.device == DeviceClass::platform ? 4000
                    : event.device == DeviceClass::dram   ? 300
                                                          : 1000;
    info.modulus = 0;  // the kernel extends the register to 64 bits
    info.unit = "2^-32 J", info.preference = 10;
    return info;
  }

  void add(Event const& event, std::uint32_t type, int cpu) {
    std::string const base = fmt::format("{}/events/{}", source_root, event.name);
    auto const config = parse_config(tree_.text(base).value_or(""));
    auto const scale = parse_scale(tree_.text(base + ".scale").value_or(""));
    SensorInfo info = describe(event, cpu);
    if (!config || !scale) {
      note(info.id, Status::implausible, 0, "its event code or scale cannot be read");
      return;
    }
    info.quantum_joule = *scale;
    info.path = fmt::format("perf_event_open(power/{}/, cpu {})", event.name, cpu);
    std::string const stand_in = fmt::format("/perf_event/{}/cpu{}", event.name, cpu);
    bool const is_real = tree_.is_real();
    int const descriptor = is_real ? open_event(type, *config, cpu) : tree_.open(stand_in);
    if (descriptor < 0) {
      bool const is_missing = -descriptor != EACCES && -descriptor != EPERM;
      note(info.id, is_missing ? Status::phantom : Status::denied, -descriptor,
           advice_for(-descriptor));
      found_.rows.back().path = info.path;
      meter::describe(info, found_.rows.back());
      return;
    }
    found_.rows.push_back({"perf", info.id, info.path, Status::ok, 0, "not used", ""});
    found_.sensors.push_back(std::make_shared<PerfSensor>(
        std::move(info), descriptor, is_real ? PerfSensor::Form::binary : PerfSensor::Form::text));
  }

  Tree const& tree_;
  Found found_;
};

}  // namespace

Found find_perf_rapl(Tree const& tree) { return Search(tree).run(); }

}  // namespace crossjoule::meter
