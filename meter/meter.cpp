// SPDX-License-Identifier: BSD-3-Clause
#include "meter/meter.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "meter/detail/meter_state.hpp"

#include <unistd.h>
#include <chrono>

namespace crossjoule::meter {
namespace {

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name[0] ? name : "localhost";
}

/// A cheap region reads the devices at its edge only where the last reading is older than this;
/// else its share of the interval is told by time.
constexpr std::int64_t edge_read_ns = 20'000'000;

}  // namespace

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
  state_->take_baseline(state_->since(begin));
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