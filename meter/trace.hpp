// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/sensor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// A file of readings that stands in for a sensor, or joins them.
struct TraceSource {
  enum class Role {
    replay,   ///< a finished recording, played back with the meter's clock
    external  ///< a file that another meter appends to while we run (PDU, analyser)
  };
  Role role = Role::replay;
  std::filesystem::path file;
  bool operator==(TraceSource const&) const = default;
};

/// One channel of a recording. Stamps rise strictly: what did not was dropped and counted.
struct TraceChannel {
  SensorInfo info;
  std::vector<std::int64_t> time_ns;
  std::vector<Reading> readings;
  std::int64_t duplicates = 0, out_of_order = 0, unreadable = 0;
  std::int64_t gaps = 0;  ///< steps of more than ten times the usual one
};

/// A recording as CSV (docs/energy.md): `# key = value` lines (device, id, accuracy,
/// clock_offset_s, max_watt), a heading with t_utc_ns, t_ns or time, with watts and/or joules, with
/// channel if there are several; or the series of a record that this meter wrote (.h5). Errors:
/// bad_input.
std::vector<TraceChannel> read_trace(std::filesystem::path const& file);
/// The same from text; `name` is told in errors.
std::vector<TraceChannel> parse_trace(std::string_view text, std::string const& name);

/// "replay:FILE" or "external:FILE"; Error (bad_input) for anything else.
TraceSource parse_trace_source(std::string const& text);

}  // namespace crossjoule::meter
