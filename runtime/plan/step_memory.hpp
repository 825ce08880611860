// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/fourier_grid.hpp"
#include "kernels/kokkos.hpp"
#include "kernels/patch_grid.hpp"
#include "kernels/window_grid.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/program.hpp"
#include "runtime/plan/schedule.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace crossjoule::runtime {

/// The images of a PatchEmbed or PatchRestore step; nothing for others.
std::optional<kernels::PatchGrid> patch_grid(Program const& program, Step const& step);
/// The images and window of a convolution or pooling step; nothing for others.
std::optional<kernels::WindowGrid> window_grid(Program const& program, Step const& step);
/// The grid of a Fourier transform, either way; nothing for others.
std::optional<kernels::FourierGrid> fourier_grid(Program const& program, Step const& step);

/// Everything a StepRunner allocates, known before it does.
template <class Space, class T>
struct StepMemory {
  std::vector<std::int64_t> strides;       ///< of each value's rows, by node id
  std::vector<std::int64_t> input_places;  ///< of the Input nodes, within a sample
  std::int64_t sample = 0;                 ///< numbers of a sample
  Schedule schedule;
  bool splits_samples = false;    ///< several inputs and samples: their values are copied apart
  bool answers_in_place = false;  ///< the answer can be made where the caller wants it: no padding
  // numbers of the buffers beside the schedule's arena
  std::int64_t objectives = 0, scratch = 0, split_inputs = 0, row_weights = 0;
  std::int64_t device_input = 0, device_gradients = 0, host_values = 0;

  StepMemory(Space const& space, Program const& program, PlanOptions const& options);
  /// Of values and their gradients, and of all else, in bytes.
  std::int64_t value_bytes() const { return schedule.size * width; }
  std::int64_t other_bytes() const {
    return (objectives + scratch + split_inputs + row_weights + device_input + device_gradients +
            host_values) *
           width;
  }

 private:
  static constexpr std::int64_t width = sizeof(T);
};

}  // namespace crossjoule::runtime
