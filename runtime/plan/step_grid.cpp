// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/channels.hpp"
#include "kernels/complex_linear.hpp"
#include "kernels/fourier.hpp"
#include "kernels/patches.hpp"
#include "runtime/plan/step_runner.hpp"

namespace crossjoule::runtime {
namespace {

/// Where the channels that are taken begin: a channel is as many rows as the grid has.
std::int64_t first_row_of(models::TakeChannels const& op, Program const& program,
                          Step const& step) {
  return op.first * (program.values[step.result].rows / op.count);
}

}  // namespace

template <class Space, class T>
void StepRunner<Space, T>::forward(models::PatchEmbed const& op, Step const& step) {
  kernels::patch_embed<Space, T>(
      space_, batch_, *patch_grid(program_, step), value(step.inputs[0]),
      parameters_.linear(step, Task::forward),
      op.position ? parameters_.tensor(step, 0) : kernels::Row<Space, T const>(), result(step),
      scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::PatchEmbed const& op, Step const& step, Action const&) {
  kernels::PatchGrid const grid = *patch_grid(program_, step);
  std::size_t const weight = op.position ? 1 : 0;
  kernels::patch_embed_gradient<Space, T>(
      space_, batch_, grid, value(step.inputs[0]), parameters_.linear(step, Task::inputs),
      gradient_of(step.result), parameter_mode(step),
      op.position ? parameter_gradient(step, 0) : Row(),
      kernels::rows_view<Space, T>(parameter_gradient(step, weight).data(), op.out_features,
                                   grid.features(), grid.features()),
      parameter_gradient(step, weight + 1), wanted_gradient(step, 0), mode(step.input_gradients[0]),
      scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::PatchRestore const&, Step const& step) {
  kernels::patch_restore<Space, T>(space_, batch_, *patch_grid(program_, step),
                                   value(step.inputs[0]), result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::PatchRestore const&, Step const& step, Action const&) {
  kernels::patch_restore_gradient<Space, T>(space_, batch_, *patch_grid(program_, step),
                                            gradient_of(step.result), mode(step.input_gradients[0]),
                                            gradient_of(step.inputs[0]));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::JoinChannels const&, Step const& step) {
  std::int64_t first_row = 0;
  for (models::NodeId const id : step.inputs) {
    kernels::join_channels<Space, T>(space_, batch_, value(id), first_row, result(step));
    first_row += program_.values[id].rows;
  }
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::JoinChannels const&, Step const& step, Action const&) {
  std::int64_t first_row = 0;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    InputGradient const& flow = step.input_gradients[i];
    if (flow.is_wanted)
      kernels::take_channels<Space, T>(space_, batch_, gradient_of(step.result), first_row,
                                       mode(flow), gradient_of(step.inputs[i]));
    first_row += program_.values[step.inputs[i]].rows;
  }
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::TakeChannels const& op, Step const& step) {
  kernels::take_channels<Space, T>(space_, batch_, value(step.inputs[0]),
                                   first_row_of(op, program_, step), kernels::Gradient::replace,
                                   result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::TakeChannels const& op, Step const& step,
                                    Action const&) {
  kernels::take_channels_gradient<Space, T>(
      space_, batch_, gradient_of(step.result), first_row_of(op, program_, step),
      mode(step.input_gradients[0]), gradient_of(step.inputs[0]));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::FourierTransform const&, Step const& step) {
  kernels::fourier_transform<Space, T>(space_, tables(step), batch_, value(step.inputs[0]),
                                       result(step), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::FourierTransform const&, Step const& step,
                                    Action const&) {
  kernels::fourier_transform_gradient<Space, T>(
      space_, tables(step), batch_, gradient_of(step.result), mode(step.input_gradients[0]),
      gradient_of(step.inputs[0]), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::InverseFourierTransform const&, Step const& step) {
  kernels::inverse_fourier_transform<Space, T>(space_, tables(step), batch_, value(step.inputs[0]),
                                               result(step), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::InverseFourierTransform const&, Step const& step,
                                    Action const&) {
  kernels::inverse_fourier_transform_gradient<Space, T>(
      space_, tables(step), batch_, gradient_of(step.result), mode(step.input_gradients[0]),
      gradient_of(step.inputs[0]), scratch());
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::ComplexLinear const&, Step const& step) {
  kernels::complex_linear<Space, T>(space_, value(step.inputs[0]),
                                    parameters_.complex(step, Task::forward), step.epilogue,
                                    result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::ComplexLinear const&, Step const& step,
                                    Action const& action) {
  if (action.task == Task::parameters) {
    undo_activation(step);
    kernels::complex_linear_weight_gradient<Space, T>(
        space_, value(step.inputs[0]), gradient_of(step.result),
        parameters_.complex(step, Task::parameters), parameter_mode(step),
        parameter_gradient(step, 0), parameter_gradient(step, 1), scratch());
    return;
  }
  InputGradient const& flow = step.input_gradients[0];
  kernels::complex_linear_input_gradient<Space, T>(
      space_, gradient_of(step.result), parameters_.complex(step, Task::inputs), flow.epilogue,
      operand(flow), mode(flow), gradient_of(step.inputs[0]));
}

#define CROSSJOULE_OP(S, T, Op)                                            \
  template void StepRunner<S, T>::forward(models::Op const&, Step const&); \
  template void StepRunner<S, T>::backward(models::Op const&, Step const&, Action const&);
#define CROSSJOULE_INSTANTIATE(S, T)           \
  CROSSJOULE_OP(S, T, PatchEmbed)              \
  CROSSJOULE_OP(S, T, PatchRestore)            \
  CROSSJOULE_OP(S, T, JoinChannels)            \
  CROSSJOULE_OP(S, T, TakeChannels)            \
  CROSSJOULE_OP(S, T, FourierTransform)        \
  CROSSJOULE_OP(S, T, InverseFourierTransform) \
  CROSSJOULE_OP(S, T, ComplexLinear)
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
