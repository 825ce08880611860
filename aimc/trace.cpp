// SPDX-License-Identifier: BSD-3-Clause
// The trace event format:
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include "aimc/pipeline.hpp"

#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

namespace crossjoule::aimc {

std::string chrome_trace(std::vector<Event> const& events, std::string const& title) {
  constexpr double us = 1e6;
  // a lane for what cannot do two things at once: a viewer nests events that overlap
  std::map<std::tuple<std::size_t, Resource, std::int64_t>, std::size_t> lanes;
  auto const key = [](Event const& event) {
    return std::tuple(event.stage, event.resource, event.server);
  };
  for (auto const& event : events) lanes.insert({key(event), 0});
  std::size_t next = 1;
  for (auto& [place, number] : lanes) number = next++;
  auto const lane = [&](Event const& event) { return lanes.at(key(event)); };
  // names hold letters, digits, '_', '.', '-' alone, so that nothing needs escaping
  std::string text = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n";
  text += fmt::format(
      "{{\"name\": \"process_name\", \"ph\": \"M\", \"pid\": 1, \"tid\": 0, \"args\": {{\"name\": "
      "\"{} (modelled)\"}}}}",
      title);
  std::set<std::size_t> named;
  for (auto const& event : events) {
    if (named.insert(lane(event)).second)
      text += fmt::format(
          ",\n{{\"name\": \"thread_name\", \"ph\": \"M\", \"pid\": 1, \"tid\": {}, \"args\": "
          "{{\"name\": \"{} {} {}\"}}}}",
          lane(event), event.name, to_string(event.resource), event.server);
    text += fmt::format(
        ",\n{{\"name\": \"{}\", \"cat\": \"{}\", \"ph\": \"X\", \"pid\": 1, \"tid\": {}, \"ts\": "
        "{:.9g}, \"dur\": {:.9g}, \"args\": {{\"sample\": {}, \"vectors\": {}}}}}",
        event.name, to_string(event.resource), lane(event), event.begin * us,
        (event.end - event.begin) * us, event.sample, event.vectors);
  }
  return text + "\n]}\n";
}

}  // namespace crossjoule::aimc
