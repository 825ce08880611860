// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/h5file.hpp"
#include "meter/clock.hpp"
#include "meter/energy.hpp"
#include "meter/ledger.hpp"
#include "meter/sensor.hpp"
#include "meter/trace.hpp"
#include "meter/tree.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// May a model stand in for a missing sensor?
enum class Requirement { any, measured };
/// Whose joules the chip boundary means.
enum class Chip { cpu, gpu };

struct MeterOptions {
  std::filesystem::path sysfs_root = "/";  ///< below it /sys and /proc are looked for
  double period_s = 0.1;                   ///< of the sampler
  Requirement require = Requirement::any;
  double memory_gb = 0;  ///< allocated memory; 0: all there is
  /// Idle power to assume of each accelerator on the bus that no sensor answers for; 0: such boards
  /// are a missing term.
  double accelerator_idle_w = 0;
  Chip chip = Chip::cpu;
  /// Boards that processes of this node compute on, by sensor id ("gpu-GPU-<uuid>"): with chip =
  /// gpu they alone are the chip. Empty, or none of them here: all boards.
  std::vector<std::string> used_gpus;
  /// Files of readings: recordings to play back (then nothing else is read) and external meters.
  std::vector<TraceSource> traces;
  /// Unset: the driver's library, where the root is "/"; "": none. Never from a configuration file.
  std::optional<std::string> nvml_library;
};

/// Takes the keys of the section `[meter]`: sysfs_root, period_s, require, memory_gb,
/// accelerator_idle_w, traces.
MeterOptions read_options(core::Config section);

/// Parts that tests and replays put in place of the real ones.
struct MeterParts {
  enum class Drive { thread, by_hand };
  std::shared_ptr<Clock> clock;                  ///< null: the real one
  std::shared_ptr<Tree const> tree;              ///< null: Tree(sysfs_root)
  std::vector<std::shared_ptr<Sensor>> sensors;  ///< besides those found
  std::filesystem::path lock_folder = "/dev/shm";
  std::string job;              ///< "": this_job()
  Drive drive = Drive::thread;  ///< by_hand: call sample()
};

struct NodeAccount;
class Meter;

/// What a device has taken so far.
struct DevicePower {
  std::string id;
  core::Kind kind;
  Use use;
  core::Joules joule;
  std::int64_t duration_ns;
};

/// An open span of one phase; the meter reads its devices at both edges. Regions nest; the ledger
/// gives each moment to the innermost. Fence the device before a region begins and before it ends.
class Region {
 public:
  Region(Region&& other) noexcept;
  Region& operator=(Region&&) = delete;
  /// Closes it if close() was not called.
  ~Region();
  /// All joules between the edges, nested regions included.
  Energy close();

 private:
  friend class Meter;
  struct State;
  explicit Region(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Weighs this node. One process per node and job is the reader; in the others every figure is
/// absent. Made once, early; thread-safe, but phases are those of one thread.
class Meter {
 public:
  /// Probes all backends, starts the sampler. Error (missing) if measured joules are required and a
  /// model would have to stand in for the chip.
  explicit Meter(MeterOptions const& options = {}, MeterParts parts = {});
  ~Meter();
  Meter(Meter&&) noexcept;
  Meter& operator=(Meter&&) = delete;

  bool is_reader() const;
  /// Open a region; on a rank that is no reader it costs nothing and closes to absent figures.
  [[nodiscard]] Region begin(Phase phase, std::string_view name = {});
  /// Cheap regions for code that opens millions: the number of a name, then push and pop in pairs
  /// (about 100 ns). Devices are read at an edge only where the last reading is older than 20 ms;
  /// between readings joules are shared by time, with a term of the interval that says so.
  int region(std::string_view name, Phase phase = Phase::unattributed);
  void push(int region);
  /// False where no region is open.
  bool pop();
  /// Sleep for that long in phase idle and take the mean power as idle baseline: from then on
  /// measured figures have an idle part too. Call it when all ranks sleep. A second call (after the
  /// work) takes the mean of both and tells the drift between them.
  Energy measure_idle(core::Seconds duration);
  /// Everything since the meter was made.
  Energy total() const;
  Ledger ledger() const;
  /// Read all devices once, as the sampler does.
  void sample();
  /// Joules of every device so far, from the last reading: for a live display.
  std::vector<DevicePower> powers() const;
  /// Living processes of this job on this node that hold a meter, this one included.
  int processes_on_node() const;
  /// Processes of this job that ever held one here.
  int processes_seen() const;

  /// "MODELLED (no sensor: a guest cannot see host joules)", "RAPL package + dram,
  /// measured-counter".
  std::string headline() const;
  /// Every backend and sensor with its status and advice; empty on a rank that is no reader.
  std::vector<ProbeRow> probe() const;
  /// This node's books, to be sent or written; host alone on a rank that is no reader.
  NodeAccount account() const;
  /// This node's account below `group`; for more nodes see meter/account.hpp.
  void write(core::H5File& file, std::string const& group = "/energy") const;

 private:
  friend class Region;
  struct State;
  std::int64_t edge() const;
  std::shared_ptr<State> state_;
};

}  // namespace crossjoule::meter
