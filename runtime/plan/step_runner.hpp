// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/views.hpp"
#include "runtime/plan/arena.hpp"
#include "runtime/plan/parameters.hpp"
#include "runtime/plan/program.hpp"

#include <span>
#include <vector>

namespace crossjoule::runtime {

/// What Plan needs of a StepRunner, whatever its space.
template <class T>
class Runner {
 public:
  virtual ~Runner() = default;
  virtual void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
                     std::span<T> objective) = 0;
  virtual double loss_and_gradient(std::span<T const> input, std::int64_t batch,
                                   std::span<T> gradient) = 0;
  virtual void activation(models::NodeId node, std::span<T> into) = 0;
  virtual std::int64_t workspace_bytes() const = 0;
};

/// Runs a program one kernel after the other over the whole batch: training on every device, and
/// inference on devices that are no CPU.
template <class Space, class T>
class StepRunner : public Runner<T> {
 public:
  StepRunner(Program const& program, Parameters<Space, T> const& parameters, Purpose purpose,
             std::int64_t max_batch);

  void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
             std::span<T> objective) override;
  double loss_and_gradient(std::span<T const> input, std::int64_t batch,
                           std::span<T> gradient) override;
  void activation(models::NodeId node, std::span<T> into) override;
  std::int64_t workspace_bytes() const override;

 private:
  using Buffer = Kokkos::View<T*, typename Space::memory_space>;
  using HostBuffer = Kokkos::View<T*, Kokkos::HostSpace>;

  void take_input(std::span<T const> input, std::int64_t batch);
  void forward();
  void forward(Step const& step, kernels::LinearWeights<Space, T> const& weights);
  void backward(T* gradient);
  void backward(Step const& step, kernels::LinearWeights<Space, T> const& weights, T* gradient);
  void backward_linear(Step const& step, kernels::LinearWeights<Space, T> const& weights,
                       T* gradient);
  void backward_activation(Step const& step);
  void backward_add(Step const& step);
  void fetch(kernels::Rows<Space, T const> value, std::int64_t samples, std::span<T> into);

  /// A node's value for the samples of this batch: the input, or what a step made.
  kernels::Rows<Space, T const> value(models::NodeId id) const {
    if (id != program_.input) return result(id);
    Value const& v = program_.values[id];
    return kernels::rows_view<Space, T const>(input_data_, batch_ * v.rows, v.columns, v.columns);
  }
  kernels::Rows<Space, T> result(models::NodeId id) const {
    return rows_at(values_.data() + values_arena_.offsets[id], id);
  }
  kernels::Rows<Space, T> gradient_of(models::NodeId id) const {
    return rows_at(gradients_.data() + gradients_arena_.offsets[id], id);
  }
  kernels::Rows<Space, T> rows_at(T* place, models::NodeId id) const {
    Value const& v = program_.values[id];
    return kernels::rows_view<Space, T>(place, batch_ * v.rows, v.columns, strides_[id]);
  }
  kernels::Row<Space, T> objectives() const;

  Program const& program_;
  Parameters<Space, T> const& parameters_;
  Space space_;
  std::int64_t max_batch_, batch_ = 0;
  std::vector<std::int64_t> strides_;
  Arena values_arena_, gradients_arena_;
  Buffer values_, gradients_, objectives_, scratch_;
  Buffer input_, parameter_gradients_;  ///< copies on the device; empty on CPUs
  HostBuffer host_values_;              ///< objectives and fetched values; empty for CPU values
  T const* input_data_ = nullptr;       ///< the batch's rows: the caller's on CPUs
};

}  // namespace crossjoule::runtime
