// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "runtime/fields/climatology.hpp"
#include "runtime/fields/field_source.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// What a network is given besides the normalised fields, and in place of their mean.
struct PreparationOptions {
  std::filesystem::path anomalies = {};     ///< subtract this climatology; "": the channels' means
  std::vector<std::string> constants = {};  ///< "orography.h5:orog", (lat, lon) each
  std::vector<std::string> clocks = {};     ///< "day", "year"
};
/// Take the keys anomalies, constants, clocks of a [data] table.
PreparationOptions read_preparation_options(core::Config table,
                                            PreparationOptions const& defaults = {});

/// Turns normalised fields into a network's numbers and back, at a time, on the network's grid:
/// x = (field - climatology(time)) / scale where there is a climatology, else (field - mean) /
/// scale; and makes the planes that follow the fields in the network's input, the same for every
/// sample at one time: constants, standardised over the grid; clocks, two planes each, sine and
/// cosine of the local solar time ("day") and of the time of year ("year").
///
/// Any thread may use it. Error (bad_input): fields without times or longitudes where they are
/// needed, constants of another grid, a climatology of other channels or without the time's bin.
class Preparation {
 public:
  Preparation(FieldSource const& source, PreparationOptions const& options);

  PreparationOptions const& options() const { return options_; }
  /// Planes after the fields, by name: "orog", "day sine", ...
  std::vector<std::string> const& extra_names() const { return extra_names_; }
  /// Numbers of these planes.
  std::int64_t extra_size() const;

  /// In place: from what FieldSource::read gives to what the network is given (or must give), and
  /// back to what FieldSource::to_physical takes. `time` is ignored where nothing depends on it.
  void to_network(std::int64_t time, Channels which, std::span<float> state) const;
  void from_network(std::int64_t time, Channels which, std::span<float> state) const;
  /// The planes after the fields at a time.
  void extras(std::int64_t time, std::span<float> into) const;
  /// Does anything depend on the time?
  bool needs_times() const { return !options_.clocks.empty() || climatology_.has_value(); }

 private:
  void shift(std::int64_t time, Channels which, float sign, std::span<float> state) const;
  void read_constants(FieldSource const& source);
  GridFit fit_;
  Grid grid_;
  PreparationOptions options_;
  std::vector<std::string> extra_names_;
  std::vector<float> constants_;
  std::optional<Climatology> climatology_;
  Standardisation scaling_[2];           ///< by Channels
  std::vector<std::int64_t> places_[2];  ///< in the climatology
};

/// The part of a training record that says how to feed the network: /fields.
struct FieldContract {
  std::vector<std::string> channels_in, channels_out;
  Standardisation scaling_in, scaling_out;
  std::int64_t lead = 1, lead_seconds = 0, patch = 1;
  std::int64_t history = 1;  ///< states that are read, leads apart
  PoleRow pole_row = PoleRow::automatic;
  Fit fit = Fit::exact;
  std::int64_t rows = 0, columns = 0;            ///< of the network's grid
  std::vector<double> lat_degrees, lon_degrees;  ///< of the kept points; empty: unknown
  PreparationOptions preparation;

  static FieldContract of(FieldSource const& source, PreparationOptions const& preparation);
  void write(core::H5File& file) const;
  /// Error (bad_input) where the record is not of a training on fields.
  static FieldContract read(core::H5File const& file);
  /// Error (bad_input), naming what differs, where a source does not fit: channels, grid, time
  /// step.
  void check(FieldSource const& source) const;
  /// Error (bad_input) where another number of states would be read.
  void check_history(std::int64_t states, FieldSource const& source) const;
};

}  // namespace crossjoule::runtime
