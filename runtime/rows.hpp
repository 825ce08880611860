// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"
#include "runtime/matrix.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace crossjoule::runtime {

/// Samples by number, as a trainer asks for them: out of memory, or streamed from files. Every rank
/// has one of its own over the same samples; the numbers of a row never depend on the rank.
template <class T>
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::int64_t rows() const = 0;
  /// Numbers of a row: all inputs of the network one after the other (models::sample_size).
  virtual std::int64_t features() const = 0;
  /// A hint: the rows that read() will be asked for next, in this order. A source on disk may begin
  /// to fetch them; asking for others is allowed and slow.
  virtual void expect(std::span<std::int64_t const> /*rows*/) {}
  /// Copy one row to `into` (features() numbers).
  virtual void read(std::int64_t row, std::span<T> into) = 0;
};

/// Samples in memory.
template <class T>
class MatrixRows : public Rows<T> {
 public:
  explicit MatrixRows(Matrix<T> matrix) : matrix_(std::move(matrix)) {}
  std::int64_t rows() const override { return matrix_.rows; }
  std::int64_t features() const override { return matrix_.features; }
  void read(std::int64_t row, std::span<T> into) override {
    EXPECT(row >= 0 && row < matrix_.rows);
    std::ranges::copy(matrix_.row_span(row, 1), into.begin());
  }
  Matrix<T> const& matrix() const { return matrix_; }

 private:
  Matrix<T> matrix_;
};

}  // namespace crossjoule::runtime
