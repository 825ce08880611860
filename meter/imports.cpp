// SPDX-License-Identifier: BSD-3-Clause
#include "meter/imports.hpp"

#include "core/error.hpp"
#include "meter/containment.hpp"
#include "meter/cross_check.hpp"
#include "meter/uncertainty.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace crossjoule::meter {
namespace {

constexpr std::array<std::string_view, 10> format_names = {
    "nvidia-smi", "sacct",          "slurm-profile", "perun", "tegrastats",
    "codecarbon", "impact-tracker", "load-profile",  "trace", "record"};

/// Shows what it is told to, at the time it is told to.
class ToldClock : public Clock {
 public:
  std::int64_t now_ns() override { return now; }
  void sleep_until(std::int64_t, std::stop_token) override {}
  void work_until(std::int64_t) override {}
  std::int64_t now = 0;
};
class ToldSensor : public Sensor {
 public:
  using Sensor::Sensor;
  std::optional<Reading> read() override { return next; }
  Reading next;
};

/// The first line that is not empty.
std::string first_line(std::filesystem::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  while (std::getline(stream, line))
    if (!trim(line).empty()) break;
  return line.substr(0, 4096);
}

}  // namespace

std::string_view to_string(LogFormat format) {
  return format_names[static_cast<std::size_t>(format)];
}

LogFormat log_format_from(std::string_view text) {
  for (std::size_t k = 0; k < format_names.size(); ++k)
    if (format_names[k] == text) return static_cast<LogFormat>(k);
  std::string all;
  for (auto const name : format_names) all += (all.empty() ? "" : ", ") + std::string(name);
  core::fail(core::ExitCode::bad_input, "format = {} (no log format) use one of {}", text, all);
}

LogFormat guess_log_format(std::filesystem::path const& file) {
  VALIDATE(std::filesystem::is_regular_file(file), "{} is absent (no such file) check the path",
           file.string());
  std::string const line = lower(first_line(file));
  auto const has = [&](char const* part) { return line.find(part) != std::string::npos; };
  if (line.starts_with("\x89hdf")) {
    auto const h5 = core::H5File::open(file);
    if (h5.exists("/meta") || h5.exists("/energy/nodes")) return LogFormat::record;
    return h5.exists("/Steps") || h5.exists("/Energy") ? LogFormat::slurm_profile
                                                       : LogFormat::perun;
  }
  if (has("power.draw")) return LogFormat::nvidia_smi;
  if (has("consumedenergy")) return LogFormat::sacct;
  if (has("rapl_power") && has("estimated_power")) return LogFormat::load_profile;
  if (has("emissions") && has("duration")) return LogFormat::codecarbon;
  if (line.starts_with("{")) return LogFormat::impact_tracker;
  if (has("ram ") && has("mb")) return LogFormat::tegrastats;
  if (has("t_utc_ns") || has("t_ns") || line.starts_with("#")) return LogFormat::trace;
  core::fail(core::ExitCode::bad_input,
             "{} is a log of no known form (its first line is '{}') name it with format=…",
             file.string(), line.substr(0, 60));
}

TraceChannel detail::total_channel(std::string id, DeviceClass device, double joule, double second,
                                   double gain) {
  // a log may hold any number: a century, and the energy of the largest machine over it, are enough
  second = std::clamp(second, 0.0, 3e9), joule = std::clamp(joule, 0.0, 1e15);
  TraceChannel channel;
  auto& info = channel.info;
  info.id = std::move(id), info.name = info.id, info.device = device, info.backend = "import";
  info.source = Source::counter, info.modulus = 0;
  info.quantum_joule = joule < 1e12 ? 1e-6 : 1e-3;  // both fit into 64 bits
  info.gain = gain, info.update_second = 1e-3;
  info.max_watt = second > 0 ? std::max(1.0, 2 * joule / second) : 1e12;
  channel.time_ns = {0, std::max<std::int64_t>(1, static_cast<std::int64_t>(second * 1e9))};
  channel.readings = {{0, 0}, {static_cast<std::uint64_t>(joule / info.quantum_joule + 0.5), 0}};
  return channel;
}

std::string detail::read_log(std::filesystem::path const& file) {
  std::error_code error;
  VALIDATE(std::filesystem::is_regular_file(file, error),
           "{} is absent (no such file) check the path", file.string());
  auto const bytes = std::filesystem::file_size(file, error);
  VALIDATE(!error && bytes <= 256'000'000, "{} has {} bytes (at most 256 MB) split the log",
           file.string(), bytes);
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

NodeAccount account_of(std::string host, std::vector<TraceChannel> const& channels,
                       std::string headline) {
  NodeAccount account;
  account.host = std::move(host), account.headline = std::move(headline), account.is_reader = true;
  auto& ledger = account.ledger;
  double longest = 0;
  std::vector<SensorInfo> infos;
  std::optional<std::int64_t> first_ns;  // of all channels: they keep their places in time
  for (auto const& channel : channels)
    if (!channel.time_ns.empty())
      first_ns = std::min(first_ns.value_or(channel.time_ns.front()), channel.time_ns.front());
  std::int64_t const origin_ns = first_ns.value_or(0) - 1;  // a stamp of 0 means: never read
  if (first_ns && *first_ns > 0) account.utc_minus_steady_ns = origin_ns;
  for (auto const& channel : channels) {
    if (channel.time_ns.empty()) continue;
    ToldClock clock;
    auto const sensor = std::make_shared<ToldSensor>(channel.info);
    auto const adder = make_channel(sensor);
    Mark begin;
    for (std::size_t k = 0; k < channel.time_ns.size(); ++k) {
      clock.now = channel.time_ns[k] - origin_ns;
      sensor->next = channel.readings[k];
      adder->read(clock), adder->keep();
      if (k == 0) begin = adder->mark();
    }
    Window window = between(begin, adder->mark(), channel.info);
    window.flow.reads += 1, window.flow.failed += channel.unreadable;
    window.flow.reads += channel.unreadable;
    double const second = static_cast<double>(window.duration_ns) * 1e-9;
    longest = std::max(longest, second);
    Device device = adder->device();
    auto const weighed = weigh(device, window, 0);
    ledger.devices.push_back(device), infos.push_back(channel.info);
    ledger.total.push_back(weighed.energy), ledger.largest_term.push_back(weighed.largest_term);
    ledger.flows.push_back(window.flow);
    account.series.push_back(adder->series());
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      bool const is_rest = static_cast<Phase>(phase) == Phase::unattributed;
      ledger.joules[phase].push_back(
          is_rest ? weighed.energy : core::Quantity<core::Joules>::exactly({0}, device.kind));
    }
  }
  auto const uses = choose_cover(infos);
  for (std::size_t k = 0; k < uses.size(); ++k) ledger.devices[k].use = uses[k];
  ledger.seconds[static_cast<std::size_t>(Phase::unattributed)] = {longest};
  return account;
}

Import import_log(std::filesystem::path const& file, ImportOptions const& options) {
  auto const format = options.format ? *options.format : guess_log_format(file);
  if (format == LogFormat::record) return detail::import_record(file);
  if (format == LogFormat::perun) return detail::import_perun(file, options);
  if (format == LogFormat::slurm_profile) return detail::import_slurm_profile(file, options);
  return import_text(detail::read_log(file), format, file.string(), options);
}

}  // namespace crossjoule::meter
