// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/forecast/preparation.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {
namespace {

constexpr char const* pole_rows[] = {"auto", "keep", "drop"};
constexpr char const* fits[] = {"exact", "crop", "pad"};

/// Place of a word in a list; Error (damaged).
template <std::size_t n>
std::size_t place_of(core::H5File const& file, char const* name, char const* const (&words)[n]) {
  auto const word = file.read_attribute_text("/fields", name);
  auto const found = std::find(words, words + n, word);
  VALIDATE_AS(ExitCode::damaged, found != words + n,
              "{}: /fields/{} is \"{}\" (unknown) train again", file.path().string(), name, word);
  return static_cast<std::size_t>(found - words);
}

void write_channels(core::H5File& file, std::string const& which,
                    std::vector<std::string> const& names, Standardisation const& scaling) {
  file.write_strings("/fields/channels_" + which, names, "first axis of a state");
  file.write("/fields/mean_" + which, scaling.mean, {"channel", "subtracted before the network"});
  file.write("/fields/scale_" + which, scaling.scale, {"channel", "divided by before the network"});
}

Standardisation read_scaling(core::H5File const& file, std::string const& which,
                             std::size_t channels) {
  Standardisation scaling{file.read<double>("/fields/mean_" + which),
                          file.read<double>("/fields/scale_" + which)};
  bool const sound =
      scaling.mean.size() == channels && scaling.scale.size() == channels &&
      std::ranges::all_of(scaling.scale, [](double s) { return std::isfinite(s) && s > 0; });
  VALIDATE_AS(ExitCode::damaged, sound, "{}: /fields/scale_{} makes no sense, train again",
              file.path().string(), which);
  return scaling;
}

bool close(std::vector<double> const& a, std::vector<double> const& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return std::abs(x - y) < 1e-4; });
}

}  // namespace

FieldContract FieldContract::of(FieldSource const& source, PreparationOptions const& preparation) {
  auto const& options = source.options();
  return {.channels_in = source.channels(Channels::in),
          .channels_out = source.channels(Channels::out),
          .scaling_in = source.scaling(Channels::in),
          .scaling_out = source.scaling(Channels::out),
          .lead = options.lead,
          .lead_seconds = source.lead_seconds(),
          .patch = options.patch,
          .history = options.history,
          .pole_row = options.pole_row,
          .fit = options.fit,
          .rows = source.rows(),
          .columns = source.columns(),
          .lat_degrees = source.grid().lat_degrees,
          .lon_degrees = source.grid().lon_degrees,
          .preparation = preparation};
}

void FieldContract::write(core::H5File& file) const {
  write_channels(file, "in", channels_in, scaling_in);
  write_channels(file, "out", channels_out, scaling_out);
  file.attribute("/fields", "lead", lead);
  file.attribute("/fields", "lead_seconds", lead_seconds);
  file.attribute("/fields", "patch", patch);
  file.attribute("/fields", "history", history);
  file.attribute("/fields", "pole_row", pole_rows[static_cast<std::size_t>(pole_row)]);
  file.attribute("/fields", "fit", fits[static_cast<std::size_t>(fit)]);
  file.attribute("/fields", "rows", rows);
  file.attribute("/fields", "columns", columns);
  file.attribute("/fields", "anomalies", preparation.anomalies.string());
  file.write_strings("/fields/constants", preparation.constants, "planes after the fields");
  file.write_strings("/fields/clocks", preparation.clocks, "planes after the constants, two each");
  file.write("/fields/lat", lat_degrees, {"degrees_north", "rows, pads left out"});
  file.write("/fields/lon", lon_degrees, {"degrees_east", "columns, pads left out"});
}

FieldContract FieldContract::read(core::H5File const& file) {
  VALIDATE(file.exists("/fields") && file.exists("/fields/channels_in"),
           "{}: no network trained on fields (it has no /fields) name a record of `crossjoule "
           "train` with data.kind = \"fields\"",
           file.path().string());
  FieldContract contract;
  contract.channels_in = file.read_strings("/fields/channels_in");
  contract.channels_out = file.read_strings("/fields/channels_out");
  contract.scaling_in = read_scaling(file, "in", contract.channels_in.size());
  contract.scaling_out = read_scaling(file, "out", contract.channels_out.size());
  contract.lead = file.read_attribute_integer("/fields", "lead");
  contract.lead_seconds = file.read_attribute_integer("/fields", "lead_seconds");
  contract.patch = file.read_attribute_integer("/fields", "patch");
  if (file.has_attribute("/fields", "history"))  // older records have one state
    contract.history = file.read_attribute_integer("/fields", "history");
  VALIDATE_AS(ExitCode::damaged, contract.history >= 1 && contract.history <= 8,
              "{}: /fields/history is {} (must be 1 to 8) train again", file.path().string(),
              contract.history);
  contract.pole_row = static_cast<PoleRow>(place_of(file, "pole_row", pole_rows));
  contract.fit = static_cast<Fit>(place_of(file, "fit", fits));
  contract.rows = file.read_attribute_integer("/fields", "rows");
  contract.columns = file.read_attribute_integer("/fields", "columns");
  contract.preparation = {file.read_attribute_text("/fields", "anomalies"),
                          file.read_strings("/fields/constants"),
                          file.read_strings("/fields/clocks")};
  contract.lat_degrees = file.read<double>("/fields/lat");
  contract.lon_degrees = file.read<double>("/fields/lon");
  return contract;
}

void FieldContract::check(FieldSource const& source) const {
  std::string const files = source.files().describe();
  VALIDATE(
      source.channels(Channels::in) == channels_in &&
          source.channels(Channels::out) == channels_out,
      "{}: channels {} -> {} (the network was trained on {} -> {}) remove data.channels_in and "
      "data.channels_out, or give other files",
      files, fmt::join(source.channels(Channels::in), " "),
      fmt::join(source.channels(Channels::out), " "), fmt::join(channels_in, " "),
      fmt::join(channels_out, " "));
  VALIDATE(source.rows() == rows && source.columns() == columns,
           "{}: a grid of {} x {} (the network was trained on {} x {}) give fields of its grid",
           files, source.rows(), source.columns(), rows, columns);
  auto const& grid = source.grid();
  bool const known = !lat_degrees.empty() && !grid.lat_degrees.empty() && !lon_degrees.empty() &&
                     !grid.lon_degrees.empty();
  VALIDATE(!known || (close(grid.lat_degrees, lat_degrees) && close(grid.lon_degrees, lon_degrees)),
           "{}: other latitudes or longitudes than the network was trained on give fields of its "
           "region",
           files);
  VALIDATE(lead_seconds == 0 || source.lead_seconds() == 0 || source.lead_seconds() == lead_seconds,
           "{}: one network step would span {} (the network was trained on {}) set data.lead",
           files, step_text(source.lead_seconds()), step_text(lead_seconds));
}

void FieldContract::check_history(std::int64_t states, FieldSource const& source) const {
  VALIDATE(states == history,
           "{}: history = {} (the network was trained on {} state{}) remove the key",
           source.files().describe(), states, history, history == 1 ? "" : "s");
}

}  // namespace crossjoule::runtime
