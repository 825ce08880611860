// SPDX-License-Identifier: BSD-3-Clause
#include "meter/probe.hpp"

#include "meter/backends.hpp"
#include "meter/containment.hpp"
#include "meter/nvml.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <system_error>

namespace crossjoule::meter {
namespace {

constexpr std::int64_t look_apart_ns = 2'000'000;

/// What two reads at both ends of the look say.
struct Look {
  std::optional<Reading> first, last;
  bool moved = false;
  int error_number = 0;  ///< of the last read, where it failed; 0: its text is no reading
  double watt = 0;       ///< mean between both reads
};

/// Counters are renewed in steps: two may fall between the reads.
double mean_watt(SensorInfo const& info, Look const& look, double second) {
  if (info.source == Source::power) return look.last->watt;
  auto const counts = look.last->counter - look.first->counter;
  bool const fell = look.last->counter < look.first->counter;
  if (fell) return 0;  // a wrap or a reset: the accumulator's business
  return static_cast<double>(counts) * info.quantum_joule / (second + 2 * info.update_second);
}

bool is_plausible(SensorInfo const& info, Look const& look) {
  bool const is_dead_board =
      info.device == DeviceClass::gpu && info.source == Source::power && look.watt == 0;
  return look.watt >= 0 && look.watt <= 1.5 * info.max_watt && !is_dead_board;
}

/// How long a counter may take to move: two updates of a slow one. Parts of a package are shown
/// alone, never added up, and what reads 0 is most often no hardware: neither is a reason to wait.
double patience_second(SensorInfo const& info, Look const& look) {
  bool const is_part = info.device == DeviceClass::core || info.device == DeviceClass::uncore;
  bool const is_zero = look.last && look.last->counter == 0;
  return (is_part || is_zero) && info.update_second <= 0.01 ? 0.06 : 0.25;
}

/// Reads all counters again and again, one core busy, until each moved or its time is up.
std::vector<Look> watch(std::vector<std::shared_ptr<Sensor>> const& sensors, Clock& clock) {
  std::vector<Look> looks;
  for (auto const& sensor : sensors) looks.push_back({sensor->read(), {}, false, 0});
  std::int64_t const begin = clock.now_ns();
  for (bool waiting = !sensors.empty(); waiting;) {
    clock.work_until(clock.now_ns() + look_apart_ns);
    double const elapsed = static_cast<double>(clock.now_ns() - begin) * 1e-9;
    waiting = false;
    for (std::size_t k = 0; k < sensors.size(); ++k) {
      Look& look = looks[k];
      if (look.moved) continue;
      auto const& info = sensors[k]->info();
      errno = 0;
      look.last = sensors[k]->read();
      look.error_number = errno;
      if (!look.first) look.first = look.last;
      look.moved =
          look.last && (info.source == Source::power || look.first->counter != look.last->counter);
      if (look.moved) look.watt = mean_watt(info, look, elapsed);
      // a step that was long in the making looks like too much: the mean over more of them tells
      bool const is_over = elapsed >= patience_second(info, look);
      if (info.source == Source::counter && !is_over)
        look.moved = look.moved && is_plausible(info, look);
      waiting = waiting || (!look.moved && !is_over);
    }
  }
  return looks;
}

/// It opens, but no read gives a figure.
void judge_failure(int error_number, ProbeRow& row) {
  row.error_number = error_number;
  if (error_number == 0) {
    row.status = Status::implausible, row.advice = "it opens, but what it holds is no reading";
    return;
  }
  bool const is_denied = error_number == EACCES || error_number == EPERM;
  row.status = is_denied ? Status::denied : Status::absent;
  row.advice = fmt::format("it opens, but every read fails ({})",
                           std::generic_category().message(error_number));
}

void judge(SensorInfo const& info, Look const& look, ProbeRow& row) {
  if (look.moved && is_plausible(info, look)) return;
  if (look.moved) {
    row.role = "not used";
    row.status = look.watt == 0 ? Status::phantom : Status::implausible;
    row.advice = look.watt == 0
                     ? "it reads 0 W: on boards of two dies the other die shows the whole board"
                     : fmt::format("{:.0f} W is beyond what such a device can take ({:.0f} W)",
                                   look.watt, info.max_watt);
    return;
  }
  row.role = "not used";
  if (!look.last) {
    judge_failure(look.error_number, row);
  } else if (look.last->counter == 0) {
    row.status = Status::phantom,
    row.advice = "it reads 0 and never counts: the hardware behind it is missing";
  } else {
    row.status = Status::frozen;
    row.advice = fmt::format("it stood still under load for {:g} s", patience_second(info, look));
  }
}

}  // namespace

int count_accelerators(Tree const& tree) {
  int count = 0;
  std::string const bus = "/sys/bus/pci/devices";
  for (auto const& slot : tree.children(bus)) {
    auto const vendor = tree.text(bus + "/" + slot + "/vendor").value_or("");
    auto const kind = tree.text(bus + "/" + slot + "/class").value_or("");
    bool const is_display = kind.rfind("0x03", 0) == 0, is_accelerator = kind.rfind("0x12", 0) == 0;
    count += (vendor == "0x10de" && is_display) || is_accelerator;
  }
  return count;
}

namespace {

void model_rows(Probe& probe, Tree const& tree) {
  bool const has_load =
      LoadMeter(tree, probe.model.hardware_threads).works() && probe.model.hardware_threads > 0;
  probe.rows.push_back(
      {"model", "cpu-model", tree.at("/proc/stat").string(), has_load ? Status::ok : Status::absent,
       0, "not used",
       has_load ? "stands in for a missing CPU sensor: " + probe.model.rule()
                : "/proc/stat or /proc/cpuinfo cannot be read: CPU energy stays absent"});
  bool const has_memory = probe.model.memory_gb > 0;
  probe.rows.push_back(
      {"model", "dram-model", probe.model.memory_source, has_memory ? Status::ok : Status::absent,
       0, "not used",
       has_memory ? fmt::format("stands in for a missing DRAM sensor: {} W/GB x {:.1f} GB",
                                NodeModel::dram_watt_per_gb[1], probe.model.memory_gb)
                  : "the size of memory is unknown: DRAM energy stays absent"});
  if (probe.model.is_guest)
    for (auto& row : probe.rows)
      if (row.backend == "powercap" && row.status == Status::absent)
        row.advice = "a guest cannot see host joules (" + probe.model.guest_evidence +
                     "): meter on the host";
}

/// The candidates of all backends, their rows in `probe`.
std::vector<std::shared_ptr<Sensor>> find_all(Probe& probe, Tree const& tree, Clock& clock,
                                              std::string const& nvml_library,
                                              std::vector<TraceSource> const& traces) {
  std::vector<std::shared_ptr<Sensor>> candidates;
  auto const take = [&](Found found) {
    candidates.insert(candidates.end(), found.sensors.begin(), found.sensors.end());
    probe.rows.insert(probe.rows.end(), found.rows.begin(), found.rows.end());
  };
  take(find_traces(traces, clock));
  bool const is_replay = std::any_of(traces.begin(), traces.end(), [](auto const& source) {
    return source.role == TraceSource::Role::replay;
  });
  if (is_replay) return candidates;
  bool const with_libraries = tree.is_real() && !nvml_library.empty();
  take(find_powercap(tree)), take(find_perf_rapl(tree)), take(find_nvml(nvml_library));
  take(find_amd_smi(with_libraries ? std::vector<std::string>{"libamd_smi.so", "librocm_smi64.so"}
                                   : std::vector<std::string>{}));
  take(find_hwmon(tree)), take(find_cray(tree)), take(find_jetson(tree)), take(find_ipmi(tree));
  return candidates;
}

/// A sensor that counts, with its row if it has one.
struct Candidate {
  std::shared_ptr<Sensor> sensor;
  ProbeRow* row;
};

std::vector<ProbeRow>::iterator row_of(Probe& probe, SensorInfo const& info) {
  return std::find_if(probe.rows.begin(), probe.rows.end(), [&](auto const& row) {
    return row.id == info.id && row.backend == info.backend && row.status == Status::ok &&
           row.role == "not used";
  });
}

/// Gives each id to the best of its sensors, "package-0-by-powercap" to the others: they are read
/// as well, inside the first, so that one that freezes has a successor.
std::vector<SensorInfo> settle_ids(Probe& probe, std::vector<Candidate> sound) {
  std::vector<std::string> platforms;
  std::stable_sort(sound.begin(), sound.end(), [](auto const& a, auto const& b) {
    return a.sensor->info().preference < b.sensor->info().preference;
  });
  std::vector<SensorInfo> used;
  for (auto& [sensor, row] : sound) {
    SensorInfo const& info = sensor->info();
    // the platform has no number that two interfaces agree on
    bool const is_rapl_platform = info.device == DeviceClass::platform && info.backend != "jetson";
    auto const first = std::find_if(used.begin(), used.end(), [&](auto const& other) {
      bool const is_same_platform = is_rapl_platform && other.device == DeviceClass::platform &&
                                    other.backend != info.backend;
      return other.id == info.id || is_same_platform;
    });
    if (first != used.end()) {
      std::string const spare = fmt::format("{}-by-{}", first->id, info.backend);
      sensor->make_spare(spare, first->id);
      if (row) row->id = spare, row->advice = "the same device through another interface: a spare";
    }
    used.push_back(sensor->info());
    probe.sensors.push_back(sensor);
  }
  return used;
}

}  // namespace

Probe probe_node(Tree const& tree, Clock& clock, std::string const& nvml_library, double memory_gb,
                 std::vector<std::shared_ptr<Sensor>> const& more_sensors,
                 std::vector<TraceSource> const& traces) {
  Probe probe;
  auto candidates = find_all(probe, tree, clock, nvml_library, traces);
  for (auto const& sensor : more_sensors) {
    auto const& info = sensor->info();
    candidates.push_back(sensor);
    probe.rows.push_back({info.backend, info.id, info.path, Status::ok, 0, "not used", ""});
  }
  auto const looks = watch(candidates, clock);
  std::vector<Candidate> sound;
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    auto const& info = candidates[k]->info();
    auto const row = row_of(probe, info);
    if (row != probe.rows.end()) judge(info, looks[k], *row), describe(info, *row);
    if (!looks[k].moved || !is_plausible(info, looks[k])) continue;
    sound.push_back({candidates[k], row == probe.rows.end() ? nullptr : &*row});
  }
  std::vector<SensorInfo> const used = settle_ids(probe, std::move(sound));
  auto const uses = choose_cover(used);
  for (std::size_t k = 0; k < used.size(); ++k)
    for (auto& row : probe.rows)
      if (row.id == used[k].id && row.status == Status::ok && row.role == "not used")
        row.role = uses[k] == Use::counted ? "counted" : "cross-check";
  probe.model = discover_node(tree, memory_gb);
  int const boards = static_cast<int>(std::count_if(used.begin(), used.end(), [](auto const& info) {
    bool const is_part = info.id.ends_with("-power") || info.id.ends_with("-package");
    return info.device == DeviceClass::gpu && !is_part;
  }));
  probe.unseen_accelerators = std::max(0, count_accelerators(tree) - boards);
  model_rows(probe, tree);
  return probe;
}

}  // namespace crossjoule::meter
