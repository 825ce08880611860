// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/linear.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/program.hpp"

#include <span>
#include <vector>

namespace crossjoule::runtime {

/// All parameters of a program where a space wants them: packed on CPUs, flat on other devices.
template <class Space, class T>
class Parameters {
 public:
  Parameters(Program const& program, Purpose purpose);

  /// Copy in (and pack) all parameters, in ParamLayout order.
  void set(std::span<T const> values);
  /// The weights of step number `step`.
  kernels::LinearWeights<Space, T> const& of(std::size_t step) const { return weights_[step]; }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>((flat_.size() + packed_.size()) * sizeof(T));
  }

 private:
  using Buffer = Kokkos::View<T*, typename Space::memory_space>;
  Program const& program_;
  Space space_;
  Buffer flat_;    ///< empty on CPUs
  Buffer packed_;  ///< empty elsewhere
  std::vector<kernels::LinearWeights<Space, T>> weights_;
};

}  // namespace crossjoule::runtime
