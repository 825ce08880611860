// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace crossjoule::core {

/// Boxes (HDF5 hyperslabs) of one dataset of numbers, so that a reader touches no more of a large
/// file than it needs. Any thread may read; HDF5 serves them one after the other.
class SlabReader {
 public:
  /// Errors as of H5File: bad_input (absent, not HDF5, no such dataset, not numbers), damaged.
  SlabReader(std::filesystem::path const& file, std::string const& dataset);
  ~SlabReader();
  SlabReader(SlabReader&&) noexcept;
  SlabReader& operator=(SlabReader&&) noexcept;

  std::filesystem::path const& path() const;
  std::vector<std::int64_t> const& shape() const { return shape_; }
  /// What HDF5 holds of an open file, 0.6 MiB (measured), and of its chunks, if it has any: 1 MiB,
  /// its default, or the whole dataset.
  std::int64_t bytes_held() const { return bytes_held_; }
  /// Elements [first[i], first[i] + count[i]) of every axis i, in C order, converted to T (float or
  /// double); `into` holds the product of `count`.
  template <class T>
  void read(std::span<std::int64_t const> first, std::span<std::int64_t const> count,
            std::span<T> into) const;
  /// The strings of an attribute, one each where it holds several ("units" of channels); empty
  /// where the object has no such attribute, or one that is no text.
  std::vector<std::string> attribute_texts(std::string const& object,
                                           std::string const& name) const;

 private:
  void close() noexcept;
  std::unique_ptr<H5File::State> state_;
  std::string dataset_;
  std::vector<std::int64_t> shape_;
  std::int64_t bytes_held_ = 0;
};

}  // namespace crossjoule::core
