// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/session.hpp"

#include "core/error.hpp"
#include "kernels/cpu/dense.hpp"
#include "kernels/kokkos.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace crossjoule::kernels {
namespace {

constexpr int major = KOKKOS_VERSION / 10000, minor = KOKKOS_VERSION / 100 % 100,
              patch = KOKKOS_VERSION % 100;
#ifdef KOKKOS_ENABLE_SERIAL
constexpr bool host_is_serial = std::is_same_v<HostSpace, Kokkos::Serial>;
#else
constexpr bool host_is_serial = false;
#endif

Backend cpu_backend() {
  return {Device::cpu, true,
          fmt::format("Kokkos {}.{}.{} {}, {}", major, minor, patch, HostSpace::name(),
                      cpu::description())};
}

#ifdef KOKKOS_ENABLE_CUDA
Backend cuda_backend() {
  int count = 0;
  cudaError_t const status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) return {Device::cuda, false, cudaGetErrorString(status)};
  if (count == 0) return {Device::cuda, false, "no CUDA device on this machine"};
  cudaDeviceProp properties{};
  cudaGetDeviceProperties(&properties, 0);
  return {Device::cuda, true,
          fmt::format("Kokkos {}.{}.{} Cuda, cuBLAS, {} x {}", major, minor, patch, count,
                      properties.name)};
}
#else
Backend cuda_backend() {
  return {Device::cuda, false, "this build has no CUDA (it was made with a Kokkos without it)"};
}
#endif

bool under_launcher() {
  for (char const* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "SLURM_PROCID"})
    if (std::getenv(name)) return true;
  return false;
}

int threads_for(int asked) {
  if (host_is_serial) return 1;
  if (asked > 0) return asked;
  if (under_launcher()) return 1;
  if (char const* const wish = std::getenv("OMP_NUM_THREADS"))
    if (int const count = std::atoi(wish); count > 0) return count;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void initialize(int threads, [[maybe_unused]] int gpu) {
#if KOKKOS_VERSION < 30700
  Kokkos::InitArguments arguments;
  arguments.num_threads = threads;
  arguments.device_id = gpu;
  arguments.disable_warnings = true;
  Kokkos::initialize(arguments);
#else
  Kokkos::InitializationSettings settings;
  settings.set_num_threads(threads);
  settings.set_disable_warnings(true);
  if (gpu >= 0) settings.set_device_id(gpu);
  Kokkos::initialize(settings);
#endif
}

/// The GPU of a rank: ranks of a node take them in turn. -1 where there is none.
int gpu_of(int local_rank) {
#ifdef KOKKOS_ENABLE_CUDA
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0) return local_rank % count;
#else
  (void)local_rank;
#endif
  return -1;
}

std::string identify([[maybe_unused]] int gpu) {
#ifdef KOKKOS_ENABLE_CUDA
  cudaDeviceProp properties{};
  if (gpu >= 0 && cudaGetDeviceProperties(&properties, gpu) == cudaSuccess) {
    std::array<unsigned char, 16> identity{};
    std::copy_n(properties.uuid.bytes, identity.size(), identity.begin());
    return gpu_name(identity);
  }
#endif
  return {};
}

}  // namespace

std::string gpu_name(std::array<unsigned char, 16> const& identity) {
  std::string name = "GPU";
  for (std::size_t k = 0; k < identity.size(); ++k)
    name += fmt::format("{}{:02x}", k == 0 || (k >= 4 && k <= 10 && k % 2 == 0) ? "-" : "",
                        identity[k]);
  return name;
}

std::string_view to_string(Device device) {
  switch (device) {
    case Device::cpu: return "cpu";
    case Device::cuda: return "cuda";
    case Device::automatic: break;
  }
  return "auto";
}

Device device_from(std::string_view text) {
  for (Device const device : {Device::automatic, Device::cpu, Device::cuda})
    if (text == to_string(device)) return device;
  core::fail(core::ExitCode::bad_input, "device = \"{}\" (not a device) write auto, cpu or cuda",
             text);
}

std::vector<Backend> backends() { return {cpu_backend(), cuda_backend()}; }

Session::Session(Device device, int local_rank, int threads)
    : device_(device), threads_(threads_for(threads)) {
  VALIDATE_AS(ExitCode::internal, !Kokkos::is_initialized(),
              "a second session was started (one process has one) end the first one");
  Backend const cuda = cuda_backend();
  if (device == Device::automatic) device_ = cuda.usable ? Device::cuda : Device::cpu;
  VALIDATE_AS(ExitCode::missing, device_ != Device::cuda || cuda.usable,
              "device = \"cuda\" ({}) use device = \"cpu\" or run where a GPU is",
              cuda.description);
#ifdef KOKKOS_ENABLE_CUDA
  // Kokkos with CUDA starts its CUDA part in any case and aborts without a driver
  VALIDATE_AS(
      ExitCode::missing, cuda.usable,
      "this build cannot start here ({}) use a build without CUDA on machines without a GPU",
      cuda.description);
#endif
  int const gpu = gpu_of(local_rank);
  initialize(threads_, gpu);
  if (device_ == Device::cuda) gpu_ = identify(gpu);
}

Session::~Session() {
  if (Kokkos::is_initialized()) Kokkos::finalize();
}

}  // namespace crossjoule::kernels
