// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/fields/channel_statistics.hpp"
#include "runtime/fields/field_files.hpp"
#include "runtime/standardisation.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Which channels of a state: those a network is given, or those it predicts.
enum class Channels { in, out };
/// What must lie in a source's range: all states of a sample, or its targets alone (the start may
/// lie before it).
enum class Within { states, targets };

struct FieldOptions {
  FieldFilesOptions input = {};
  TimeRange range = {};
  std::vector<std::string> channels_in = {};   ///< empty: all
  std::vector<std::string> channels_out = {};  ///< empty: as channels_in
  std::int64_t lead = 1;                       ///< file steps that one network step spans
  std::int64_t history = 1;  ///< states a network is given: the start and those before, leads apart
  std::int64_t targets = 1;  ///< network steps after the start that every sample has
  std::int64_t stride = 1;   ///< file steps between starts of one run
  Within within = Within::states;
  PoleRow pole_row = PoleRow::automatic;
  std::int64_t patch = 1;
  Fit fit = Fit::exact;
  std::filesystem::path statistics = {};  ///< "": fields as they are
};

/// Take the keys of a [data] table (docs/fields.md); `targets` and `patch` come from the caller.
FieldOptions read_field_options(core::Config table, FieldOptions const& defaults = {});

/// Samples of a forecaster: a start x(t), with a history the states x(t - lead), ... before it, and
/// the targets x(t + lead), x(t + 2 lead), ... of one unbroken run of steps, as (channel, row,
/// column) float32 on the network's grid, normalised. Samples have indices, so any rank and any
/// thread can read its own.
///
/// Errors of FieldFiles, and bad_input: a patch that does not divide the grid, channels that are
/// not there, statistics that do not match, no sample in the range.
class FieldSource {
 public:
  explicit FieldSource(FieldOptions const& options);
  /// Another view of the same files: another range, other targets.
  FieldSource(std::shared_ptr<FieldFiles const> files, FieldOptions const& options);

  std::int64_t samples() const { return samples_; }
  FieldFiles const& files() const { return *files_; }
  std::shared_ptr<FieldFiles const> shared_files() const { return files_; }
  FieldOptions const& options() const { return options_; }
  std::vector<std::string> const& channels(Channels which) const { return picked(which).names; }
  std::vector<std::string> const& units(Channels which) const { return picked(which).units; }
  /// Coordinates of the kept points, without pads.
  Grid const& grid() const { return grid_; }
  GridFit const& fit() const { return fit_; }
  std::int64_t rows() const { return fit_.rows(); }
  std::int64_t columns() const { return fit_.columns(); }
  /// Numbers of a state: channels x rows x columns.
  std::int64_t state_size(Channels which) const;
  /// Numbers of a start: a state `in` and the states `out` before it.
  std::int64_t start_size() const {
    return state_size(Channels::in) + (options_.history - 1) * state_size(Channels::out);
  }
  /// Numbers of a state without pads.
  std::int64_t kept_size(Channels which) const;

  /// The file step of a state: that of the start for offset 0, of target k for offset k, of the
  /// k-th state before the start for offset -k.
  std::int64_t step_of(std::int64_t sample, std::int64_t offset = 0) const;
  std::int64_t time_of(std::int64_t sample, std::int64_t offset = 0) const {
    return files_->time_of(step_of(sample, offset));
  }
  /// Memory of the files held open once all samples have been read.
  std::int64_t bytes_of_files() const;
  /// Seconds that one network step spans, 0 where unknown.
  std::int64_t lead_seconds() const { return files_->step_seconds() * options_.lead; }

  /// Which channels a sample for training has of its state at `offset`: `in` of the start, `out` of
  /// targets; of a target from which the network goes on `in`, if that is `out` and more.
  Channels needed(std::int64_t offset) const;

  /// A normalised state: (channel, row, column) of the network's grid. `offset` 0 is the start, k
  /// the k-th target; offsets from 1 - `history` up to `targets` always exist.
  void read(std::int64_t sample, std::int64_t offset, Channels which, std::span<float> into) const;
  /// A normalised start: the state `in`, then the states `out` before it, the newest first.
  void read_start(std::int64_t sample, std::span<float> into) const;
  /// A state of the network's rows [rows.first, rows.last) alone; only their part of the file is
  /// read.
  void read_rows(std::int64_t sample, std::int64_t offset, Channels which, core::Share rows,
                 std::span<float> into) const;
  /// A state in the files' units on the kept points.
  void read_physical(std::int64_t sample, std::int64_t offset, Channels which,
                     std::span<float> into) const;
  /// What a network made of normalised numbers on its grid, in the files' units on the kept points.
  void to_physical(Channels which, std::span<float const> state, std::span<float> into) const;

  /// Use these from now on. Channels of deviation 0 get scale 1 and are named in one warning.
  void normalise_with(ChannelStatistics const& statistics);
  /// Per channel: normalised = (x - mean) / scale.
  Standardisation const& scaling(Channels which) const { return picked(which).scaling; }

  /// "era5/1979.h5 and 36 more: 54020 steps of 6 h, 21 channels, 721 x 1440; 53983 samples of 1 x 6
  /// h, 20 -> 20 channels, 720 x 1440 kept".
  std::string describe() const;

 private:
  struct Picked {  ///< channels
    std::vector<std::string> names, units;
    std::vector<std::int64_t> places;
    Standardisation scaling;
  };
  struct Starts {  ///< of one run
    std::int64_t first_sample, first_step;
  };
  Picked const& picked(Channels which) const { return which == Channels::in ? in_ : out_; }
  Picked pick(std::vector<std::string> const& names) const;
  void find_samples();

  FieldOptions options_;
  std::shared_ptr<FieldFiles const> files_;
  Picked in_, out_;
  GridFit fit_;
  Grid grid_;
  std::vector<Starts> starts_;
  std::int64_t samples_ = 0;
};

}  // namespace crossjoule::runtime
