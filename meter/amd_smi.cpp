// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <cerrno>
#include <functional>

namespace crossjoule::meter {
namespace {

// The few entry points we need, as AMD's documentation of the two libraries gives them.
using Handle = void*;
constexpr int success = 0;
constexpr std::uint64_t with_gpus = 2;  // AMDSMI_INIT_AMD_GPUS

/// A loaded library; `stop` is called before it is unloaded.
class Library {
 public:
  explicit Library(std::string const& name)
      : library_(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  ~Library() {
    if (stop) stop();
    if (library_) ::dlclose(library_);
  }
  Library(Library const&) = delete;
  Library& operator=(Library const&) = delete;
  bool loaded() const { return library_ != nullptr; }
  template <class Function>
  Function* find(char const* symbol) const {
    return reinterpret_cast<Function*>(::dlsym(library_, symbol));
  }
  std::function<void()> stop;

 private:
  void* library_;
};

/// An accumulator: joules = count x resolution x 1e-6, the resolution being about 15.26 uJ.
struct Accumulated {
  std::uint64_t count = 0;
  float resolution_uj = 0;
};
using ReadEnergy = std::function<std::optional<Accumulated>()>;

class AmdSensor : public Sensor {
 public:
  AmdSensor(SensorInfo info, std::shared_ptr<Library> library, ReadEnergy read)
      : Sensor(std::move(info)), library_(std::move(library)), read_(std::move(read)) {}
  std::optional<Reading> read() override {
    auto const energy = read_();
    return energy ? std::optional(Reading{energy->count, 0}) : std::nullopt;
  }

 private:
  std::shared_ptr<Library> library_;
  ReadEnergy read_;
};

/// "0000:c1:00.0" of domain << 32 | bus << 8 | device << 3 | function, as ROCm SMI packs it.
std::string address_text(std::uint64_t packed) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", packed >> 32, (packed >> 8) & 0xff,
                     (packed >> 3) & 0x1f, packed & 7);
}

void add(Found& found, std::shared_ptr<Library> const& library, std::string const& name,
         std::string const& address, ReadEnergy read, char const* call) {
  ProbeRow row{"amd-smi", "gpu-" + address, call, Status::ok, 0, "not used", ""};
  auto const first = read();
  SensorInfo info;
  info.id = row.id, info.backend = "amd-smi", info.path = call, info.name = name;
  info.device = DeviceClass::gpu, info.contained_in = {"module"}, info.gain = 0.05;
  info.max_watt = 1500, info.update_second = 1e-3, info.unit = "15.26 uJ", info.preference = 20;
  if (!first || !(first->resolution_uj > 0.1F && first->resolution_uj < 1000)) {
    row.status = first ? Status::implausible : Status::absent;
    row.advice = first ? "the accumulator's resolution is out of range: update ROCm"
                       : "no energy accumulator: old board, old driver, or a guest";
  } else {
    info.quantum_joule = static_cast<double>(first->resolution_uj) * 1e-6;
    found.sensors.push_back(std::make_shared<AmdSensor>(std::move(info), library, std::move(read)));
  }
  found.rows.push_back(row);
}

bool search_amd_smi(Found& found, std::shared_ptr<Library> const& library) {
  struct Address {
    std::uint64_t function : 3, device : 5, bus : 8, domain : 48;
  };
  auto const init = library->find<int(std::uint64_t)>("amdsmi_init");
  auto const stop = library->find<int()>("amdsmi_shut_down");
  auto const sockets = library->find<int(std::uint32_t*, Handle*)>("amdsmi_get_socket_handles");
  auto const boards =
      library->find<int(Handle, std::uint32_t*, Handle*)>("amdsmi_get_processor_handles");
  auto const address = library->find<int(Handle, Address*)>("amdsmi_get_gpu_device_bdf");
  auto const energy =
      library->find<int(Handle, std::uint64_t*, float*, std::uint64_t*)>("amdsmi_get_energy_count");
  if (!init || !stop || !sockets || !boards || !address || !energy) return false;
  if (init(with_gpus) != success) return false;
  library->stop = [stop] { stop(); };
  std::uint32_t socket_count = 0;
  if (sockets(&socket_count, nullptr) != success || socket_count > 1024) return true;
  std::vector<Handle> all(socket_count);
  if (sockets(&socket_count, all.data()) != success) return true;
  for (Handle socket : all) {
    std::uint32_t count = 0;
    if (boards(socket, &count, nullptr) != success || count > 1024) continue;
    std::vector<Handle> handles(count);
    if (boards(socket, &count, handles.data()) != success) continue;
    for (Handle handle : handles) {
      Address place{};
      if (address(handle, &place) != success) continue;
      auto const text = fmt::format("{:04x}:{:02x}:{:02x}.{:x}", std::uint64_t{place.domain},
                                    std::uint64_t{place.bus}, std::uint64_t{place.device},
                                    std::uint64_t{place.function});
      add(
          found, library, "AMD board", text,
          [energy, handle]() -> std::optional<Accumulated> {
            Accumulated value;
            std::uint64_t stamp = 0;
            if (energy(handle, &value.count, &value.resolution_uj, &stamp) != success) return {};
            return value;
          },
          "amdsmi_get_energy_count");
    }
  }
  return true;
}

bool search_rocm_smi(Found& found, std::shared_ptr<Library> const& library) {
  auto const init = library->find<int(std::uint64_t)>("rsmi_init");
  auto const stop = library->find<int()>("rsmi_shut_down");
  auto const count_of = library->find<int(std::uint32_t*)>("rsmi_num_monitor_devices");
  auto const address = library->find<int(std::uint32_t, std::uint64_t*)>("rsmi_dev_pci_id_get");
  auto const energy = library->find<int(std::uint32_t, std::uint64_t*, float*, std::uint64_t*)>(
      "rsmi_dev_energy_count_get");
  if (!init || !stop || !count_of || !address || !energy) return false;
  if (init(0) != success) return false;
  library->stop = [stop] { stop(); };
  std::uint32_t count = 0;
  if (count_of(&count) != success || count > 1024) return true;
  for (std::uint32_t k = 0; k < count; ++k) {
    std::uint64_t packed = 0;
    if (address(k, &packed) != success) continue;
    add(
        found, library, "AMD board", address_text(packed),
        [energy, k]() -> std::optional<Accumulated> {
          Accumulated value;
          std::uint64_t stamp = 0;
          if (energy(k, &value.count, &value.resolution_uj, &stamp) != success) return {};
          return value;
        },
        "rsmi_dev_energy_count_get");
  }
  return true;
}

}  // namespace

Found find_amd_smi(std::vector<std::string> const& libraries) {
  Found found;
  for (auto const& name : libraries) {
    auto const library = std::make_shared<Library>(name);
    if (!library->loaded()) continue;
    if (search_amd_smi(found, library) || search_rocm_smi(found, library)) {
      if (found.rows.empty())
        found.rows.push_back({"amd-smi", "-", name, Status::absent, 0, "not used",
                              "the library shows no board to this job (groups render, video?)"});
      return found;
    }
    found.rows.push_back({"amd-smi", "-", name, Status::absent, ENOSYS, "not used",
                          "the library lacks entry points or does not start: update ROCm"});
  }
  if (found.rows.empty())
    found.rows.push_back({"amd-smi", "-", libraries.empty() ? "-" : libraries.front(),
                          Status::absent, ENOENT, "not used",
                          libraries.empty() ? "not looked for below another root than /"
                                            : "no ROCm here, or there is no such GPU"});
  return found;
}

}  // namespace crossjoule::meter
