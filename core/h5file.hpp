// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::core {

/// May an existing file be replaced?
enum class Overwrite { no, yes };

/// What every array carries beside its numbers.
struct Label {
  std::string_view unit;         ///< SI symbol; "1" for pure numbers
  std::string_view description;  ///< one sentence
};

/// An HDF5 file, written once or read. Element types: float, double, std::int32_t, std::int64_t,
/// std::uint8_t, std::uint64_t; reading converts between them.
///
/// Writing follows facts measured on damaged and full disks (docs/file_format.md): format bounds
/// pinned to V110, Fletcher32 on every dataset of rank >= 1, a temporary name in the same folder
/// (O_EXCL), an xxh3-128 digest per dataset; commit() flushes, closes, re-opens and compares every
/// digest, fsyncs, renames and fsyncs the folder. A file that was not committed never gets its
/// final name. Errors: bad_input (absent, exists, not HDF5, wrong shape), damaged (everything
/// else).
class H5File {
 public:
  static H5File create(std::filesystem::path const& path, Overwrite overwrite = Overwrite::no);
  static H5File open(std::filesystem::path const& path);
  ~H5File();
  H5File(H5File&&) noexcept;
  H5File& operator=(H5File&&) noexcept;

  std::filesystem::path const& path() const;

  // --- writing; groups in a name are made as needed -------------------------------------------
  template <class T>
  void write(std::string const& name, std::span<T const> values,
             std::vector<std::int64_t> const& shape, Label label);
  template <class T>
  void write(std::string const& name, std::vector<T> const& values, Label label) {
    write<T>(name, std::span<T const>(values), {static_cast<std::int64_t>(values.size())}, label);
  }
  /// Text as a uint8 array (any length, UTF-8).
  void write_text(std::string const& name, std::string_view text, std::string_view description);
  /// Equal-length padded strings, one per row.
  void write_strings(std::string const& name, std::vector<std::string> const& values,
                     std::string_view description);
  /// An empty dataset of the given full shape, to be filled in rising row order by write_rows;
  /// stored in chunks of whole rows of about 1 MiB, or of the given shape. T names the element type
  /// on disk.
  template <class T>
  void create_rows(std::string const& name, std::vector<std::int64_t> const& shape, Label label,
                   std::vector<std::int64_t> const& chunk = {});
  template <class T>
  void write_rows(std::string const& name, std::span<T const> values);

  void attribute(std::string const& object, std::string const& name, std::string_view value);
  void attribute(std::string const& object, std::string const& name, char const* value);
  void attribute(std::string const& object, std::string const& name, double value);
  void attribute(std::string const& object, std::string const& name, std::int64_t value);
  /// Several texts: one per channel, say.
  void attribute(std::string const& object, std::string const& name,
                 std::vector<std::string> const& values);
  /// Name the axes of a dataset by HDF5 dimension scales: one-dimensional datasets that were
  /// written before, one per axis, each as long as its axis. xarray and netCDF-4 read them as
  /// coordinates. A scale may serve several datasets.
  void attach_scales(std::string const& dataset, std::vector<std::string> const& scales);

  /// Make the file durable and visible under its final name. Nothing can be written afterwards.
  void commit();

  // --- reading ---------------------------------------------------------------------------------
  bool exists(std::string const& name) const;
  std::vector<std::int64_t> shape(std::string const& name) const;
  /// True for floating-point elements.
  bool is_floating(std::string const& name) const;
  template <class T>
  std::vector<T> read(std::string const& name) const;
  /// Rows [first, first + count) of a dataset of rank >= 1; `into` holds count * row size.
  template <class T>
  void read_rows(std::string const& name, std::int64_t first, std::int64_t count,
                 std::span<T> into) const;
  std::string read_text(std::string const& name) const;
  std::vector<std::string> read_strings(std::string const& name) const;

  bool has_attribute(std::string const& object, std::string const& name) const;
  std::string read_attribute_text(std::string const& object, std::string const& name) const;
  double read_attribute_number(std::string const& object, std::string const& name) const;
  std::int64_t read_attribute_integer(std::string const& object, std::string const& name) const;
  std::vector<std::string> attribute_names(std::string const& object) const;
  /// Names directly below a group, in name order.
  std::vector<std::string> children(std::string const& group) const;
  bool is_group(std::string const& name) const;
  /// Compare every dataset with its stored digest; Error (damaged) names the first that differs.
  /// Datasets without a digest (files of others) are read through once, so checksums are tested.
  void check_digests() const;
  /// Names of all groups and datasets from the root down, parents first, in name order.
  std::vector<std::string> all_names() const;
  /// "float32", "int64", "text" ... of a dataset, and any attribute as text for people.
  std::string type_name(std::string const& name) const;
  std::string attribute_text(std::string const& object, std::string const& name) const;

  struct State;  ///< internal: core/detail/h5.hpp

 private:
  explicit H5File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace crossjoule::core
