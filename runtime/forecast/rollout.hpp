// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models/graph.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace crossjoule::runtime {

/// Applies a trained network again and again to its own output. What the network reads beyond its
/// own output (orography, the hour of the day) is given anew for every step.
template <class T>
class Rollout {
 public:
  /// An objective is left out, as are further steps of a network trained over several. Error
  /// (bad_input): the output has another grid than the input, or more numbers.
  Rollout(models::Graph const& graph, std::span<T const> parameters, kernels::Device device,
          std::int64_t max_batch);

  /// Numbers of a state: what the network makes, and the first part of what it reads.
  std::int64_t state_size() const { return state_size_; }
  /// Numbers that the network reads beyond a state.
  std::int64_t forcing_size() const { return input_size_ - state_size_; }
  std::int64_t max_batch() const { return max_batch_; }

  /// Replace each of `batch` states by the network's answer to (state, forcing); `forcing` holds
  /// batch x forcing_size(). A state's bits do not depend on the others.
  void advance(std::span<T> states, std::span<T const> forcing, std::int64_t batch);

  std::int64_t workspace_bytes() const { return plan_.workspace_bytes(); }
  std::string describe() const { return plan_.describe(); }

 private:
  std::int64_t state_size_, input_size_, max_batch_;
  Plan<T> plan_;
  std::vector<T> inputs_;
};

extern template class Rollout<float>;
extern template class Rollout<double>;

}  // namespace crossjoule::runtime
