// SPDX-License-Identifier: BSD-3-Clause
#include "meter/meter.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "meter/account.hpp"
#include "meter/backends.hpp"
#include "meter/board_relay.hpp"
#include "meter/composition.hpp"
#include "meter/nvml.hpp"
#include "meter/phase_board.hpp"
#include "meter/phase_trail.hpp"
#include "meter/reader_lock.hpp"
#include "meter/region_book.hpp"
#include "meter/sampler.hpp"
#include "meter/uncertainty.hpp"

#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <thread>

namespace crossjoule::meter {
namespace {

using core::Quantity;

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name[0] ? name : "localhost";
}

/// A cheap region reads the devices at its edge only where the last reading is older than this;
/// else its share of the interval is told by time.
constexpr std::int64_t edge_read_ns = 20'000'000;

/// A board that takes more than this times its idle power works.
constexpr double busy_over_idle = 1.25;

/// How long ranks wait for the reader to say whether it misses boards, and it for their answer: the
/// vendors' libraries take a second to start.
constexpr double question_patience_second = 3;

constexpr char const* not_the_reader =
    "not the reader of this node (another process of the job is)";

}  // namespace

struct Meter::State {
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Tree const> tree;
  std::unique_ptr<ReaderLock> lock;
  std::unique_ptr<PhaseBoard> board;
  std::unique_ptr<RegionBook> book;
  PhaseTrail trail;
  std::unique_ptr<BoardRelay> relay;
  MeterOptions options;
  Probe probe;
  Composition node;
  std::vector<int> spare_of;  // [channel], -1: none
  std::atomic<std::int64_t> last_read_ns = 0;
  std::atomic<bool> reads_anything = false;

  mutable std::mutex mutex;  // guards everything below and the channels
  std::vector<Mark> start, latest;
  std::array<std::vector<Window>, phase_count> windows;
  std::vector<std::vector<Window>> region_windows;  // [region][channel]
  std::array<double, phase_count> phase_second{};
  std::int64_t start_ns = 0, latest_ns = 0;
  std::vector<Quantity<core::Watts>> idle_baseline;
  std::vector<double> idle_drift;
  std::unique_ptr<Sampler> sampler;  // its thread locks the mutex: stopped first

  ~State() { sampler.reset(); }
  bool is_reader() const { return lock->is_held(); }
  void start_up(MeterOptions const& options, MeterParts const& parts);
  void find_spares();
  void tell_of_boards(MeterParts const& parts);
  void look_for_boards(MeterParts const& parts);
  void adopt_boards();
  std::string library() const;
  void read_all(bool keep);
  void settle(bool keep = false);
  PhaseShares phase_shares(std::vector<std::pair<int, std::int64_t>> const& regions,
                           std::int64_t now_ns);
  std::vector<Window> since(std::vector<Mark> const& begin) const;
  double mean_watt(std::size_t k) const;
  std::size_t speaker(std::size_t k, std::vector<Window> const& taken) const;
  Quantity<core::Joules> idle_part(std::size_t k, Weighed const& weighed,
                                   std::int64_t duration_ns) const;
  Energy weigh_all(std::vector<Window> const& taken, std::int64_t duration_ns) const;
  Quantity<core::Joules> weigh_entered(std::size_t k, Window const& window) const;
  Standing standing(std::size_t k, double second) const;
  Ledger ledger() const;
};

struct Region::State {
  std::shared_ptr<Meter::State> meter;
  std::int64_t ticket = 0, begin_ns = 0;
  std::vector<Mark> begin;
};

namespace {

/// Hands `window` out by shares that add up to 1; the parts add up to it exactly.
template <class Give>
void hand_out(Window window, SensorInfo const& info,
              std::vector<std::pair<std::size_t, double>> const& shares, Give&& give) {
  double left = 1;
  double const joule = info.source == Source::counter
                           ? static_cast<double>(window.flow.counts) * info.quantum_joule
                           : window.flow.joule;
  for (std::size_t n = 0; n < shares.size(); ++n) {
    auto const [who, share] = shares[n];
    if (n + 1 == shares.size()) {  // the rest: nothing is lost to rounding, faults are kept
      double const unsure = joule * share * (1 - share);
      window.flow.split_square += unsure * unsure / 3;
      give(who, window);
      return;
    }
    Window part = window;
    double const of_rest = left > 0 ? std::clamp(share / left, 0.0, 1.0) : 0;
    part.flow = window.flow.take(of_rest);
    part.duration_ns = static_cast<std::int64_t>(static_cast<double>(window.duration_ns) * of_rest);
    window.duration_ns -= part.duration_ns;
    double const unsure = joule * share * (1 - share);
    part.flow.split_square = unsure * unsure / 3;
    left -= share;
    give(who, part);
  }
}

}  // namespace

void Meter::State::read_all(bool keep) {
  for (auto const& channel : node.channels) {
    channel->read(*clock);
    if (keep) channel->keep();
  }
  last_read_ns = clock->now_ns(), reads_anything = !node.channels.empty();
}

void Meter::State::find_spares() {
  spare_of.assign(node.channels.size(), -1);
  for (std::size_t k = 0; k < node.channels.size(); ++k)
    for (std::size_t s = node.channels.size(); s-- > 0;)  // the first one found wins
      if (node.channels[s]->device().info.id.starts_with(node.channels[k]->device().info.id +
                                                         "-by-"))
        spare_of[k] = static_cast<int>(s);
}

std::string Meter::State::library() const {
  return options.nvml_library.value_or(tree->is_real() ? "libnvidia-ml.so.1" : "");
}

/// A rank that does not read: where the reader misses accelerators, tell of those seen here.
void Meter::State::tell_of_boards(MeterParts const& parts) {
  if (count_accelerators(*tree) == 0) return;
  relay = std::make_unique<BoardRelay>(lock->path().string() + ".boards");
  if (!relay->is_asked(question_patience_second)) return;
  auto found = find_nvml(library());
  bool const with_amd = tree->is_real() && !library().empty();
  auto const more =
      find_amd_smi(with_amd ? std::vector<std::string>{"libamd_smi.so", "librocm_smi64.so"}
                            : std::vector<std::string>{});
  found.sensors.insert(found.sensors.end(), more.sensors.begin(), more.sensors.end());
  found.sensors.insert(found.sensors.end(), parts.sensors.begin(), parts.sensors.end());
  std::erase_if(found.sensors, [](auto const& sensor) {
    auto const& info = sensor->info();
    return info.device != DeviceClass::gpu || info.id.ends_with("-power");
  });
  relay->offer(found.sensors);
  relay->tell(*clock);
}

/// The reader: asks the other ranks where accelerators are on the bus that it does not see.
void Meter::State::look_for_boards(MeterParts const& parts) {
  if (count_accelerators(*tree) == 0) return;
  relay = std::make_unique<BoardRelay>(lock->path().string() + ".boards");
  relay->remove_with_me();
  std::vector<std::string> own;
  for (auto const& sensor : probe.sensors)
    if (sensor->info().device == DeviceClass::gpu) own.push_back(sensor->info().id);
  bool const misses = probe.unseen_accelerators > 0;
  relay->ask(misses ? BoardRelay::Hidden::some : BoardRelay::Hidden::none, own);
  if (!misses || parts.drive == MeterParts::Drive::by_hand) return;
  auto const deadline =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(question_patience_second);
  while (relay->answers() < local_size() - 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

/// Boards that other ranks tell of become devices of this node from now on.
void Meter::State::adopt_boards() {
  if (!relay || !is_reader()) return;
  for (auto const& board : relay->take_new()) {
    adopt(node, probe, board, options);
    auto& channel = *node.channels.back();
    channel.read(*clock);
    start.push_back(channel.mark()), latest.push_back(channel.mark());
    for (auto& phase : windows) phase.emplace_back();
    find_spares();
  }
}

void Meter::State::start_up(MeterOptions const& options_given, MeterParts const& parts) {
  options = options_given;
  start_ns = latest_ns = clock->now_ns();
  book = std::make_unique<RegionBook>(start_ns);
  board = std::make_unique<PhaseBoard>(lock->path().string() + ".board", start_ns);
  region_windows.resize(1);
  if (!is_reader()) {
    node.headline = not_the_reader;
    node.missing_system = node.missing_chip = not_the_reader;
    tell_of_boards(parts);
    return;
  }
  board->remove_with_me();
  probe = probe_node(*tree, *clock, library(), options.memory_gb, parts.sensors, options.traces);
  node = compose(probe, *tree, options);
  look_for_boards(parts);
  find_spares();
  read_all(true);
  for (auto const& channel : node.channels) start.push_back(channel->mark());
  latest = start;
  for (auto& phase : windows) phase.resize(start.size());
  adopt_boards();
  start_ns = latest_ns = clock->now_ns();
  book = std::make_unique<RegionBook>(start_ns);
  board->take(start_ns);
}

/// By phase: this process's own regions where it is alone, else what all ranks of the node say.
PhaseShares Meter::State::phase_shares(std::vector<std::pair<int, std::int64_t>> const& regions,
                                       std::int64_t now_ns) {
  auto const ranks = board->take(now_ns);
  if (ranks.size() > 1) return agree(ranks);
  PhaseShares shares{};
  double all = 0;
  auto const entries = book->entries();
  for (auto const& [id, ns] : regions) {
    shares[static_cast<std::size_t>(entries[static_cast<std::size_t>(id)].phase)] +=
        static_cast<double>(ns);
    all += static_cast<double>(ns);
  }
  for (double& share : shares) share = all > 0 ? share / all : 0;
  if (all <= 0) shares[static_cast<std::size_t>(book->innermost())] = 1;
  return shares;
}

/// Reads all devices and gives what they took since the last time to the regions and phases that
/// were open meanwhile.
void Meter::State::settle(bool keep) {
  if (relay && relay->tells()) relay->tell(*clock);
  adopt_boards();
  read_all(keep);
  std::int64_t const now_ns = clock->now_ns();
  auto regions = book->take(now_ns);
  if (regions.empty()) regions.emplace_back(0, 1);
  auto const phases = phase_shares(regions, now_ns);
  trail.add(phases, latest_ns, now_ns);
  std::vector<std::pair<std::size_t, double>> by_region, by_phase;
  double all = 0;
  for (auto const& [id, ns] : regions) all += static_cast<double>(ns);
  for (auto const& [id, ns] : regions) {
    by_region.emplace_back(static_cast<std::size_t>(id), static_cast<double>(ns) / all);
    if (region_windows.size() <= by_region.back().first)
      region_windows.resize(by_region.back().first + 1);
    region_windows[by_region.back().first].resize(latest.size());  // it grows with the devices
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    if (phases[phase] > 0) by_phase.emplace_back(phase, phases[phase]);
    phase_second[phase] += phases[phase] * static_cast<double>(now_ns - latest_ns) * 1e-9;
  }
  for (std::size_t k = 0; k < latest.size(); ++k) {
    Mark const now = node.channels[k]->mark();
    auto const& info = node.channels[k]->device().info;
    Window const window = between(latest[k], now, info);
    hand_out(window, info, by_region,
             [&](auto who, Window const& part) { region_windows[who][k] += part; });
    hand_out(window, info, by_phase,
             [&](auto who, Window const& part) { windows[who][k] += part; });
    latest[k] = now;
  }
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

/// Whose figure counts for channel k: its own, or its spare's where it froze.
std::size_t Meter::State::speaker(std::size_t k, std::vector<Window> const& taken) const {
  if (spare_of[k] < 0) return k;
  auto const spare = static_cast<std::size_t>(spare_of[k]);
  auto const is_dead = [&](std::size_t one) {
    return taken[one].flow.frozen_ns > 0 || taken[one].flow.reads == taken[one].flow.failed ||
           stood_still(node.channels[one]->device().info, taken[one]);
  };
  return is_dead(k) && !is_dead(spare) ? spare : k;
}

Quantity<core::Joules> Meter::State::idle_part(std::size_t k, Weighed const& weighed,
                                               std::int64_t duration_ns) const {
  if (weighed.idle.present() || k >= idle_baseline.size() || !idle_baseline[k].present())
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
    std::size_t const who = speaker(k, taken);
    Weighed const weighed = weigh(node.channels[who]->device(), taken[who], mean_watt(who));
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

/// Joules of a phase or region; one that was never entered took exactly nothing.
Quantity<core::Joules> Meter::State::weigh_entered(std::size_t k, Window const& window) const {
  auto const& device = node.channels[k]->device();
  if (window.flow.reads == 0) return Quantity<core::Joules>::exactly({0}, device.kind);
  return weigh(device, window, mean_watt(k)).energy;
}

/// Did the board work? Its own word, else its power against the idle baseline where there is one.
Standing Meter::State::standing(std::size_t k, double second) const {
  if (!node.is_board[k]) return Standing::none;
  BoardFacts facts{node.is_allocated[k], {}};
  bool const is_hidden = node.channels[k]->device().info.backend == "model";
  bool const has_baseline =
      k < idle_baseline.size() && idle_baseline[k].present() && second > 0 && !is_hidden;
  if (auto const share = node.channels[k]->busiest())
    facts.is_busy = *share > 0;
  else if (has_baseline)
    facts.is_busy = mean_watt(k) > busy_over_idle * idle_baseline[k].value.value;
  return standing_of(facts);
}

Ledger Meter::State::ledger() const {
  Ledger ledger;
  for (std::size_t phase = 0; phase < phase_count; ++phase)
    ledger.seconds[phase] = {phase_second[phase]};
  auto const all = since(start);
  auto const entries = book->entries();
  for (auto const& entry : entries)
    ledger.regions.push_back(
        {entry.name, entry.phase, entry.count, core::seconds_between(0, entry.exclusive_ns), {}});
  for (std::size_t k = 0; k < start.size(); ++k) {
    auto const& device = node.channels[k]->device();
    std::size_t const who = speaker(k, all);
    auto const weighed = weigh(node.channels[who]->device(), all[who], mean_watt(who));
    ledger.devices.push_back(device);
    ledger.total.push_back(weighed.energy), ledger.largest_term.push_back(weighed.largest_term);
    ledger.flows.push_back(all[k].flow);
    ledger.standing.push_back(standing(k, static_cast<double>(all[k].duration_ns) * 1e-9));
    if (who != k)
      ledger.events.push_back(device.info.id + " froze, " + node.channels[who]->device().info.id +
                              " took over");
    for (std::size_t phase = 0; phase < phase_count; ++phase)
      ledger.joules[phase].push_back(weigh_entered(who, windows[phase][who]));
    for (std::size_t row = 0; row < entries.size(); ++row) {
      bool const is_entered = row < region_windows.size() && who < region_windows[row].size();
      ledger.regions[row].joules.push_back(
          weigh_entered(who, is_entered ? region_windows[row][who] : Window{}));
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
  bool const tells = state_->relay && state_->relay->tells();
  double const period = tells ? BoardRelay::period_second : options.period_s;
  if (parts.drive == MeterParts::Drive::thread && (tells || !state_->node.channels.empty()))
    state_->sampler = std::make_unique<Sampler>(state_->clock, period, [state = state_.get()] {
      std::lock_guard const guard(state->mutex);
      state->settle(true);
    });
}

Meter::~Meter() {
  if (state_) state_->sampler.reset();  // open regions may keep the state: they need no thread
}
Meter::Meter(Meter&&) noexcept = default;

bool Meter::is_reader() const { return state_->is_reader(); }
std::string Meter::headline() const {
  std::lock_guard const guard(state_->mutex);
  return state_->node.headline;
}
std::vector<ProbeRow> Meter::probe() const {
  std::lock_guard const guard(state_->mutex);  // boards that control groups hide join later
  return state_->probe.rows;
}

void Meter::sample() {
  std::lock_guard const guard(state_->mutex);
  state_->settle(true);
}

Region Meter::begin(Phase phase, std::string_view name) {
  int const id = state_->book->id(name.empty() ? to_string(phase) : name, phase);
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  auto region = std::make_unique<Region::State>();
  region->meter = state_;
  region->begin = state_->latest;
  region->begin_ns = state_->latest_ns;
  region->ticket = state_->book->open(id, state_->latest_ns);
  state_->board->enter(phase, state_->latest_ns);
  return Region(std::move(region));
}

int Meter::region(std::string_view name, Phase phase) { return state_->book->id(name, phase); }

std::int64_t Meter::edge() const {
  std::int64_t const now = state_->clock->now_ns();
  bool const is_old = now - state_->last_read_ns > edge_read_ns;
  if (!is_old || !state_->reads_anything) return now;
  std::lock_guard const guard(state_->mutex);
  state_->settle();
  return state_->latest_ns;
}

void Meter::push(int region) {
  std::int64_t const now = edge();
  state_->book->open(region, now);
  state_->board->enter(state_->book->innermost(), now);
}

bool Meter::pop() {
  std::int64_t const now = edge();
  bool const was_open = state_->book->pop(now);
  state_->board->enter(state_->book->innermost(), now);
  return was_open;
}

int Meter::processes_on_node() const { return state_->board->present(); }
int Meter::processes_seen() const { return state_->board->joined(); }

std::vector<DevicePower> Meter::powers() const {
  std::lock_guard const guard(state_->mutex);
  std::vector<DevicePower> powers;
  for (std::size_t k = 0; k < state_->start.size(); ++k) {
    auto const& device = state_->node.channels[k]->device();
    Window const all = between(state_->start[k], state_->node.channels[k]->mark(), device.info);
    double const joule = device.info.source == Source::counter
                             ? static_cast<double>(all.flow.counts) * device.info.quantum_joule
                             : all.flow.joule;
    powers.push_back({device.info.id, device.kind, device.use, {joule}, all.duration_ns});
  }
  return powers;
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
  auto const first = std::move(state_->idle_baseline);
  state_->idle_baseline.clear(), state_->idle_drift.clear();
  for (std::size_t k = 0; k < taken.size(); ++k) {
    auto const joules =
        weigh(state_->node.channels[k]->device(), taken[k], state_->mean_watt(k)).energy;
    core::Seconds const seconds = core::seconds_between(0, taken[k].duration_ns);
    Quantity<core::Watts> watts;
    if (joules.present() && seconds.value > 0)
      watts = {joules.low / seconds, joules.value / seconds, joules.high / seconds, joules.kind};
    double drift = std::numeric_limits<double>::quiet_NaN();
    if (k < first.size() && first[k].present() && watts.present()) {
      drift = watts.value / first[k].value - 1;
      watts = {{std::min(watts.low, first[k].low)},
               0.5 * (watts.value + first[k].value),
               {std::max(watts.high, first[k].high)},
               worst(watts.kind, first[k].kind)};
    }
    state_->idle_baseline.push_back(watts), state_->idle_drift.push_back(drift);
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
  account.spans = state_->trail.spans();
  account.idle_baseline = state_->idle_baseline, account.idle_drift = state_->idle_drift;
  if (account.is_reader) account.model_facts = state_->probe.model.facts();
  auto const utc = std::chrono::system_clock::now().time_since_epoch();
  account.utc_minus_steady_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(utc).count() - state_->clock->now_ns();
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
  meter.book->close(region->ticket, meter.latest_ns);
  meter.board->enter(meter.book->innermost(), meter.latest_ns);
  return meter.weigh_all(meter.since(region->begin), meter.latest_ns - region->begin_ns);
}

}  // namespace crossjoule::meter
