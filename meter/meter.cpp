// SPDX-License-Identifier: BSD-3-Clause
#include "meter/meter.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "meter/account.hpp"
#include "meter/composition.hpp"
#include "meter/reader_lock.hpp"
#include "meter/sampler.hpp"
#include "meter/uncertainty.hpp"

#include <unistd.h>
#include <algorithm>
#include <mutex>

namespace crossjoule::meter {
namespace {

using core::Quantity;

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name[0] ? name : "localhost";
}

constexpr char const* not_the_reader =
    "not the reader of this node (another process of the job is)";

}  // namespace

struct Meter::State {
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Tree const> tree;
  std::unique_ptr<ReaderLock> lock;
  Probe probe;
  Composition node;

  mutable std::mutex mutex;  // guards everything below and the channels
  std::vector<Mark> start, latest;
  std::array<std::vector<Window>, phase_count> windows;
  std::array<std::int64_t, phase_count> phase_ns{};
  std::int64_t start_ns = 0, latest_ns = 0;
  std::vector<std::pair<std::int64_t, Phase>> open;  // id and phase, innermost last
  std::int64_t next_id = 0;
  std::vector<Quantity<core::Watts>> idle_baseline;
  std::unique_ptr<Sampler> sampler;  // its thread locks the mutex: stopped first

  ~State() { sampler.reset(); }
  bool is_reader() const { return lock->is_held(); }
  void start_up(MeterOptions const& options, MeterParts const& parts);
  void read_all(bool keep);
  void settle();
  std::vector<Window> since(std::vector<Mark> const& begin) const;
  double mean_watt(std::size_t k) const;
  Quantity<core::Joules> idle_part(std::size_t k, Weighed const& weighed,
                                   std::int64_t duration_ns) const;
  Energy weigh_all(std::vector<Window> const& taken, std::int64_t duration_ns) const;
  Ledger ledger() const;
};

struct Region::State {
  std::shared_ptr<Meter::State> meter;
  std::int64_t id = 0, begin_ns = 0;
  std::vector<Mark> begin;
};

void Meter::State::read_all(bool keep) {
  for (auto const& channel : node.channels) {
    channel->read(*clock);
    if (keep) channel->keep();
  }
}

void Meter::State::start_up(MeterOptions const& options, MeterParts const& parts) {
  start_ns = latest_ns = clock->now_ns();
  if (!is_reader()) {
    node.headline = not_the_reader;
    node.missing_system = node.missing_chip = not_the_reader;
    return;
  }
  std::string const library =
      options.nvml_library.value_or(tree->is_real() ? "libnvidia-ml.so.1" : "");
  probe = probe_node(*tree, *clock, library, options.memory_gb, parts.sensors, options.traces);
  node = compose(probe, *tree, options);
  read_all(true);
  for (auto const& channel : node.channels) start.push_back(channel->mark());
  latest = start;
  for (auto& phase : windows) phase.resize(start.size());
  start_ns = latest_ns = clock->now_ns();
}

/// Reads all devices and gives what they took since the last time to the innermost open phase.
void Meter::State::settle() {
  read_all(false);
  std::size_t const phase =
      static_cast<std::size_t>(open.empty() ? Phase::unattributed : open.back().second);
  for (std::size_t k = 0; k < latest.size(); ++k) {
    Mark const now = node.channels[k]->mark();
    windows[phase][k] += between(latest[k], now, node.channels[k]->device().info);
    latest[k] = now;
  }
  std::int64_t const now_ns = clock->now_ns();
  phase_ns[phase] += now_ns - latest_ns;
  latest_ns = now_ns;
}

std::vector<Window> Meter::State::since(std::vector<Mark> const& begin) const {
  std::vector<Window> taken;
  for (std::size_t k = 0; k < begin.size(); ++k)
    taken.push_back(between(begin[k], latest[k], node.channels[k]->device().info));
  return taken;
}

double Meter::State::mean_watt(std::size_t k) const {
  auto const& info = node.channels[k]->device().info;
  Window const all = between(start[k], latest[k], info);
  double const seconds = static_cast<double>(all.duration_ns) * 1e-9;
  double const joule = info.source == Source::counter
                           ? static_cast<double>(all.flow.counts) * info.quantum_joule
                           : all.flow.joule;
  return seconds > 0 ? joule / seconds : 0;
}

Quantity<core::Joules> Meter::State::idle_part(std::size_t k, Weighed const& weighed,
                                               std::int64_t duration_ns) const {
  if (weighed.idle.present() || idle_baseline.empty() || !idle_baseline[k].present())
    return weighed.idle;
  core::Seconds const duration = core::seconds_between(0, duration_ns);
  auto const& watt = idle_baseline[k];
  return {watt.low * duration, watt.value * duration, watt.high * duration, watt.kind};
}

namespace {

/// Adds up devices into one boundary; absent as long as nothing was added.
struct Sum {
  Quantity<core::Joules> energy, idle;
  bool any = false;
  void add(Quantity<core::Joules> const& more, Quantity<core::Joules> const& more_idle) {
    energy = any ? energy + more : more;
    idle = any ? idle + more_idle : more_idle;
    any = true;
  }
};

}  // namespace

Energy Meter::State::weigh_all(std::vector<Window> const& taken, std::int64_t duration_ns) const {
  Energy energy;
  energy.duration = core::seconds_between(0, duration_ns);
  energy.missing_terms = node.missing_system, energy.assumed_terms = node.assumed_system;
  energy.missing_chip_terms = node.missing_chip, energy.assumed_chip_terms = node.assumed_chip;
  energy.source = node.headline;
  energy.is_reader = is_reader();
  Sum chip, system;
  double largest = -1, coverage = 1;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    auto const& device = node.channels[k]->device();
    Weighed const weighed = weigh(device, taken[k], mean_watt(k));
    auto const idle = idle_part(k, weighed, taken[k].duration_ns);
    bool const is_counted = device.use == Use::counted;
    if (node.in_chip[k]) chip.add(weighed.energy, idle);
    if (is_counted) system.add(weighed.energy, idle);
    if (!is_counted && !node.in_chip[k]) continue;
    coverage = std::min(coverage, weighed.coverage);
    if (weighed.is_edge_limited) energy.edges = Edges::limited;
    if (!weighed.energy.present()) {
      auto& terms = is_counted ? energy.missing_terms : energy.missing_chip_terms;
      terms += (terms.empty() ? "" : "; ") + device.info.id +
               (stood_still(device.info, taken[k]) ? " (frozen)" : " (no good reading)");
    }
    if (is_counted && weighed.largest_joule > largest)
      largest = weighed.largest_joule, energy.largest_error_term = weighed.largest_term;
  }
  energy.chip = chip.energy, energy.idle_chip = chip.idle;
  energy.system = system.energy, energy.idle_system = system.idle;
  energy.coverage = system.any || chip.any ? coverage : 0;
  return energy;
}

Ledger Meter::State::ledger() const {
  Ledger ledger;
  for (std::size_t phase = 0; phase < phase_count; ++phase)
    ledger.seconds[phase] = core::seconds_between(0, phase_ns[phase]);
  auto const all = since(start);
  for (std::size_t k = 0; k < start.size(); ++k) {
    auto const& device = node.channels[k]->device();
    ledger.devices.push_back(device);
    ledger.total.push_back(weigh(device, all[k], mean_watt(k)).energy);
    ledger.flows.push_back(all[k].flow);
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      auto const& window = windows[phase][k];
      bool const was_entered = window.flow.reads > 0;
      auto const zero = Quantity<core::Joules>::exactly({0}, device.kind);
      ledger.joules[phase].push_back(was_entered ? weigh(device, window, mean_watt(k)).energy
                                                 : zero);
    }
  }
  return ledger;
}

Meter::Meter(MeterOptions const& options, MeterParts parts) : state_(std::make_shared<State>()) {
  state_->clock = parts.clock ? parts.clock : real_clock();
  state_->tree = parts.tree ? parts.tree : std::make_shared<Tree const>(options.sysfs_root);
  state_->lock =
      std::make_unique<ReaderLock>(parts.lock_folder, parts.job.empty() ? this_job() : parts.job);
  state_->start_up(options, parts);
  if (parts.drive == MeterParts::Drive::thread && !state_->node.channels.empty())
    state_->sampler =
        std::make_unique<Sampler>(state_->clock, options.period_s, [state = state_.get()] {
          std::lock_guard const guard(state->mutex);
          state->read_all(true);
        });
}

Meter::~Meter() {
  if (state_) state_->sampler.reset();  // open regions may keep the state: they need no thread
}
Meter::Meter(Meter&&) noexcept = default;

bool Meter::is_reader() const { return state_->is_reader(); }
std::string Meter::headline() const { return state_->node.headline; }
std::vector<ProbeRow> const& Meter::probe() const { return state_->probe.rows; }

void Meter::sample() {
  std::lock_guard const guard(state_->mutex);
  state_->read_all(true);
}

Region Meter::begin(Phase phase) {
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  auto region = std::make_unique<Region::State>();
  region->meter = state_;
  region->id = state_->next_id++;
  region->begin = state_->latest;
  region->begin_ns = state_->latest_ns;
  state_->open.emplace_back(region->id, phase);
  return Region(std::move(region));
}

Energy Meter::measure_idle(core::Seconds duration) {
  std::vector<Mark> begin;
  auto region = this->begin(Phase::idle);
  {
    std::lock_guard const guard(state_->mutex);
    begin = state_->latest;
  }
  state_->clock->sleep_until(
      state_->clock->now_ns() + static_cast<std::int64_t>(duration.value * 1e9), {});
  Energy const energy = region.close();
  std::lock_guard const guard(state_->mutex);
  auto const taken = state_->since(begin);
  state_->idle_baseline.clear();
  for (std::size_t k = 0; k < taken.size(); ++k) {
    auto const joules =
        weigh(state_->node.channels[k]->device(), taken[k], state_->mean_watt(k)).energy;
    core::Seconds const seconds = core::seconds_between(0, taken[k].duration_ns);
    Quantity<core::Watts> watts;
    if (joules.present() && seconds.value > 0)
      watts = {joules.low / seconds, joules.value / seconds, joules.high / seconds, joules.kind};
    state_->idle_baseline.push_back(watts);
  }
  return energy;
}

Energy Meter::total() const {
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  return state_->weigh_all(state_->since(state_->start), state_->latest_ns - state_->start_ns);
}

Ledger Meter::ledger() const {
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  return state_->ledger();
}

NodeAccount Meter::account() const {
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  NodeAccount account;
  account.host = host_name(), account.headline = state_->node.headline;
  account.is_reader = state_->is_reader();
  account.probe = state_->probe.rows;
  account.ledger = state_->ledger();
  for (auto const& channel : state_->node.channels) account.series.push_back(channel->series());
  account.idle_baseline = state_->idle_baseline;
  if (account.is_reader) account.model_facts = state_->probe.model.facts();
  if (state_->sampler) account.sampler_cpu_second = state_->sampler->cpu_second();
  return account;
}

void Meter::write(core::H5File& file, std::string const& group) const {
  meter::write(file, {account()}, group);
}

Region::Region(std::unique_ptr<State> state) : state_(std::move(state)) {}
Region::Region(Region&& other) noexcept = default;

Region::~Region() {
  if (state_) close();
}

Energy Region::close() {
  auto const region = std::move(state_);
  EXPECT(region != nullptr);
  auto& meter = *region->meter;
  std::lock_guard const guard(meter.mutex);
  meter.settle();
  std::erase_if(meter.open, [&](auto const& entry) { return entry.first == region->id; });
  return meter.weigh_all(meter.since(region->begin), meter.latest_ns - region->begin_ns);
}

}  // namespace crossjoule::meter
