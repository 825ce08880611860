// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"
#include "sim/world/weather/channels.hpp"
#include "sim/world/weather/climate.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace crossjoule::sim::weather {

/// A data set in the FourCastNet layout (docs/weather.md): one file per year, each an independent
/// trajectory, in three folders.
struct DataSetRequest {
  std::filesystem::path path = "weather";
  int lat = 64, lon = 128, truncation = 42;
  double time_step_s = 900;  ///< at most; the interval of the output is divided evenly
  double output_h = 6;
  std::vector<Channel> channels = channels_from(default_channels());
  std::uint64_t seed = 1;
  int first_year = 1979;
  int train_years = 8, test_years = 1, out_of_sample_years = 1;
  double spin_up_days = 20;
  ClimateOptions climate;

  /// Output times in a year.
  std::int64_t samples_per_year() const;
  int years() const { return train_years + test_years + out_of_sample_years; }
};

struct YearFile {
  std::string name;  ///< "train/1979.h5"
  std::int64_t samples = 0, bytes = 0;
};

struct DataSetReport {
  std::vector<YearFile> files;            ///< on every rank
  std::vector<double> means, deviations;  ///< per channel, of the training years
  std::int64_t steps = 0;                 ///< time steps of all years, spin-up included
};

/// The largest truncation whose quadratic products are free of aliasing.
int alias_free_truncation(int lat, int lon);

/// Make the data set on all ranks, each year whole on one rank. The bytes do not depend on the rank
/// count. `advance` counts output times of this rank's years, spin-up included, of which there are
/// work_of(rank's share). Collective. Errors: bad_input; non_finite naming year, step and field;
/// damaged (full disk). After any error the target is what it was before.
DataSetReport write_data_set(DataSetRequest const& request, core::Overwrite overwrite,
                             core::Comm const& comm,
                             std::function<void(std::int64_t)> const& advance = {});
/// Output times that this rank's share of the years takes, spin-up included.
std::int64_t work_of(DataSetRequest const& request, core::Comm const& comm);

/// Is this the path, inside its folder, of a file of a data set?
bool is_data_set_file(std::string const& name);

}  // namespace crossjoule::sim::weather
