// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "meter/backends.hpp"
#include "meter/values.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::meter {
namespace {

/// Plays a recording: what it showed as long after its begin as the meter's clock says, steps held.
/// Before the first and after the last stamp reads fail: nothing is known there.
class ReplaySensor : public Sensor {
 public:
  ReplaySensor(TraceChannel channel, Clock& clock, std::int64_t trace_begin_ns,
               std::shared_ptr<std::int64_t> begin_ns)
      : Sensor(channel.info),
        channel_(std::move(channel)),
        clock_(clock),
        trace_begin_ns_(trace_begin_ns),
        begin_ns_(std::move(begin_ns)) {}
  std::optional<Reading> read() override {
    std::int64_t const now = clock_.now_ns();
    if (*begin_ns_ < 0) *begin_ns_ = now;
    std::int64_t const at = trace_begin_ns_ + (now - *begin_ns_);
    auto const& times = channel_.time_ns;
    auto const next = std::upper_bound(times.begin(), times.end(), at);
    if (next == times.begin() || at > times.back()) return {};
    return channel_.readings[static_cast<std::size_t>(next - times.begin()) - 1];
  }

 private:
  TraceChannel channel_;
  Clock& clock_;
  std::int64_t trace_begin_ns_;
  std::shared_ptr<std::int64_t> begin_ns_;  // shared: all channels start together
};

/// Follows a file that grows: new rows are added up by the trapezium rule between their own stamps
/// (or taken from its joules) and shown as a counter of microjoules. Rows that are out of order or
/// unreadable are skipped; over a gap nothing is added.
class ExternalSensor : public Sensor {
 public:
  ExternalSensor(SensorInfo info, std::filesystem::path file, std::string heading)
      : Sensor(std::move(info)), file_(std::move(file)), heading_(std::move(heading)) {}
  ~ExternalSensor() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  /// Begins behind what is in the file now.
  bool start(TraceChannel const& past) {
    descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) return false;
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return false;
    offset_ = status.st_size;
    last_ns_ = past.time_ns.back(), last_ = past.readings.back();
    return true;
  }

  std::optional<Reading> read() override {
    char block[16384];
    for (ssize_t got = 0; (got = ::pread(descriptor_, block, sizeof block, offset_)) > 0;) {
      tail_.append(block, static_cast<std::size_t>(got)), offset_ += got;
      if (tail_.size() > (1U << 20)) return {};  // no line ends: not a table
      auto const end = tail_.rfind('\n');
      if (end == std::string::npos) continue;
      take(heading_ + tail_.substr(0, end + 1));
      tail_.erase(0, end + 1);
    }
    return Reading{static_cast<std::uint64_t>(std::llround(joule_ * 1e6)), last_.watt};
  }

 private:
  void take(std::string const& lines) try {
    for (auto const& channel : parse_trace(lines, file_.string())) {
      if (channel.info.id != info().id) continue;
      for (std::size_t k = 0; k < channel.time_ns.size(); ++k)
        step(channel.time_ns[k], channel.readings[k], channel.info.unit == "J");
    }
  } catch (core::Error const&) {  // lines without one sound row
  }

  void step(std::int64_t time_ns, Reading const& reading, bool has_joule) {
    double const seconds = static_cast<double>(time_ns - last_ns_) * 1e-9;
    if (seconds <= 0) return;
    bool const is_gap = seconds > std::max(10 * info().update_second, 5.0);
    if (has_joule && reading.counter >= last_.counter)
      joule_ += static_cast<double>(reading.counter - last_.counter) * 1e-6;
    else if (!has_joule && !is_gap)
      joule_ += 0.5 * (reading.watt + last_.watt) * seconds;
    last_ns_ = time_ns, last_ = reading;
  }

  std::filesystem::path file_;
  std::string heading_, tail_;
  int descriptor_ = -1;
  off_t offset_ = 0;
  std::int64_t last_ns_ = 0;
  Reading last_;
  double joule_ = 0;
};

/// Everything up to the end of the heading line: new rows are parsed with it before them.
std::string heading_of(std::filesystem::path const& file) {
  int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  auto const text = OpenFile(descriptor).read(1 << 16).value_or("");
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') at = text.find('\n', at) + 1;
  auto const end = text.find('\n', at);
  return text.substr(0, end == std::string::npos ? text.size() : end + 1);
}

void add_replay(Found& found, TraceSource const& source, Clock& clock) {
  auto channels = read_trace(source.file);
  std::int64_t begin = channels.front().time_ns.front();
  for (auto const& channel : channels) begin = std::min(begin, channel.time_ns.front());
  auto const started = std::make_shared<std::int64_t>(-1);
  for (auto& channel : channels) {
    channel.info.backend = "replay";
    found.rows.push_back({"replay", channel.info.id, source.file.string(), Status::ok, 0,
                          "not used", "a recording: its joules are those of another time"});
    found.sensors.push_back(
        std::make_shared<ReplaySensor>(std::move(channel), clock, begin, started));
  }
}

void add_external(Found& found, TraceSource const& source) {
  for (auto const& channel : read_trace(source.file)) {
    SensorInfo info = channel.info;
    info.backend = "external", info.source = Source::counter, info.quantum_joule = 1e-6;
    info.is_sampled = channel.info.source == Source::power;
    ProbeRow row{"external", info.id, source.file.string(), Status::ok, 0, "not used", ""};
    auto sensor = std::make_shared<ExternalSensor>(info, source.file, heading_of(source.file));
    if (sensor->start(channel))
      found.sensors.push_back(std::move(sensor));
    else
      row.status = Status::absent, row.error_number = errno, row.advice = "it cannot be opened";
    found.rows.push_back(row);
  }
}

}  // namespace

Found find_traces(std::vector<TraceSource> const& sources, Clock& clock) {
  Found found;
  for (auto const& source : sources)
    if (source.role == TraceSource::Role::replay)
      add_replay(found, source, clock);
    else
      add_external(found, source);
  return found;
}

}  // namespace crossjoule::meter
