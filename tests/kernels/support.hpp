// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/philox.hpp"
#include "kernels/session.hpp"
#include "kernels/views.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

namespace crossjoule::kernels::testing {

/// NMSE of an fp32 kernel against the fp64 twin: sum of squared errors over sum of squares. The
/// largest seen is 2e-13; the bound is the one the project promises.
constexpr double allowed_nmse_single = 1e-10;
/// The same for fp64 kernels: the largest seen is 1e-30.
constexpr double allowed_nmse_double = 1e-26;
template <class T>
constexpr double allowed_nmse = sizeof(T) == 4 ? allowed_nmse_single : allowed_nmse_double;

constexpr int random_shapes = 50;

/// Kokkos runs from the first test to the last; listing tests does not start it.
class Running : public ::testing::Environment {
 public:
  void SetUp() override { session_ = std::make_unique<Session>(Device::cpu); }
  void TearDown() override { session_.reset(); }

 private:
  std::unique_ptr<Session> session_;
};

inline core::Random stream(char const* name, int item) {
  return core::Random(7, core::purpose(name), static_cast<std::uint64_t>(item));
}

/// 1, primes, and sizes around vectors and blocks.
inline std::int64_t any_size(core::Random& random) {
  constexpr std::array<std::int64_t, 14> sizes{1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 48, 57, 131, 401};
  return sizes[random.below(sizes.size())];
}

/// A matrix in memory of its own with an odd stride; the numbers between rows start as NaN, so that
/// reading them shows.
template <class T>
struct Padded {
  std::int64_t rows, columns, stride;
  std::vector<T> memory;

  Padded(std::int64_t rows_, std::int64_t columns_, std::int64_t gap)
      : rows(rows_),
        columns(columns_),
        stride(columns_ + gap),
        memory(static_cast<std::size_t>(rows_ * stride), T(NAN)) {}

  T& at(std::int64_t r, std::int64_t k) { return memory[static_cast<std::size_t>(r * stride + k)]; }
  Rows<HostSpace, T> view() {
    return rows_view<HostSpace, T>(memory.data(), rows, columns, stride);
  }
  /// Numbers in (-1, 1), none nearer to a kink at 0 than 0.01.
  void fill(core::Random& random) {
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < columns; ++k) {
        double const u = random.uniform(-0.99, 0.99);
        at(r, k) = static_cast<T>(u + std::copysign(0.01, u));
      }
  }
  std::vector<double> tight() {
    std::vector<double> values;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < columns; ++k) values.push_back(static_cast<double>(at(r, k)));
    return values;
  }
};

inline double nmse(std::span<double const> got, std::span<double const> want) {
  double error = 0, norm = 0;
  for (std::size_t n = 0; n < want.size(); ++n) {
    error += (got[n] - want[n]) * (got[n] - want[n]);
    norm += want[n] * want[n];
  }
  return norm > 0 ? error / norm : error;
}

}  // namespace crossjoule::kernels::testing
