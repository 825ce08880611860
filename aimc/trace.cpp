// SPDX-License-Identifier: BSD-3-Clause
// The trace event format:
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include "aimc/pipeline.hpp"

#include <fmt/format.h>
#include <set>

namespace crossjoule::aimc {

std::string chrome_trace(std::vector<Event> const& events, std::string const& title) {
  constexpr double us = 1e6;
  constexpr std::size_t lanes_per_stage = 2048, resources = 16;
  auto lane = [](Event const& event) {
    // links, tiles, converters and columns of a replica, and of anything else the resource itself
    return event.stage * lanes_per_stage +
           resources * static_cast<std::size_t>(event.server % 127) +
           static_cast<std::size_t>(event.resource);
  };
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
