// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/buffer.hpp"
#include "kernels/fourier.hpp"
#include "kernels/gradient.hpp"
#include "kernels/objectives.hpp"
#include "kernels/views.hpp"
#include "runtime/plan/parameters.hpp"
#include "runtime/plan/program.hpp"
#include "runtime/plan/step_memory.hpp"

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
  virtual void gradient(models::NodeId node, std::span<T> into) = 0;
  virtual std::int64_t workspace_bytes() const = 0;
};

/// Runs a program one kernel after the other over the whole batch: training on every device, and
/// inference of what no TileRunner can take. Forward and backward of each family of operations have
/// a file of their own: step_dense.cpp, step_grid.cpp, step_image.cpp, step_objectives.cpp.
template <class Space, class T>
class StepRunner : public Runner<T> {
 public:
  StepRunner(Program const& program, Parameters<Space, T> const& parameters,
             PlanOptions const& options);

  void infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
             std::span<T> objective) override;
  double loss_and_gradient(std::span<T const> input, std::int64_t batch,
                           std::span<T> gradient) override;
  void activation(models::NodeId node, std::span<T> into) override;
  void gradient(models::NodeId node, std::span<T> into) override;
  std::int64_t workspace_bytes() const override;

 private:
  using Buffer = kernels::Buffer<Space, T>;
  using Rows = kernels::Rows<Space, T>;
  using ConstRows = kernels::Rows<Space, T const>;
  using Row = kernels::Row<Space, T>;

  void take_input(std::span<T const> input, std::int64_t batch);
  void run(Action const& action);
  void fetch(ConstRows value, std::int64_t rows, std::span<T> into);

  // One pair for each operation; the way back takes `task` as Program::is_product says.
  void forward(models::Input const&, Step const&) {}
  void forward(models::Linear const&, Step const& step);
  void forward(models::Activation const&, Step const& step);
  void forward(models::Add const&, Step const& step);
  void forward(models::LayerNorm const& op, Step const& step);
  void forward(models::PatchEmbed const& op, Step const& step);
  void forward(models::PatchRestore const&, Step const& step);
  void forward(models::JoinChannels const&, Step const& step);
  void forward(models::TakeChannels const& op, Step const& step);
  void forward(models::FourierTransform const&, Step const& step);
  void forward(models::InverseFourierTransform const&, Step const& step);
  void forward(models::ComplexLinear const&, Step const& step);
  void forward(models::SquaredDistance const& op, Step const& step);
  void forward(models::MeanSquaredError const&, Step const& step);
  void forward(models::RelativeError const&, Step const& step);
  void forward(models::BatchNorm const&, Step const& step);
  void forward(models::Conv2d const&, Step const& step);
  void forward(models::Pool2d const& op, Step const& step);
  void forward(models::GlobalAveragePool const&, Step const& step);
  void forward(models::Flatten const&, Step const& step);
  void forward(models::LogCoshSum const&, Step const& step);

  void backward(models::Input const&, Step const&, Action const&) {}
  void backward(models::Linear const&, Step const& step, Action const& action);
  void backward(models::Activation const&, Step const& step, Action const& action);
  void backward(models::Add const&, Step const& step, Action const& action);
  void backward(models::LayerNorm const& op, Step const& step, Action const& action);
  void backward(models::PatchEmbed const& op, Step const& step, Action const& action);
  void backward(models::PatchRestore const&, Step const& step, Action const& action);
  void backward(models::JoinChannels const&, Step const& step, Action const& action);
  void backward(models::TakeChannels const& op, Step const& step, Action const& action);
  void backward(models::FourierTransform const&, Step const& step, Action const& action);
  void backward(models::InverseFourierTransform const&, Step const& step, Action const& action);
  void backward(models::ComplexLinear const&, Step const& step, Action const& action);
  void backward(models::SquaredDistance const& op, Step const& step, Action const& action);
  void backward(models::MeanSquaredError const&, Step const& step, Action const& action);
  void backward(models::RelativeError const&, Step const& step, Action const& action);
  void backward(models::BatchNorm const&, Step const& step, Action const& action);
  void backward(models::Conv2d const&, Step const& step, Action const& action);
  void backward(models::Pool2d const& op, Step const& step, Action const& action);
  void backward(models::GlobalAveragePool const&, Step const& step, Action const& action);
  void backward(models::Flatten const&, Step const& step, Action const& action);
  void backward(models::LogCoshSum const&, Step const& step, Action const& action);

  /// A node's value for the samples of this batch, where the last action that made it put it.
  ConstRows value(models::NodeId id) const { return rows_at<T const>(places_[id], id); }
  Rows result(Step const& step) const {
    return rows_at<T>(const_cast<T*>(places_[step.result]), step.result);
  }
  bool has_gradient(models::NodeId id) const { return memory_.schedule.gradients[id] >= 0; }
  Rows gradient_of(models::NodeId id) const {
    return rows_at<T>(arena_.data() + memory_.schedule.gradients[id], id);
  }
  template <class Number>
  kernels::Rows<Space, Number> rows_at(Number* place, models::NodeId id) const {
    Value const& v = program_.values[id];
    return kernels::rows_view<Space, Number>(place, batch_ * v.rows, v.columns,
                                             memory_.strides[id]);
  }
  /// The objectives of this batch, one number a sample.
  Row objectives() const { return kernels::row_view<Space, T>(objectives_.data(), batch_); }
  Row scratch() const {
    return kernels::row_view<Space, T>(scratch_.data(), static_cast<std::int64_t>(scratch_.size()));
  }
  /// The gradient of tensor k of a step's parameters, and whether to replace or to add to it.
  Row parameter_gradient(Step const& step, std::size_t k) const {
    return kernels::row_view<Space, T>(gradients_ + step.tensors[k].offset, step.tensors[k].size);
  }
  kernels::Gradient parameter_mode(Step const& step) const {
    return step.adds_to_parameters ? kernels::Gradient::add : kernels::Gradient::replace;
  }
  static kernels::Gradient mode(InputGradient const& flow) {
    return flow.adds ? kernels::Gradient::add : kernels::Gradient::replace;
  }
  /// The gradient of an input, or an empty view where nobody wants it.
  Rows wanted_gradient(Step const& step, std::size_t k) const {
    return step.input_gradients[k].is_wanted ? gradient_of(step.inputs[k]) : Rows();
  }
  /// The operand of the derivative that rides on a product.
  ConstRows operand(InputGradient const& flow) const {
    return flow.operand >= 0 ? value(flow.operand) : ConstRows();
  }
  kernels::FourierTables<Space, T> const& tables(Step const& step) const {
    return tables_[static_cast<std::size_t>(table_of_[step.node])];
  }
  kernels::RowWeights<Space, T> weights_of_pair(Step const& step, std::size_t pair) const;
  void undo_activation(Step const& step);
  void clear_unwritten(T* gradient) const;

  Program const& program_;
  Parameters<Space, T> const& parameters_;
  Space space_;
  std::int64_t max_batch_, batch_ = 0;
  bool keeps_everything_;
  StepMemory<Space, T> memory_;
  Buffer arena_, objectives_, scratch_, split_inputs_;
  Buffer input_, parameter_gradients_;  ///< copies on the device; empty on CPUs
  Buffer row_weights_;                  ///< of RelativeError, one pair after the other
  kernels::Buffer<kernels::HostSpace, T>
      host_values_;  ///< objectives and fetched values; empty for CPU values
  std::vector<kernels::FourierTables<Space, T>> tables_;  ///< one for each grid
  std::vector<int> table_of_;                             ///< by node; -1: none
  std::vector<TensorPlace> unwritten_;  ///< of the flat gradient: padding, unused parameters
  std::vector<T const*> places_;        ///< of the values, by node
  T* gradients_ = nullptr;              ///< of the parameters, while a step runs
  T* answer_ = nullptr;                 ///< where the caller wants the answer; null: in the arena
};

}  // namespace crossjoule::runtime
