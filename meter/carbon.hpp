// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "core/quantity.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// What an intensity says: emissions of the mean kilowatt-hour (attribution), or of one more
/// (decisions). They are never mixed.
enum class Intensity { average, marginal };
std::string_view to_string(Intensity kind);

/// A carbon-intensity series; a value holds until the next one.
struct GridSeries {
  Intensity kind = Intensity::average;
  std::vector<std::int64_t> time_ns;  ///< since 1970 UTC, rising
  std::vector<double> g_per_kwh;
  std::vector<std::uint8_t> estimated;  ///< 1: the source says so itself
  std::string place, column, file, digest;
  std::int64_t dropped = 0;
  double step_second = 3600;  ///< the usual step; the last value holds as long
};

/// Reads a CSV of one of three forms: Electricity Maps (`column` "direct" or "lca"), WattTime
/// (timestamp or point_time, MOER or value in lb/MWh; marginal), or two columns of time and
/// intensity in g/kWh. Rows that cannot be read, repeats and stamps out of order are dropped and
/// counted.
GridSeries read_grid(std::filesystem::path const& file, std::string const& column = "direct");
GridSeries parse_grid(std::string_view text, std::string const& name,
                      std::string const& column = "direct");

/// g/kWh at a moment by step-hold; nothing outside of the series.
std::optional<double> intensity_at(GridSeries const& series, std::int64_t time_ns);

/// Joules of a node over time: what a record holds, or spread evenly where it holds no series.
struct EnergySlice {
  std::int64_t begin_ns = 0, end_ns = 0;  ///< UTC
  double joule = 0;
};
struct EnergyTimeline {
  std::vector<EnergySlice> slices;
  core::Quantity<core::Joules> total;  ///< what the slices add up to, with its interval and kind
  bool is_spread = false;              ///< no series: evenly over the run
};
/// From /energy of a record: counted devices of all nodes. Error (bad_input) where it has none.
EnergyTimeline read_timeline(core::H5File const& file);

/// The part of making a device that a run is charged with, per SCI (ISO/IEC 21031): M = TE x TiR /
/// EL x RR / ToR.
struct Embodied {
  double low_kg = 0, kg = 0, high_kg = 0;  ///< TE, total embodied
  double life_hours = 4 * 8760;            ///< EL
  double reserved_share = 1;               ///< RR / ToR
};

struct Carbon {
  core::Quantity<core::Joules> energy;  ///< at the meter
  double pue = 1;
  std::optional<double> average_g, marginal_g;  ///< operational, PUE included
  double average_low_g = 0, average_high_g = 0, marginal_low_g = 0, marginal_high_g = 0;
  double embodied_g = 0, embodied_low_g = 0, embodied_high_g = 0;
  double covered_average = 0, covered_marginal = 0;  ///< share of the joules inside the series
  double estimated_share = 0;                        ///< of the average series' hours used
  double hours = 0;                                  ///< time in reserve
};
/// Operational carbon by step-hold sums, slice by slice; a figure is nothing where the series
/// covers none of the run. Where it covers a part, the rest takes the covered mean and the share is
/// told.
Carbon carbon_of(EnergyTimeline const& timeline, std::vector<GridSeries> const& series, double pue,
                 Embodied const& embodied);

}  // namespace crossjoule::meter
