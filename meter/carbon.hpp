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
/// intensity in g/kWh; or JSON as the services WattTime (v3), Electricity Maps (history),
/// api.carbonintensity.org.uk and the Carbon Aware SDK answer. Rows that cannot be read, repeats
/// and, in a CSV, stamps out of order are dropped and counted.
GridSeries read_grid(std::filesystem::path const& file, std::string const& column = "direct");
GridSeries parse_grid(std::string_view text, std::string const& name,
                      std::string const& column = "direct");

namespace detail {
/// Adds a value behind the last, or counts it as dropped where it is no intensity or not behind.
void add_intensity(GridSeries& series, std::optional<std::int64_t> time_ns,
                   std::optional<double> g_per_kwh, bool is_estimated);
/// The usual step; Error (bad_input) for a series without a value.
void finish_grid(GridSeries& series);
GridSeries parse_grid_json(std::string_view text, std::string const& name);
}  // namespace detail

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
  std::int64_t begin_ns = 0, end_ns = 0;             ///< of it, UTC
};
/// Operational carbon by step-hold sums, slice by slice; a figure is nothing where the series
/// covers none of the run. Where it covers a part, the rest takes the covered mean and the share is
/// told.
Carbon carbon_of(EnergyTimeline const& timeline, std::vector<GridSeries> const& series, double pue,
                 Embodied const& embodied);

/// What a figure of carbon rests on beside the joules.
struct CarbonInputs {
  std::vector<GridSeries> series;
  double pue = 1;
  Embodied embodied;
  double units = 0;  ///< functional units (R of SCI); 0: none
};
/// g per unit: operational (average) plus embodied; nothing without units or an average series.
std::optional<double> sci_g_per_unit(Carbon const& carbon, CarbonInputs const& inputs);

/// Writes the figures, every assumption and the part of each series that the run needs below
/// `group`, so that they can be computed anew from the record alone.
void write_carbon(core::H5File& file, std::string const& group, Carbon const& carbon,
                  CarbonInputs const& inputs);
/// The series that write_carbon left below `group`; empty where there are none.
std::vector<GridSeries> read_stored_grids(core::H5File const& file, std::string const& group);

}  // namespace crossjoule::meter
