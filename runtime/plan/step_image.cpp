// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/convolution.hpp"
#include "kernels/pooling.hpp"
#include "kernels/row_functions.hpp"
#include "runtime/plan/step_runner.hpp"

namespace crossjoule::runtime {

template <class Space, class T>
void StepRunner<Space, T>::forward(models::BatchNorm const&, Step const& step) {
  kernels::batch_norm<Space, T>(space_, value(step.inputs[0]), parameters_.tensor(step, 0),
                                parameters_.tensor(step, 1), result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::BatchNorm const&, Step const& step, Action const&) {
  kernels::batch_norm_gradient<Space, T>(space_, value(step.inputs[0]), parameters_.tensor(step, 0),
                                         gradient_of(step.result), mode(step.input_gradients[0]),
                                         wanted_gradient(step, 0), parameter_mode(step),
                                         parameter_gradient(step, 0), parameter_gradient(step, 1));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Conv2d const&, Step const& step) {
  kernels::conv2d<Space, T>(space_, batch_, *window_grid(program_, step), value(step.inputs[0]),
                            parameters_.linear(step, Task::forward), result(step), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::Conv2d const& op, Step const& step, Action const&) {
  kernels::WindowGrid const grid = *window_grid(program_, step);
  kernels::conv2d_gradient<Space, T>(
      space_, batch_, grid, value(step.inputs[0]), parameters_.linear(step, Task::inputs),
      gradient_of(step.result), parameter_mode(step),
      kernels::rows_view<Space, T>(parameter_gradient(step, 0).data(), op.out_features, grid.taps(),
                                   grid.taps()),
      op.bias ? parameter_gradient(step, 1) : Row(), mode(step.input_gradients[0]),
      wanted_gradient(step, 0), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Pool2d const& op, Step const& step) {
  kernels::WindowGrid const grid = *window_grid(program_, step);
  if (op.kind == models::PoolKind::max)
    kernels::max_pool<Space, T>(space_, grid, value(step.inputs[0]), result(step));
  else
    kernels::average_pool<Space, T>(space_, grid, value(step.inputs[0]), result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::Pool2d const& op, Step const& step, Action const&) {
  kernels::WindowGrid const grid = *window_grid(program_, step);
  Rows const dy = gradient_of(step.result), dx = gradient_of(step.inputs[0]);
  kernels::Gradient const how = mode(step.input_gradients[0]);
  if (op.kind == models::PoolKind::max)
    kernels::max_pool_gradient<Space, T>(space_, batch_, grid, value(step.inputs[0]), dy, how, dx);
  else
    kernels::average_pool_gradient<Space, T>(space_, batch_, grid, dy, how, dx);
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::GlobalAveragePool const&, Step const& step) {
  kernels::average_pool<Space, T>(space_, *window_grid(program_, step), value(step.inputs[0]),
                                  result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::GlobalAveragePool const&, Step const& step,
                                    Action const&) {
  kernels::average_pool_gradient<Space, T>(space_, batch_, *window_grid(program_, step),
                                           gradient_of(step.result), mode(step.input_gradients[0]),
                                           gradient_of(step.inputs[0]));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Flatten const&, Step const& step) {
  kernels::flatten<Space, T>(space_, value(step.inputs[0]), result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::Flatten const&, Step const& step, Action const&) {
  kernels::flatten_gradient<Space, T>(space_, gradient_of(step.result),
                                      mode(step.input_gradients[0]), gradient_of(step.inputs[0]));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::LogCoshSum const&, Step const& step) {
  kernels::log_cosh_sum<Space, T>(space_, value(step.inputs[0]), result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::LogCoshSum const&, Step const& step, Action const&) {
  kernels::log_cosh_sum_gradient<Space, T>(space_, value(step.inputs[0]), gradient_of(step.result),
                                           mode(step.input_gradients[0]),
                                           gradient_of(step.inputs[0]));
}

#define CROSSJOULE_OP(S, T, Op)                                            \
  template void StepRunner<S, T>::forward(models::Op const&, Step const&); \
  template void StepRunner<S, T>::backward(models::Op const&, Step const&, Action const&);
#define CROSSJOULE_INSTANTIATE(S, T)     \
  CROSSJOULE_OP(S, T, BatchNorm)         \
  CROSSJOULE_OP(S, T, Conv2d)            \
  CROSSJOULE_OP(S, T, Pool2d)            \
  CROSSJOULE_OP(S, T, GlobalAveragePool) \
  CROSSJOULE_OP(S, T, Flatten)           \
  CROSSJOULE_OP(S, T, LogCoshSum)
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
