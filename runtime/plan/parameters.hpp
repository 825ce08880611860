// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/buffer.hpp"
#include "kernels/complex_linear.hpp"
#include "kernels/linear.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/plan/program.hpp"

#include <span>
#include <vector>

namespace crossjoule::runtime {

/// How a plan's parameters are laid out on a space: packed on CPUs, flat on other devices.
template <class Space, class T>
struct ParameterSizes {
  /// Of one node's weights; nodes that share them have one.
  struct Weights {
    std::int64_t packed = 0, packed_transposed = 0;  ///< numbers
    bool is_packed_on_use = false;                   ///< in the common scratch
    std::int64_t plain = -1;  ///< place of tensors that are read as they are, in a copy
  };
  std::vector<Weights> weights;  ///< by owner's id
  bool in_place = false;
  std::int64_t packed = 0, on_use = 0, plain = 0, flat = 0;  ///< numbers of the four buffers

  ParameterSizes(Program const& program, PlanOptions const& options);
  std::int64_t bytes() const {
    return (packed + on_use + plain + flat) * static_cast<std::int64_t>(sizeof(T));
  }
};

/// All parameters of a program where a space wants them.
template <class Space, class T>
class Parameters {
 public:
  Parameters(Program const& program, PlanOptions const& options);

  /// Take all parameters, in ParamLayout order: copy and pack them, or remember where they are.
  void set(std::span<T const> values);
  /// Weights of a Linear, Conv2d or PatchEmbed step as a task wants them; valid until the next
  /// call.
  kernels::LinearWeights<Space, T> linear(Step const& step, Task task) const;
  /// The same of a ComplexLinear step.
  kernels::ComplexWeights<Space, T> complex(Step const& step, Task task) const;
  /// Tensor k of a step that is read as it is: gain and bias of a norm, a position table.
  kernels::Row<Space, T const> tensor(Step const& step, std::size_t k) const;
  std::int64_t bytes() const { return sizes_.bytes(); }

 private:
  using Buffer = kernels::Buffer<Space, T>;
  using Sizes = ParameterSizes<Space, T>;

  /// Where the flat parameters are: the device's copy, or the caller's.
  T const* flat() const { return kernels::is_host<Space> ? in_place_ : flat_.data(); }
  /// Views of a node's tensors below `flat`, and the packed forms that are kept.
  kernels::LinearWeights<Space, T> linear_at(Step const& step, T const* flat) const;
  kernels::ComplexWeights<Space, T> complex_at(Step const& step, T const* flat) const;
  template <class Weights>
  void point_at_kept(Weights& weights, Step const& step) const;
  template <class Weights>
  Weights ready_for(Weights weights, Step const& step, Task task) const;

  Program const& program_;
  Sizes sizes_;
  Space space_;
  Buffer flat_;    ///< empty on CPUs
  Buffer packed_;  ///< empty elsewhere
  Buffer on_use_;  ///< one weight at a time; empty elsewhere
  Buffer plain_;   ///< tensors that are read as they are; empty elsewhere
  T const* in_place_ = nullptr;
  std::vector<std::int64_t> packed_at_, transposed_at_;  ///< by owner's id
  std::vector<std::size_t> first_users_;                 ///< first steps that use their parameters
};

}  // namespace crossjoule::runtime
