// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::kernels {

enum class Device { automatic, cpu, cuda };
std::string_view to_string(Device device);
Device device_from(std::string_view text);  ///< "auto", "cpu", "cuda"; Error (bad_input) otherwise

/// A backend and whether this build and machine can use it.
struct Backend {
  Device device;
  bool usable;
  std::string
      description;  ///< "Kokkos 3.4.1 Serial, OpenBLAS 0.3.21" or the reason it cannot be used
};
std::vector<Backend> backends();

/// A GPU as the driver's own tools name it, "GPU-" and 32 hexadecimal digits in five groups, from
/// the 16 bytes of its identity.
std::string gpu_name(std::array<unsigned char, 16> const& identity);

/// The only place that starts and ends Kokkos. `automatic` is cuda where usable, else cpu. Error
/// (missing) where the device was asked for and is not here. One per process.
class Session {
 public:
  /// `local_rank` of a node picks its GPU in turn; `threads` of a rank (0: 1 for Serial builds and
  /// under MPI, else all hardware threads).
  explicit Session(Device device, int local_rank = 0, int threads = 0);
  ~Session();
  Session(Session const&) = delete;
  Device device() const { return device_; }
  int threads() const { return threads_; }
  /// The gpu_name() of this rank's GPU; empty on a CPU.
  std::string const& gpu() const { return gpu_; }

 private:
  Device device_;
  int threads_ = 1;
  std::string gpu_;
};

}  // namespace crossjoule::kernels
