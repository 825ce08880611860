// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/h5file.hpp"
#include "runtime/event_layout.hpp"
#include "runtime/matrix.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::runtime {

/// Which rows of the joined files a source shows: rows i with i mod `modulo` in `remainders` (all
/// where it is empty), and of these `count` from `first` on.
struct Split {
  std::int64_t modulo = 1;
  std::vector<std::int64_t> remainders;
  std::int64_t first = 0;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
};

struct SourceOptions {
  std::vector<std::filesystem::path> files = {};  ///< joined in this order
  std::string dataset = "Particles";
  std::string layout = "events-76";  ///< a layout_names() entry
  Split split = {};
};

/// Take the keys files, dataset, layout, split.{modulo,remainders,first,count} of a table.
SourceOptions read_source_options(core::Config table, SourceOptions const& defaults = {});

/// Samples in HDF5 files, as rows of features: events in the ADC2021 form (`Particles`, (N, 19, 4))
/// or any 2-D dataset. Rows have global indices, so any rank can read its own share.
///
/// Error (bad_input), naming file and dataset: file absent or not HDF5, dataset missing (those that
/// are there are listed), of a wrong shape or not of floating-point numbers, no row left, and, on
/// reading, a NaN or infinite number (with event and feature).
class Source {
 public:
  explicit Source(SourceOptions const& options);

  std::int64_t rows() const { return rows_; }
  std::int64_t features() const { return static_cast<std::int64_t>(names_.size()); }
  /// "MET pT", "muon 2 eta", ...; "feature 7" for plain datasets.
  std::vector<std::string> const& feature_names() const { return names_; }
  std::string const& layout() const { return options_.layout; }
  /// "train.h5: Particles, 80000 of 100000 rows" for messages and logs.
  std::string describe() const;

  /// Rows [first, first + count) into `into` (count x features, row-major).
  template <class T>
  void read(std::int64_t first, std::int64_t count, std::span<T> into) const;
  /// All rows.
  template <class T>
  Matrix<T> load() const;

 private:
  struct Part {
    core::H5File file;
    std::int64_t first, rows;  ///< its place among the joined rows
  };
  void open_parts();
  Part open_part(std::filesystem::path const& path);
  std::int64_t global_row(std::int64_t row) const;
  template <class T>
  void read_joined(std::int64_t first, std::int64_t count, std::span<T> into) const;
  template <class T>
  void refuse_non_finite(std::span<T const> raw, std::int64_t first) const;

  SourceOptions options_;
  std::vector<Part> parts_;
  std::vector<std::string> names_;
  std::int64_t joined_rows_ = 0, selected_rows_ = 0, rows_ = 0, row_numbers_ = 0;
};

}  // namespace crossjoule::runtime
