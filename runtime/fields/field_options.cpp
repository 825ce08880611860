// SPDX-License-Identifier: BSD-3-Clause
// The keys of a [data] table that names fields.
#include "core/error.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/field_source.hpp"

namespace crossjoule::runtime {
namespace {

using Gaps = FieldFilesOptions::Gaps;
using Join = FieldFilesOptions::Join;

std::optional<std::int64_t> take_time(core::Config& table, char const* key,
                                      std::optional<std::int64_t> fallback, char const* comment) {
  auto const text = table.take(key, fallback ? time_text(*fallback).c_str() : "", comment);
  if (text.empty()) return {};
  auto const time = parse_time(text);
  VALIDATE(time.has_value(),
           "{} = \"{}\" (must be a UTC time) write 2019-03-01T06:00 or the like{}", key, text,
           table.where(key));
  return time;
}

}  // namespace

FieldFilesOptions read_field_files_options(core::Config table, FieldFilesOptions const& defaults) {
  FieldFilesOptions options = defaults;
  std::vector<std::string> files;
  for (auto const& file : defaults.files) files.push_back(file.string());
  files = table.take("files", files, "files, or folders of year files (????.h5), in this order");
  options.files.assign(files.begin(), files.end());
  options.pattern = table.take("pattern", defaults.pattern.c_str(),
                               "names of the files of a folder: ? one character, * any");
  options.years =
      table.take("years", defaults.years, "[]: all; else these of the year files", {0, 9999});
  options.dataset = table.take("dataset", defaults.dataset.c_str(), "(time, channel, lat, lon)");
  options.variables = table.take("variables", defaults.variables,
                                 "instead of `dataset`: one dataset (time, lat, lon) per channel");
  options.channel_names =
      table.take("channel_names", defaults.channel_names, "for files that name no channels");
  auto names = table.section("names", "datasets of the axes; \"\": the usual names");
  options.time = names.take("time", defaults.time.c_str(), "timestamp, time, valid_time");
  options.channel = names.take("channel", defaults.channel.c_str(), "channel, channels");
  options.latitude = names.take("latitude", defaults.latitude.c_str(), "lat, latitude");
  options.longitude = names.take("longitude", defaults.longitude.c_str(), "lon, longitude");
  options.step_hours =
      table.take("step_hours", defaults.step_hours,
                 "0: from the time stamps; year files without them: 6", {0.0, 1e6});
  options.gaps = table.take_choice("gaps", defaults.gaps == Gaps::refuse ? "refuse" : "split",
                                   "a gap in time is an error, or ends a series",
                                   {"refuse", "split"}) == "refuse"
                     ? Gaps::refuse
                     : Gaps::split;
  options.join =
      table.take_choice("join", defaults.join == Join::never ? "never" : "contiguous",
                        "do series go on in the next file?", {"never", "contiguous"}) == "never"
          ? Join::never
          : Join::contiguous;
  return options;
}

TimeRange read_time_range(core::Config table, TimeRange const& defaults) {
  constexpr auto all = std::numeric_limits<std::int64_t>::max();
  TimeRange range = defaults;
  range.from = take_time(table, "from", defaults.from, "first time, UTC; \"\": the beginning");
  range.until = take_time(table, "until", defaults.until, "first time left out; \"\": the end");
  range.first = table.take("first_step", defaults.first,
                           "steps left out at the beginning of the joined files", {0, all});
  std::int64_t const steps = table.take("steps", defaults.count == all ? 0 : defaults.count,
                                        "steps from there on; 0: all", {0, all});
  range.count = steps == 0 ? all : steps;
  VALIDATE(!range.from || !range.until || *range.from < *range.until,
           "from {} until {} (nothing lies between) mend the range{}", time_text(*range.from),
           time_text(*range.until), table.where("until"));
  return range;
}

FieldOptions read_field_options(core::Config table, FieldOptions const& defaults) {
  FieldOptions options = defaults;
  options.input = read_field_files_options(table, defaults.input);
  options.range = read_time_range(table, defaults.range);
  options.channels_in =
      table.take("channels_in", defaults.channels_in, "what the network is given; []: all");
  options.channels_out = table.take("channels_out", defaults.channels_out,
                                    "what it predicts; []: the same as channels_in");
  options.lead =
      table.take("lead", defaults.lead, "file steps that one network step spans", {1, 1'000'000});
  options.history = table.take("history", defaults.history,
                               "states the network is given: the start and those one lead before, "
                               "two leads before, ...",
                               {1, 8});
  options.stride =
      table.take("stride", defaults.stride, "file steps between starts", {1, 1'000'000});
  options.within =
      table.take_choice("within", defaults.within == Within::states ? "states" : "targets",
                        "what must lie in the range: all states, or the targets alone",
                        {"states", "targets"}) == "states"
          ? Within::states
          : Within::targets;
  std::vector<std::string> const rows = {"auto", "keep", "drop"};
  auto const row = table.take_choice(
      "pole_row", rows[static_cast<std::size_t>(defaults.pole_row)],
      "the last of an odd number of rows from pole to pole (auto: is left out)", rows);
  options.pole_row = row == "auto"   ? PoleRow::automatic
                     : row == "keep" ? PoleRow::keep
                                     : PoleRow::drop;
  bool const crops = table.take("crop", defaults.fit == Fit::crop,
                                "cut rows at the bottom and columns at the right that the patch "
                                "does not divide");
  bool const pads = table.take("pad", defaults.fit == Fit::pad,
                               "extend the grid to what the patch divides: periodic in longitude, "
                               "edge rows in latitude");
  VALIDATE(!crops || !pads, "crop and pad are both set (one is enough) drop one{}",
           table.where("pad"));
  options.fit = crops ? Fit::crop : pads ? Fit::pad : Fit::exact;
  options.statistics =
      table.take("statistics", defaults.statistics.string().c_str(),
                 "folder of `crossjoule statistics`, or of global_means.npy and global_stds.npy");
  return options;
}

}  // namespace crossjoule::runtime
