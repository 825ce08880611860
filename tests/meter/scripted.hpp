// SPDX-License-Identifier: BSD-3-Clause
// A clock that only tests move, folders that look like a node, and counters with a known truth.
#pragma once

#include "meter/clock.hpp"
#include "meter/meter.hpp"
#include "meter/sensor.hpp"
#include "meter/tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <fstream>
#include <functional>

namespace crossjoule::meter {

/// Time passes when somebody waits, at once; listeners then bring the world up to date.
class ScriptedClock : public Clock {
 public:
  std::int64_t now_ns() override { return now_ns_; }
  void sleep_until(std::int64_t time_ns, std::stop_token) override { move_to(time_ns); }
  void work_until(std::int64_t time_ns) override { move_to(time_ns); }
  double seconds() const { return static_cast<double>(now_ns_ - origin_ns) * 1e-9; }
  void move_to(std::int64_t time_ns) {
    now_ns_ = std::max(now_ns_, time_ns);
    for (auto const& listener : listeners) listener(seconds());
  }
  void pass(double seconds) { move_to(now_ns_ + std::llround(seconds * 1e9)); }
  std::vector<std::function<void(double)>> listeners;
  static constexpr std::int64_t origin_ns = 1'000'000'000;

 private:
  std::int64_t now_ns_ = origin_ns;
};

/// Power that changes in steps; joules since time 0 are exact.
class StepLoad {
 public:
  explicit StepLoad(double first_watt) : watt_{first_watt}, from_{0} {}
  StepLoad& at(double second, double watt) {
    from_.push_back(second), watt_.push_back(watt);
    return *this;
  }
  double joule(double second) const {
    double total = 0;
    for (std::size_t k = 0; k < from_.size() && from_[k] < second; ++k)
      total +=
          watt_[k] * (std::min(second, k + 1 < from_.size() ? from_[k + 1] : second) - from_[k]);
    return total;
  }

 private:
  std::vector<double> watt_, from_;
};

/// A folder below the temporary one that is removed with the object.
class FakeRoot {
 public:
  FakeRoot() {
    static int serial = 0;
    // in memory where there is some: the feeders rewrite files thousands of times
    std::filesystem::path const shared = "/dev/shm";
    bool const has_shared = ::access(shared.c_str(), W_OK) == 0;
    path_ = (has_shared ? shared : std::filesystem::temp_directory_path()) /
            fmt::format("crossjoule-meter-{}-{}", ::getpid(), serial++);
    std::filesystem::create_directories(path_);
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  std::filesystem::path const& path() const { return path_; }

  void put(std::string const& path, std::string const& text) const {
    auto const file = path_ / std::filesystem::path(path).relative_path();
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }
  /// A powercap zone; `folder` is "intel-rapl:0" or "intel-rapl:0/intel-rapl:0:1".
  void zone(std::string const& folder, std::string const& name, std::uint64_t energy_uj,
            std::uint64_t range_uj = 262143328850) const {
    std::string const base = "/sys/class/powercap/" + folder;
    put(base + "/name", name), put(base + "/energy_uj", std::to_string(energy_uj));
    put(base + "/max_energy_range_uj", std::to_string(range_uj));
  }
  void processor(std::string const& vendor, std::string const& model_name, int threads,
                 char const* flags) const {
    std::string text;
    for (int k = 0; k < threads; ++k)
      text += fmt::format(
          "processor\t: {}\nvendor_id\t: {}\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: {}\n"
          "stepping\t: 7\nflags\t\t: {}\n\n",
          k, vendor, model_name, flags);
    put("/proc/cpuinfo", text);
    put("/proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB");
    stat(0, 0, 100);
  }
  void stat(long user, long stolen, long idle) const {
    put("/proc/stat", fmt::format("cpu  {} 0 0 {} 0 0 0 {} 0 0\ncpu0 1 2 3 4", user, idle, stolen));
  }
  /// Lets a zone count a load with the clock, renewed every millisecond as RAPL does.
  void feed(ScriptedClock& clock, std::string const& folder, StepLoad load, std::uint64_t start_uj,
            std::uint64_t modulus_uj) const {
    auto const file = "/sys/class/powercap/" + folder + "/energy_uj";
    clock.listeners.push_back([=, this](double now) {
      double const renewed = std::floor(now * 1e3 + 1e-6) * 1e-3;
      auto const grown = static_cast<std::uint64_t>(std::llround(load.joule(renewed) * 1e6));
      put(file, std::to_string((start_uj + grown) % modulus_uj));
    });
  }

 private:
  std::filesystem::path path_;
};

/// The modulus that goes with a range of 2^32 - 1 units of 61 uJ.
inline constexpr std::uint64_t usual_range_uj = 262143328850,
                               usual_modulus_uj = usual_range_uj + 61;

/// A sensor in memory: the test sets what it shows next.
class FakeSensor : public Sensor {
 public:
  using Sensor::Sensor;
  std::optional<Reading> read() override {
    ++reads;
    return source ? source() : std::nullopt;
  }
  std::function<std::optional<Reading>()> source;
  int reads = 0;
};

inline SensorInfo package_info(std::string id) {
  SensorInfo info;
  info.id = id, info.backend = "powercap", info.path = "fake", info.name = id,
  info.device = DeviceClass::package;
  info.contained_in = {"platform"}, info.gain = 0.05;
  return info;
}

/// Parts of a meter that lives in the fake root and on the scripted clock, with a lock of its own.
inline MeterParts parts_for(FakeRoot const& root, std::shared_ptr<ScriptedClock> clock) {
  MeterParts parts;
  parts.clock = std::move(clock), parts.tree = std::make_shared<Tree const>(root.path());
  parts.lock_folder = root.path(), parts.job = "test", parts.drive = MeterParts::Drive::by_hand;
  return parts;
}

}  // namespace crossjoule::meter
