// SPDX-License-Identifier: BSD-3-Clause
#include "meter/channel.hpp"

#include <algorithm>

namespace crossjoule::meter {
namespace {

/// The gap beyond which the power between two samples is no longer held to be known: this, or three
/// updates of a slower sensor.
constexpr double longest_sample_second = 1.5, longest_sample_updates = 3;
/// How often a board is asked whether it works.
constexpr std::int64_t busy_apart_ns = 200'000'000;

class SensorChannel : public Channel {
 public:
  explicit SensorChannel(std::shared_ptr<Sensor> sensor)
      : Channel({sensor->info(),
                 sensor->info().source == Source::counter && !sensor->info().is_sampled
                     ? core::Kind::measured_counter
                     : core::Kind::measured_sampled,
                 Use::counted}),
        sensor_(std::move(sensor)) {}

  void read(Clock& clock) override {
    std::int64_t const before = clock.now_ns();
    auto const reading = sensor_->read();
    asked_ns_ = before + (clock.now_ns() - before) / 2;
    take(reading);
    fresh_ = reading.has_value();
    if (fresh_) latest_ = *reading;
    if (device_.info.device == DeviceClass::gpu) look_busy();
  }

 protected:
  virtual void take(std::optional<Reading> const& reading) = 0;
  std::shared_ptr<Sensor> sensor_;

 private:
  /// Boards renew that figure a few times a second, and the first tells of what was before us.
  void look_busy() {
    if (looked_ns_ == 0) looked_ns_ = asked_ns_;
    if (asked_ns_ - looked_ns_ < busy_apart_ns) return;
    looked_ns_ = asked_ns_;
    if (auto const share = sensor_->busy_share()) busiest_ = std::max(busiest_.value_or(0), *share);
  }
  std::int64_t looked_ns_ = 0;
};

class CounterChannel : public SensorChannel {
 public:
  explicit CounterChannel(std::shared_ptr<Sensor> sensor)
      : SensorChannel(sensor),
        sum_({sensor->info().modulus, sensor->info().quantum_joule, sensor->info().max_watt,
              sensor->info().update_second}) {}
  Mark mark() const override { return {asked_ns_, sum_.last_good_ns(), sum_.flow()}; }

 private:
  void take(std::optional<Reading> const& reading) override {
    if (reading && has_epoch_ && reading->epoch != epoch_) sum_.restart(asked_ns_);
    if (reading) epoch_ = reading->epoch, has_epoch_ = true;
    sum_.add(asked_ns_, reading ? std::optional(reading->counter) : std::nullopt);
  }
  Accumulator sum_;
  std::uint64_t epoch_ = 0;
  bool has_epoch_ = false;
};

class PowerChannel : public SensorChannel {
 public:
  using SensorChannel::SensorChannel;
  Mark mark() const override { return {asked_ns_, good_ns_, flow_}; }

 private:
  void take(std::optional<Reading> const& reading) override {
    ++flow_.reads;
    // a power beyond the device's limits is as good as no reading
    if (!reading || !(reading->watt >= 0) || reading->watt > 1.5 * device_.info.max_watt) {
      ++flow_.failed;
      bridging_ = true;
      return;
    }
    if (good_ns_ != 0) integrate(reading->watt);
    watt_ = reading->watt, good_ns_ = asked_ns_, bridging_ = false;
  }

  void integrate(double watt) {
    double const seconds = static_cast<double>(asked_ns_ - good_ns_) * 1e-9;
    flow_.joule += 0.5 * (watt_ + watt) * seconds;
    double const change = (watt - watt_) * seconds;  // the step may have come at any time between
    flow_.sampling_square += change * change / 12;
    if (seconds >
        std::max(longest_sample_second, longest_sample_updates * device_.info.update_second))
      ++flow_.gaps, flow_.unseen_joule += device_.info.max_watt * seconds;
    else if (!bridging_)
      flow_.covered_ns += asked_ns_ - good_ns_;
  }

  Flow flow_;
  double watt_ = 0;
  bool bridging_ = false;
};

}  // namespace

Window& Window::operator+=(Window const& other) {
  flow += other.flow;
  duration_ns += other.duration_ns;
  edge_square += other.edge_square;
  late_begin_second += other.late_begin_second, late_end_second += other.late_end_second;
  shortest_ns = shortest_ns == 0 ? other.shortest_ns : std::min(shortest_ns, other.shortest_ns);
  return *this;
}

Window between(Mark const& begin, Mark const& end, SensorInfo const& info) {
  Window window;
  window.flow = end.flow - begin.flow;
  window.duration_ns = end.asked_ns - begin.asked_ns;
  window.shortest_ns = window.duration_ns;
  window.edge_square = 2 * info.update_second * info.update_second;
  auto const late = [](Mark const& mark) {
    return mark.good_ns == 0 ? 0 : static_cast<double>(mark.asked_ns - mark.good_ns) * 1e-9;
  };
  window.late_begin_second = late(begin), window.late_end_second = late(end);
  return window;
}

void Series::add(std::int64_t when_ns, Source source, Reading const& reading) {
  if (seen++ % stride != 0) return;
  time_ns.push_back(when_ns);
  if (source == Source::counter)
    counter.push_back(reading.counter);
  else
    power_watt.push_back(static_cast<float>(reading.watt));
  if (time_ns.size() < limit) return;
  auto const thin = [](auto& values) {
    for (std::size_t k = 0; 2 * k < values.size(); ++k) values[k] = values[2 * k];
    values.resize((values.size() + 1) / 2);
  };
  thin(time_ns), thin(counter), thin(power_watt);
  stride *= 2;
}

void Channel::keep() {
  if (fresh_) series_.add(asked_ns_, device_.info.source, latest_);
}

std::unique_ptr<Channel> make_channel(std::shared_ptr<Sensor> sensor) {
  if (sensor->info().source == Source::counter)
    return std::make_unique<CounterChannel>(std::move(sensor));
  return std::make_unique<PowerChannel>(std::move(sensor));
}

}  // namespace crossjoule::meter
