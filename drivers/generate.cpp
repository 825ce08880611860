// SPDX-License-Identifier: BSD-3-Clause
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/table.hpp"
#include "drivers/generate_weather.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"
#include "sim/world/events/writer.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <limits>

namespace crossjoule::drivers {
namespace {

namespace events = sim::events;
using Request = events::FileRequest;

/// The keys of one file; `defaults` are those of the root.
Request take_request(core::Config table, Request const& defaults) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  Request request = defaults;
  request.mixture = events::mixture_from(
      table.take_choice("process", defaults.mixture.name,
                        "background (a mixture) or a single process", events::mixture_names()));
  request.events = table.take("events", defaults.events, "events to write, after the lepton filter",
                              {1, 10'000'000'000});
  auto const seed = table.take("seed", static_cast<std::int64_t>(defaults.seed),
                               "another seed gives other events", {0, largest});
  request.seed = static_cast<std::uint64_t>(seed);
  request.first_event = table.take("first_event", defaults.first_event,
                                   "events skipped at the beginning of the seed's endless sequence",
                                   {0, 1'000'000'000'000'000});
  auto const float32 = defaults.precision == Request::Precision::float32;
  auto const precision = table.take_choice("precision", float32 ? "float32" : "float64",
                                           "element type on disk", {"float32", "float64"});
  request.precision =
      precision == "float32" ? Request::Precision::float32 : Request::Precision::float64;
  return request;
}

/// One request per [[files]] table, or a single one from the keys of the root.
std::vector<Request> read_requests(Call& call) {
  core::Config& config = call.config;
  std::string const path =
      config.take("output", "events.h5", "the file to write where there is no [[files]]");
  Request root = take_request(config, {});
  root.path = call.output.empty() ? path : call.output;
  std::vector<Request> requests;
  for (auto& table : config.sections(
           "files", "several files: path = \"...\" for each, and any of the keys above")) {
    auto request = take_request(table, root);
    request.path = table.take("path", "", "the file to write");
    VALIDATE(!request.path.empty(),
             "files: a table has no path (each file needs one) add path = \"...\"{}",
             table.where("process"));
    requests.push_back(request);
  }
  VALIDATE(
      requests.empty() || call.output.empty(),
      "--output {} (the configuration names its own files) drop --output, or the [[files]] tables",
      call.output);
  if (requests.empty()) requests.push_back(root);
  return requests;
}

/// Same mixture and seed, and indices in common?
bool share_events(Request const& a, Request const& b) {
  return a.mixture.name == b.mixture.name && a.seed == b.seed &&
         a.first_event < b.first_event + b.events && b.first_event < a.first_event + a.events;
}

/// What can be known before the first event is made.
void check(std::vector<Request> const& requests, core::Overwrite overwrite) {
  for (auto a = requests.begin(); a != requests.end(); ++a) {
    VALIDATE(overwrite == core::Overwrite::yes || !std::filesystem::exists(a->path),
             "{}: the file exists (it would be replaced) choose another path or add --force",
             a->path.string());
    auto const folder = a->path.parent_path();
    VALIDATE(folder.empty() || std::filesystem::is_directory(folder),
             "{} cannot be made (there is no folder {}) make the folder or choose another path",
             a->path.string(), folder.string());
    for (auto b = requests.begin(); b != a; ++b) {
      VALIDATE(a->path != b->path,
               "{}: two files of this name (one would replace the other) rename one",
               a->path.string());
      if (share_events(*a, *b))
        core::warn("{} and {} hold the same events in part: give them different seeds",
                   b->path.string(), a->path.string());
    }
  }
}

struct Written {
  Request request;
  events::FileReport report;
  double seconds;
};

Json to_json(std::vector<Written> const& files) {
  Json list = Json::array();
  for (auto const& [request, report, seconds] : files) {
    Json file = Json::object();
    file.set("path", request.path.string())
        .set("process", request.mixture.name)
        .set("events", request.events);
    file.set("seed", static_cast<std::int64_t>(request.seed))
        .set("first_event", request.first_event);
    file.set("bytes", report.bytes).set("collisions", report.collisions).set("seconds", seconds);
    list.push(file);
  }
  return Json::object().set("files", list);
}

std::string table_of(std::vector<Written> const& files) {
  core::Table table({"file", "process", "events", "seed", "MB", "filter passes %", "events/s"});
  for (auto const& [request, report, seconds] : files) {
    double const count = static_cast<double>(request.events);
    table.row({request.path.string(), request.mixture.name, std::to_string(request.events),
               std::to_string(request.seed),
               fmt::format("{:.1f}", static_cast<double>(report.bytes) / 1e6),
               fmt::format("{:.1f}", 100 * count / static_cast<double>(report.collisions)),
               fmt::format("{:.3g}", count / seconds)});
  }
  return table.text();
}

/// `crossjoule generate events [config.toml]`: collision events in the ADC2021 form, on all ranks.
/// The files are the product: they hold no rank, host or time, so there is no record beside them.
core::ExitCode generate_events(Call& call, core::Comm const& comm) {
  auto const requests = read_requests(call);
  if (!call.go()) return core::ExitCode::ok;
  if (comm.is_root()) check(requests, call.overwrite);

  std::vector<Written> files;
  for (auto const& request : requests) {
    core::Progress progress(request.path.string(), request.events, "events");
    auto const begin = core::steady_ns();
    auto const report = events::write_events(request, call.overwrite, comm,
                                             [&](std::int64_t count) { progress.advance(count); });
    files.push_back({request, report, core::seconds_between(begin, core::steady_ns()).value});
  }
  if (!comm.is_root()) return core::ExitCode::ok;
  if (call.format == Call::Format::json)
    fmt::print("{}\n", to_json(files).dump());
  else
    fmt::print("{}", table_of(files));
  return core::ExitCode::ok;
}

}  // namespace

core::ExitCode generate(Call& call, core::Comm const& comm) {
  if (call.kind == "weather") return generate_weather(call, comm);
  VALIDATE(call.kind == "events",
           "generate {} (there is no such kind) write: crossjoule generate events, or weather",
           call.kind);
  return generate_events(call, comm);
}

}  // namespace crossjoule::drivers
