// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/slab_reader.hpp"
#include "runtime/fields/field_file.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Series of fields (time, channel, lat, lon) in HDF5 files of the FourCastNet form: year files of
/// a folder, or any files, one after another. Steps have a global index over all of them.
///
/// Any thread may read. Errors name file and place. bad_input: no file, absent, not HDF5, dataset
/// missing (those that are there are listed), wrong rank or element type, files of differing
/// shapes, channels or coordinates, time stamps that do not rise or leave a gap, and, on reading, a
/// number that is not finite (with time, channel and place); damaged: a file cut short.
class FieldFiles {
 public:
  explicit FieldFiles(FieldFilesOptions const& options);
  ~FieldFiles();

  std::int64_t steps() const { return steps_; }
  std::vector<std::string> const& channels() const { return first_file().channels; }
  /// Unit of each channel, "" where the files do not tell.
  std::vector<std::string> const& units() const { return first_file().units; }
  /// The stored grid.
  Grid const& grid() const { return first_file().grid; }
  bool has_times() const { return !first_file().times.empty(); }
  /// Seconds since 1970-01-01T00:00:00Z; Error (bad_input) where the files have no times.
  std::int64_t time_of(std::int64_t step) const;
  /// "2019-03-01T06:00Z", or "step 17 of its file".
  std::string time_text(std::int64_t step) const;
  /// Seconds from one step to the next, 0 where that is unknown. Monthly series: the usual month.
  std::int64_t step_seconds() const { return step_seconds_; }
  /// Unbroken series of steps, in order. No run spans two files unless Join::contiguous says so.
  std::vector<core::Share> const& runs() const { return runs_; }
  std::filesystem::path const& file_of(std::int64_t step) const;
  /// The parts of runs() that lie in a range; Error (bad_input) where none does.
  std::vector<core::Share> runs_within(TimeRange const& range) const;
  /// Places of channels by name; Error (bad_input) listing those that are there.
  std::vector<std::int64_t> places_of(std::vector<std::string> const& channels) const;

  /// One step: rows x columns of the given channels, in that order, into `into` (channel, row,
  /// column). Only that box is read from the file.
  void read(std::int64_t step, std::span<std::int64_t const> channels, core::Share rows,
            core::Share columns, std::span<float> into) const;
  /// Memory of the files that are held open once these steps have been read.
  std::int64_t bytes_held(core::Share steps) const;
  /// "era5/1979.h5 and 36 more: 54020 steps of 6 h, 21 channels, 721 x 1440".
  std::string describe() const;

 private:
  struct Part {
    FieldFile file;
    std::int64_t first = 0;  ///< its first step
  };
  struct Opened;  ///< a file held open for reading
  FieldFile const& first_file() const { return parts_.front().file; }
  std::size_t part_of(std::int64_t step) const;
  void find_step();
  void find_runs();
  bool follows(std::int64_t before, std::int64_t after) const;
  void split_into_runs(Part const& part);
  std::shared_ptr<Opened const> open(std::size_t part) const;
  [[noreturn]] void refuse_value(std::int64_t step, std::string const& channel, std::int64_t row,
                                 std::int64_t column, float value) const;

  FieldFilesOptions options_;
  std::vector<Part> parts_;
  std::vector<core::Share> runs_;
  std::int64_t steps_ = 0, step_seconds_ = 0;
  mutable std::mutex mutex_;  ///< of opened_
  mutable std::vector<std::pair<std::size_t, std::shared_ptr<Opened const>>> opened_;
};

}  // namespace crossjoule::runtime
