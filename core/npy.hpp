// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::core {

/// An array of a NumPy file, row-major.
struct NpyArray {
  std::vector<std::int64_t> shape;  ///< empty for a single number
  std::vector<double> values;
};

/// Read a NumPy file (format 1.0 to 3.0) of float32 or float64 in either byte order. Error,
/// naming the file: bad_input (absent, no NumPy file, other element types, column-major order of
/// more than one long axis), damaged (a header that makes no sense, too few or too many bytes).
NpyArray read_npy(std::filesystem::path const& path);

/// The bytes of a NumPy file (format 1.0): little-endian, row-major. T is float or double.
template <class T>
std::string npy_bytes(std::span<T const> values, std::vector<std::int64_t> const& shape);
/// That file, written whole or not at all.
template <class T>
void write_npy(std::filesystem::path const& path, std::span<T const> values,
               std::vector<std::int64_t> const& shape, Overwrite overwrite = Overwrite::no);

}  // namespace crossjoule::core
