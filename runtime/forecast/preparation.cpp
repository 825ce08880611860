// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/preparation.hpp"

#include "core/error.hpp"
#include "runtime/fields/calendar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

std::size_t index_of(Channels which) { return which == Channels::in ? 0 : 1; }

/// Part of the year that has passed, in [0, 1).
double part_of_year(std::int64_t time) {
  auto calendar = calendar_of(time);
  auto const begin = seconds_of({calendar.year, 1, 1, 0});
  auto const end = seconds_of({calendar.year + 1, 1, 1, 0});
  return static_cast<double>(time - begin) / static_cast<double>(end - begin);
}

double part_of_day(std::int64_t time) {
  return static_cast<double>(calendar_of(time).second_of_day) / 86400;
}

/// To mean 0 and deviation 1; a constant plane to 0.
void standardise(std::span<float> plane) {
  double sum = 0, squares = 0;
  for (float value : plane) sum += value;
  double const mean = sum / static_cast<double>(plane.size());
  for (float value : plane) squares += (value - mean) * (value - mean);
  double const deviation = std::sqrt(squares / static_cast<double>(plane.size()));
  for (float& value : plane)
    value = static_cast<float>(deviation > 0 ? (value - mean) / deviation : 0.0);
}

}  // namespace

PreparationOptions read_preparation_options(core::Config table,
                                            PreparationOptions const& defaults) {
  PreparationOptions options;
  options.anomalies =
      table.take("anomalies", defaults.anomalies.string().c_str(),
                 "folder of `crossjoule statistics`: the network sees differences from its "
                 "climatology; \"\": from the mean of each channel");
  options.constants = table.take("constants", defaults.constants,
                                 "fields that never change, as \"file.h5:dataset\" (lat, lon)");
  options.clocks = table.take("clocks", defaults.clocks,
                              "day: sine and cosine of the local solar time; year: of the season");
  for (auto const& clock : options.clocks)
    VALIDATE(clock == "day" || clock == "year",
             "clocks: \"{}\" (there are day and year) choose of these{}", clock,
             table.where("clocks"));
  return options;
}

Preparation::Preparation(FieldSource const& source, PreparationOptions const& options)
    : fit_(source.fit()), grid_(source.grid()), options_(options) {
  for (auto const which : {Channels::in, Channels::out})
    scaling_[index_of(which)] = source.scaling(which);
  read_constants(source);
  for (auto const& clock : options_.clocks)
    for (char const* wave : {" sine", " cosine"}) extra_names_.push_back(clock + wave);
  if (!options_.anomalies.empty()) {
    climatology_.emplace(options_.anomalies);
    for (auto const which : {Channels::in, Channels::out})
      places_[index_of(which)] = climatology_->places_of(source.channels(which));
  }
  bool const timed =
      !options_.clocks.empty() || (climatology_ && climatology_->cycle() != Cycle::none);
  VALIDATE(!timed || source.files().has_times(),
           "{}: no time stamps (clocks and anomalies need them) name the dataset of times in "
           "data.names.time",
           source.files().describe());
  bool const by_sun = std::ranges::find(options_.clocks, "day") != options_.clocks.end();
  VALIDATE(!by_sun || !grid_.lon_degrees.empty(),
           "{}: no longitudes (the clock \"day\" needs them) name them in data.names.longitude",
           source.files().describe());
}

void Preparation::read_constants(FieldSource const& source) {
  auto const plane = static_cast<std::size_t>(fit_.rows() * fit_.columns());
  std::vector<float> kept(static_cast<std::size_t>(grid_.points()));
  for (auto const& name : options_.constants) {
    auto const colon = name.rfind(':');
    VALIDATE(colon != std::string::npos && colon > 0 && colon + 1 < name.size(),
             "constants: \"{}\" (must be a file and a dataset) write \"orography.h5:orog\"", name);
    core::SlabReader const reader(name.substr(0, colon), name.substr(colon + 1));
    auto const& stored = source.files().grid();
    VALIDATE((reader.shape() == std::vector<std::int64_t>{stored.rows, stored.columns}),
             "{}: not of the fields' shape {} x {} (a constant has one number per grid point) name "
             "another dataset",
             name, stored.rows, stored.columns);
    reader.read<float>(std::array<std::int64_t, 2>{0, 0},
                       std::array<std::int64_t, 2>{fit_.kept_rows, fit_.kept_columns}, kept);
    for (float value : kept)
      VALIDATE(std::isfinite(value), "{}: a number that is not finite (networks need all) mend it",
               name);
    standardise(kept);
    constants_.resize(constants_.size() + plane);
    fit_.pad(kept, {0, fit_.rows()}, std::span(constants_).last(plane));
    extra_names_.push_back(name.substr(colon + 1));
  }
}

std::int64_t Preparation::extra_size() const {
  return static_cast<std::int64_t>(extra_names_.size()) * fit_.rows() * fit_.columns();
}

void Preparation::shift(std::int64_t time, Channels which, float sign,
                        std::span<float> state) const {
  if (!climatology_) return;
  auto const& scaling = scaling_[index_of(which)];
  auto const plane = static_cast<std::size_t>(fit_.rows() * fit_.columns());
  auto const kept = static_cast<std::size_t>(grid_.points());
  EXPECT(state.size() == plane * scaling.mean.size());
  static thread_local std::vector<float> mean, padded;  // no allocation once they have their size
  mean.resize(kept * scaling.mean.size());
  padded.resize(plane);
  climatology_->read(time, places_[index_of(which)], fit_.kept_rows, fit_.kept_columns, mean);
  for (std::size_t channel = 0; channel < scaling.mean.size(); ++channel) {
    auto const values = std::span(mean).subspan(channel * kept, kept);
    for (float& value : values)
      value = static_cast<float>((value - scaling.mean[channel]) / scaling.scale[channel]);
    fit_.pad(values, {0, fit_.rows()}, padded);
    auto const target = state.subspan(channel * plane, plane);
    for (std::size_t point = 0; point < plane; ++point) target[point] += sign * padded[point];
  }
}

void Preparation::to_network(std::int64_t time, Channels which, std::span<float> state) const {
  shift(time, which, -1, state);
}

void Preparation::from_network(std::int64_t time, Channels which, std::span<float> state) const {
  shift(time, which, 1, state);
}

void Preparation::extras(std::int64_t time, std::span<float> into) const {
  EXPECT(static_cast<std::int64_t>(into.size()) == extra_size());
  std::ranges::copy(constants_, into.begin());
  auto const columns = static_cast<std::size_t>(fit_.columns());
  auto const plane = static_cast<std::size_t>(fit_.rows()) * columns;
  auto rest = into.subspan(constants_.size());
  for (auto const& clock : options_.clocks) {
    bool const by_sun = clock == "day";
    for (std::size_t column = 0; column < columns; ++column) {
      // pads go on periodically, as the fields do
      auto const kept = (static_cast<std::int64_t>(column) - fit_.pad_left + fit_.kept_columns) %
                        fit_.kept_columns;
      double const east = by_sun ? grid_.lon_degrees[static_cast<std::size_t>(kept)] / 360 : 0;
      double const angle =
          2 * std::numbers::pi * (by_sun ? part_of_day(time) + east : part_of_year(time));
      for (std::size_t point = column; point < plane; point += columns) {
        rest[point] = static_cast<float>(std::sin(angle));
        rest[plane + point] = static_cast<float>(std::cos(angle));
      }
    }
    rest = rest.subspan(2 * plane);
  }
}

}  // namespace crossjoule::runtime
