// SPDX-License-Identifier: BSD-3-Clause
#include "meter/nvml.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <cerrno>

namespace crossjoule::meter {
namespace {

// The few entry points we need, as the library's documentation gives them.
using Code = int;
using Handle = struct OpaqueDevice*;
constexpr Code success = 0, not_supported = 3, no_permission = 4;
constexpr unsigned text_length = 96;

/// One answer of nvmlDeviceGetFieldValues, laid out as the library's header has it.
struct FieldValue {
  unsigned field, scope;
  long long stamp_us, latency_us;
  int type;  ///< 1: unsigned int
  Code code;
  union {
    double real;
    unsigned number;
    unsigned long long wide;
  } value;
};
static_assert(sizeof(FieldValue) == 40);
constexpr unsigned power_average = 185, power_instant = 186;
constexpr unsigned scope_gpu = 0, scope_module = 1;

/// Percent of the last sample period in which a kernel ran, and in which memory was busy.
struct Utilisation {
  unsigned compute, memory;
};

/// The loaded library; shut down and unloaded with the last sensor that uses it.
class Library {
 public:
  explicit Library(std::string const& name)
      : library_(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!library_) return;
    load(init, "nvmlInit_v2"), load(shutdown, "nvmlShutdown"), load(count, "nvmlDeviceGetCount_v2");
    load(handle, "nvmlDeviceGetHandleByIndex_v2"), load(uuid, "nvmlDeviceGetUUID"),
        load(name_of, "nvmlDeviceGetName");
    load(energy, "nvmlDeviceGetTotalEnergyConsumption"), load(power, "nvmlDeviceGetPowerUsage");
    load(limit, "nvmlDeviceGetEnforcedPowerLimit"), load(message, "nvmlErrorString");
    load(fields, "nvmlDeviceGetFieldValues");
    load(utilisation, "nvmlDeviceGetUtilizationRates");
  }
  ~Library() {
    if (started_) shutdown();
    if (library_) ::dlclose(library_);
  }
  Library(Library const&) = delete;
  Library& operator=(Library const&) = delete;

  bool loaded() const { return library_ != nullptr; }
  bool complete() const { return init && shutdown && count && handle && uuid && power; }
  Code start() {
    Code const code = init();
    started_ = code == success;
    return code;
  }
  std::string explain(Code code) const {
    return message ? fmt::format("{} (code {})", message(code), code)
                   : fmt::format("code {}", code);
  }

  Code (*init)() = nullptr;
  Code (*shutdown)() = nullptr;
  Code (*count)(unsigned*) = nullptr;
  Code (*handle)(unsigned, Handle*) = nullptr;
  Code (*uuid)(Handle, char*, unsigned) = nullptr;
  Code (*name_of)(Handle, char*, unsigned) = nullptr;
  Code (*energy)(Handle, unsigned long long*) = nullptr;
  Code (*power)(Handle, unsigned*) = nullptr;
  Code (*limit)(Handle, unsigned*) = nullptr;
  char const* (*message)(Code) = nullptr;
  Code (*fields)(Handle, int, FieldValue*) = nullptr;
  Code (*utilisation)(Handle, Utilisation*) = nullptr;

 private:
  template <class Function>
  void load(Function& function, char const* symbol) {
    function = reinterpret_cast<Function>(::dlsym(library_, symbol));
  }
  void* library_;
  bool started_ = false;
};

class NvmlSensor : public Sensor {
 public:
  NvmlSensor(SensorInfo info, std::shared_ptr<Library> library, Handle device)
      : Sensor(std::move(info)), library_(std::move(library)), device_(device) {}

  std::optional<Reading> read() override {
    if (info().source == Source::counter) {
      unsigned long long millijoule = 0;
      if (library_->energy(device_, &millijoule) != success) return {};
      return Reading{millijoule, 0};
    }
    unsigned milliwatt = 0;
    if (library_->power(device_, &milliwatt) != success) return {};
    return Reading{0, milliwatt * 1e-3};
  }
  std::optional<double> busy_share() override {
    Utilisation now{};
    bool const is_told = library_->utilisation && library_->utilisation(device_, &now) == success;
    return is_told ? std::optional(now.compute / 100.0) : std::nullopt;
  }

 private:
  std::shared_ptr<Library> library_;
  Handle device_;
};

std::optional<double> field_watt(Library const& library, Handle device, unsigned field,
                                 unsigned scope) {
  FieldValue value{};
  value.field = field, value.scope = scope;
  bool const is_there = library.fields && library.fields(device, 1, &value) == success &&
                        value.code == success && value.type == 1;
  return is_there ? std::optional(value.value.number * 1e-3) : std::nullopt;
}

/// Power of one scope beside the counter: a cross-check of it, or of the module around the board.
class NvmlPower : public Sensor {
 public:
  NvmlPower(SensorInfo info, std::shared_ptr<Library> library, Handle device, unsigned field,
            unsigned scope)
      : Sensor(std::move(info)),
        library_(std::move(library)),
        device_(device),
        field_(field),
        scope_(scope) {}
  std::optional<Reading> read() override {
    auto const watt = field_watt(*library_, device_, field_, scope_);
    return watt ? std::optional(Reading{0, *watt}) : std::nullopt;
  }

 private:
  std::shared_ptr<Library> library_;
  Handle device_;
  unsigned field_, scope_;
};

/// Adds the momentary board power, and the module's where there is one (GH200).
void add_powers(Found& found, std::shared_ptr<Library> const& library, Handle device,
                SensorInfo const& board) {
  for (unsigned const scope : {scope_gpu, scope_module}) {
    unsigned const field =
        field_watt(*library, device, power_instant, scope) ? power_instant : power_average;
    if (!field_watt(*library, device, field, scope)) continue;
    SensorInfo info = board;
    info.source = Source::power, info.unit = "mW", info.update_second = 0.1;
    info.path = fmt::format("nvmlDeviceGetFieldValues(power {}, {})",
                            field == power_instant ? "instant" : "average",
                            scope == scope_gpu ? "GPU" : "module");
    info.id = board.id + "-power", info.contained_in = {board.id, "module"};
    if (scope == scope_module) {
      info.id = "module-of-" + board.id, info.device = DeviceClass::other, info.max_watt *= 3;
      info.contained_in.clear();
    }
    found.rows.push_back({"nvml", info.id, info.path, Status::ok, 0, "not used", ""});
    found.sensors.push_back(std::make_shared<NvmlPower>(info, library, device, field, scope));
  }
}

/// Counter or power, limits and names of one board; false where neither can be read.
bool describe(Library const& library, Handle device, SensorInfo& info, ProbeRow& row) {
  char text[text_length] = {};
  if (Code const code = library.uuid(device, text, text_length); code != success) {
    row.status = Status::denied, row.error_number = code,
    row.advice = "no UUID: " + library.explain(code);
    return false;
  }
  row.id = info.id = "gpu-" + std::string(text);
  info.backend = "nvml", info.device = DeviceClass::gpu, info.name = info.id;
  if (library.name_of && library.name_of(device, text, text_length) == success) info.name = text;
  info.gain = 0.05, info.update_second = 0.1, info.quantum_joule = 1e-3, info.modulus = 0;
  info.unit = "mJ", info.preference = 10, info.contained_in = {"module"};
  // A100 and H100 look at a quarter of each update (Yang, Adamek, Armour, SC24, arXiv:2312.02741)
  for (char const* model : {"A100", "H100", "H200", "GH200"})
    if (info.name.find(model) != std::string::npos) info.duty = 0.25;
  unsigned limit_milliwatt = 0;
  bool const has_limit =
      library.limit && library.limit(device, &limit_milliwatt) == success && limit_milliwatt > 0;
  info.max_watt = has_limit ? limit_milliwatt * 1e-3 : 1500;
  unsigned long long millijoule = 0;
  unsigned milliwatt = 0;
  Code const energy = library.energy ? library.energy(device, &millijoule) : not_supported;
  if (energy == success) {
    info.source = Source::counter, info.path = "nvmlDeviceGetTotalEnergyConsumption";
  } else if (Code const power = library.power(device, &milliwatt); power == success) {
    info.source = Source::power, info.path = "nvmlDeviceGetPowerUsage", info.unit = "mW";
    row.advice = "no energy counter (" + library.explain(energy) + "): sampled power is integrated";
  } else {
    row.status = power == no_permission ? Status::denied : Status::absent, row.error_number = power;
    row.advice = "neither energy nor power: " + library.explain(power);
    return false;
  }
  row.status = Status::ok, row.path = info.path;
  return true;
}

}  // namespace

Found find_nvml(std::string const& name) {
  Found found;
  ProbeRow row{"nvml",
               "-",
               name.empty() ? "-" : name,
               Status::absent,
               ENOENT,
               "not used",
               name.empty()
                   ? "not looked for below another root than /"
                   : "the library is not here: install the NVIDIA driver, or there is no such GPU"};
  auto const give_up = [&](int code, std::string const& advice) {
    row.error_number = code, row.advice = advice;
    found.rows.push_back(row);
    return found;
  };
  if (name.empty()) return give_up(0, row.advice);
  auto const library = std::make_shared<Library>(name);
  if (!library->loaded()) return give_up(ENOENT, row.advice);
  if (!library->complete())
    return give_up(ENOSYS, "the library lacks entry points: update the NVIDIA driver");
  if (Code const code = library->start(); code != success)
    return give_up(code, "start: " + library->explain(code));
  unsigned count = 0;
  if (Code const code = library->count(&count); code != success)
    return give_up(code, library->explain(code));
  if (count == 0) return give_up(0, "the driver shows no board to this job");
  for (unsigned k = 0; k < count; ++k) {
    ProbeRow board{"nvml", fmt::format("board {}", k), name, Status::absent, 0, "not used", ""};
    Handle device = nullptr;
    SensorInfo info;
    if (Code const code = library->handle(k, &device); code != success) {
      board.status = code == no_permission ? Status::denied : Status::absent;
      board.error_number = code, board.advice = library->explain(code);
    } else if (describe(*library, device, info, board)) {
      found.rows.push_back(board);
      found.sensors.push_back(std::make_shared<NvmlSensor>(info, library, device));
      add_powers(found, library, device, info);
      continue;
    }
    found.rows.push_back(board);
  }
  return found;
}

}  // namespace crossjoule::meter
