// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/system.hpp"
#include "meter/channel.hpp"
#include "meter/cpu_table.hpp"
#include "meter/tree.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace crossjoule::meter {

/// A figure of the model: low, value, high.
using Three = std::array<double, 3>;

/// What the modelled fallback starts from; every field goes into the record.
struct NodeModel {
  static constexpr int version = 1;
  std::string vendor, model_name, family, model, stepping;  ///< /proc/cpuinfo
  int hardware_threads = 0;  ///< of this machine; a guest is charged for its own, not for a socket
  bool is_guest = false;
  std::string guest_evidence;       ///< "hypervisor flag in /proc/cpuinfo"
  std::optional<CpuRating> rating;  ///< the table row, if the model is in it
  Three thread_watt = {default_thread_power.low, default_thread_power.value,
                       default_thread_power.high};
  /// Idle power as a share of full power, and the exponent of the load: P = P_idle + (P_max -
  /// P_idle) u^a.
  static constexpr Three idle_share = {0.10, 0.20, 0.35}, exponent = {1.4, 1.0, 0.75};
  /// DRAM per GB of allocated memory (Lannelongue et al., Green Algorithms,
  /// doi 10.1002/advs.202100707).
  static constexpr Three dram_watt_per_gb = {0.2, 0.3725, 0.6};
  double memory_gb = 0;  ///< allocated: the whole machine's unless an option says less; 0: unknown
  std::string memory_source;

  /// CPU power in W at load u in [0, 1]. The band is at least a factor 2 either way, so that a
  /// model cannot pass for a measurement.
  Three cpu_watt(double load) const;
  Three dram_watt() const;
  /// The rule in one sentence, for the console and the record.
  std::string rule() const;
  core::Facts facts() const;
};

/// Reads /proc/cpuinfo, /proc/meminfo and the signs of a hypervisor. `memory_gb` 0 takes MemTotal.
NodeModel discover_node(Tree const& tree, double memory_gb);

/// Busy and stolen share of all hardware threads between two looks at /proc/stat.
struct Load {
  double busy = 0, stolen = 0;
};

/// Reads /proc/stat. Ticks are 10 ms, so a look less than ten ticks after the last keeps the load
/// known so far; it starts at one busy thread.
class LoadMeter {
 public:
  LoadMeter(Tree const& tree, int hardware_threads);
  bool works() const { return file_ != nullptr; }
  /// The load since the last look that counted; nothing where /proc/stat cannot be read.
  std::optional<Load> look();

 private:
  struct Ticks {
    double busy = 0, stolen = 0, all = 0;
  };
  std::optional<Ticks> read() const;
  std::unique_ptr<OpenFile> file_;
  std::optional<Ticks> last_;
  Load load_;
};

/// Stand-ins of kind `modelled`: the CPU from its load, DRAM from its size.
std::unique_ptr<Channel> make_cpu_model(NodeModel const& model, Tree const& tree);
std::unique_ptr<Channel> make_dram_model(NodeModel const& model);
/// Of kind `assumed`: accelerators that no sensor answers for, at an idle power that somebody
/// states; the interval is a factor 2 either way.
std::unique_ptr<Channel> make_hidden_boards(int count, double idle_watt);
inline constexpr char hidden_boards_id[] = "hidden-accelerators";

}  // namespace crossjoule::meter
