// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/activation.hpp"
#include "kernels/layer_norm.hpp"
#include "kernels/linear.hpp"
#include "runtime/plan/step_runner.hpp"

namespace crossjoule::runtime {

/// Before a product's way back: the derivative of the activation fused with it, in place.
template <class Space, class T>
void StepRunner<Space, T>::undo_activation(Step const& step) {
  if (step.epilogue.kind == kernels::Epilogue::none || step.gradient_is_ready) return;
  Rows const dy = gradient_of(step.result);
  kernels::activate<Space, T>(space_,
                              {kernels::gradient_of(step.epilogue.kind), step.epilogue.alpha}, dy,
                              value(step.result), dy);
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Linear const&, Step const& step) {
  kernels::linear<Space, T>(space_, value(step.inputs[0]), parameters_.linear(step, Task::forward),
                            step.epilogue, result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::Linear const&, Step const& step, Action const& action) {
  models::NodeId const from = step.inputs[0];
  if (action.task == Task::parameters) {
    undo_activation(step);
    std::int64_t const outputs = program_.values[step.result].columns;
    std::int64_t const inputs = program_.values[from].columns;
    kernels::linear_weight_gradient<Space, T>(
        space_, value(from), gradient_of(step.result),
        kernels::rows_view<Space, T>(parameter_gradient(step, 0).data(), outputs, inputs, inputs),
        step.tensors.size() > 1 ? parameter_gradient(step, 1) : Row(), scratch(),
        parameter_mode(step));
    return;
  }
  InputGradient const& flow = step.input_gradients[0];
  kernels::linear_input_gradient<Space, T>(space_, gradient_of(step.result),
                                           parameters_.linear(step, Task::inputs), flow.epilogue,
                                           operand(flow), mode(flow), gradient_of(from));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Activation const&, Step const& step) {
  kernels::activate<Space, T>(space_, step.epilogue, value(step.inputs[0]), {}, result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::Activation const&, Step const& step,
                                    Action const& action) {
  InputGradient const& flow = step.input_gradients[0];
  Rows const dy = gradient_of(step.result), dx = gradient_of(step.inputs[0]);
  kernels::Fused derivative{kernels::gradient_of(step.epilogue.kind), step.epilogue.alpha};
  ConstRows operand;
  if (step.gradient_is_ready)
    derivative = {};
  else
    operand =
        value(kernels::gradient_reads_input(step.epilogue.kind) ? step.inputs[0] : step.result);
  if (!flow.adds) {
    if (step.gradient_is_ready && dx.data() == dy.data()) return;
    return kernels::activate<Space, T>(space_, derivative, dy, operand, dx);
  }
  Rows product = dy;
  if (!step.gradient_is_ready) {
    product = rows_at<T>(arena_.data() + action.spare, step.result);
    kernels::activate<Space, T>(space_, derivative, dy, operand, product);
  }
  kernels::add<Space, T>(space_, dx, product, dx);
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::Add const&, Step const& step) {
  kernels::add<Space, T>(space_, value(step.inputs[0]), value(step.inputs[1]), result(step));
}

/// A term whose gradient lies where that of the sum lies has it already.
template <class Space, class T>
void StepRunner<Space, T>::backward(models::Add const&, Step const& step, Action const&) {
  Rows const dy = gradient_of(step.result);
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    InputGradient const& flow = step.input_gradients[i];
    if (!flow.is_wanted) continue;
    Rows const dx = gradient_of(step.inputs[i]);
    if (flow.adds)
      kernels::add<Space, T>(space_, dx, dy, dx);
    else if (dx.data() != dy.data())
      kernels::activate<Space, T>(space_, {}, dy, {}, dx);
  }
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::LayerNorm const& op, Step const& step) {
  kernels::layer_norm<Space, T>(space_, value(step.inputs[0]), parameters_.tensor(step, 0),
                                parameters_.tensor(step, 1), static_cast<T>(op.epsilon),
                                result(step));
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::LayerNorm const& op, Step const& step, Action const&) {
  kernels::layer_norm_gradient<Space, T>(
      space_, value(step.inputs[0]), parameters_.tensor(step, 0), static_cast<T>(op.epsilon),
      gradient_of(step.result), mode(step.input_gradients[0]), wanted_gradient(step, 0),
      parameter_mode(step), parameter_gradient(step, 0), parameter_gradient(step, 1), scratch());
}

#define CROSSJOULE_OP(S, T, Op)                                            \
  template void StepRunner<S, T>::forward(models::Op const&, Step const&); \
  template void StepRunner<S, T>::backward(models::Op const&, Step const&, Action const&);
#define CROSSJOULE_INSTANTIATE(S, T)                            \
  template void StepRunner<S, T>::undo_activation(Step const&); \
  CROSSJOULE_OP(S, T, Linear)                                   \
  CROSSJOULE_OP(S, T, Activation)                               \
  CROSSJOULE_OP(S, T, Add)                                      \
  CROSSJOULE_OP(S, T, LayerNorm)
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
